/**
 * How far a step moves a parameter: a copy of what it was, and the sums of squares of the change and of what it was before.
 *
 * @module
 */
import {
  inLanes,
  type Kernel,
  type Lanes,
  lanesName,
  linearGrid,
  mainHead,
  piecewise,
  reads,
  writes,
} from "./kernel.ts";
import { magnitude } from "./non_finite.ts";

/** Words that {@linkcode changeSums} gives for each group of elements. */
export const CHANGE_WORDS = 4;

/** Invocations of a group, and elements or fours that each of them takes. */
const GROUP = 64, EACH = 64;

/** Elements or fours of a group of {@linkcode changeSums}. */
export const CHANGE_GROUP: number = GROUP * EACH;

/** Bits of an infinity: magnitudes from here on are not finite. */
const NOT_FINITE = 0x7f800000;

/**
 * `out[i] = x[i]`.
 *
 * @param lanes 4 for whole fours.
 * @returns The kernel; parameters: `n` elements or fours.
 */
export function copy(lanes: Lanes): Kernel<"x" | "out", "n"> {
  return piecewise({
    name: `copy${lanesName(lanes)}`,
    bindings: [inLanes(reads("x"), lanes), inLanes(writes("out"), lanes)],
    each: ["x", "out"],
    pieces: 8,
    statement: "  out[at] = x[at];",
  });
}

/**
 * How many groups {@linkcode changeSums} makes of elements.
 *
 * @param n Elements or fours.
 */
export function changeGroups(n: number): number {
  return Math.ceil(n / CHANGE_GROUP);
}

/**
 * For each group of 4096 elements or fours, four words in `log`, of which entry `cursor[0]` begins at `cursor[0] · stride`, at its word
 * `at + 4 · group`: the bits of the largest magnitude of after - before, and of before; and behind each, as float32, the sum of squares
 * of elements times the power of two that takes the largest one to between 1 and 2. So no square is too large or too small, whatever the
 * scale of the numbers (J. L. Blue, 1978, scales by ranges for the same end). Where `after` is not finite the change is not either.
 *
 * Added in a fixed order: each of 64 invocations every 64th element, then the invocations' sums one after the other. 132 additions at most
 * of rounded squares: a sum is off by less than a relative 2^-15.
 *
 * @param lanes 4 for whole fours.
 * @returns The kernel; parameters: `n` elements or fours, `stride` words of an entry, `at` which of them is the first.
 */
export function changeSums(
  lanes: Lanes,
): Kernel<"before" | "after" | "cursor" | "log", "n" | "stride" | "at"> {
  const [element, words] = lanes === 4 ? ["vec4<f32>", "vec4<u32>"] : ["f32", "u32"];
  const square = lanes === 4 ? "dot(x, x)" : "x * x";
  return {
    name: `change_sums${lanesName(lanes)}`,
    bindings: [
      inLanes(reads("before"), lanes),
      inLanes(reads("after"), lanes),
      reads("cursor", "u32"),
      writes("log", "u32"),
    ],
    params: { n: "u32", stride: "u32", at: "u32" },
    body: `
var<workgroup> largest: array<vec2<u32>, ${GROUP}>;
var<workgroup> sums: array<vec2<f32>, ${GROUP}>;

/// The bits of how far an element moved; those of an infinity where it is none any more, since no difference of NaNs can be relied on.
fn moved(i: u32) -> ${words} {
  let now = ${magnitude("after[i]", lanes)};
  return select(${
      magnitude("after[i] - before[i]", lanes)
    }, ${words}(${NOT_FINITE}u), now >= ${words}(${NOT_FINITE}u));
}

fn largest_of(v: ${words}) -> u32 { return ${lanes === 4 ? "max(max(v.x, v.y), max(v.z, v.w))" : "v"}; }

fn square(x: ${element}) -> f32 { return ${square}; }

/// The power of two, itself a normal number, that takes a number with these bits to between 1 and 2, or near there.
fn scale_of(bits: u32) -> f32 {
  return bitcast<f32>(u32(clamp(254 - i32(bits >> 23u), 1, 253)) << 23u);
}

${mainHead(GROUP, "at")}
  let first = at * ${CHANGE_GROUP}u;
  if (first >= p.n) { return; }
  let end = min(first + ${CHANGE_GROUP}u, p.n);
  var most = vec2<u32>();
  for (var i = first + lane; i < end; i += ${GROUP}u) {
    most = max(most, vec2<u32>(largest_of(moved(i)), largest_of(${magnitude("before[i]", lanes)})));
  }
  largest[lane] = most;
  workgroupBarrier();
  for (var l = 0u; l < ${GROUP}u; l++) { most = max(most, largest[l]); }
  let scale = vec2<f32>(scale_of(most.x), scale_of(most.y));
  var sum = vec2<f32>();
  for (var i = first + lane; i < end; i += ${GROUP}u) {
    sum += vec2<f32>(square((after[i] - before[i]) * scale.x), square(before[i] * scale.y));
  }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane != 0u) { return; }
  for (var l = 1u; l < ${GROUP}u; l++) { sum += sums[l]; }
  let to = cursor[0] * p.stride + p.at + ${CHANGE_WORDS}u * at;
  log[to] = most.x;
  log[to + 1u] = bitcast<u32>(sum.x);
  log[to + 2u] = most.y;
  log[to + 3u] = bitcast<u32>(sum.y);
}`,
    workgroups: ({ n }) => linearGrid(changeGroups(n)),
  };
}

/** What a step did to a parameter. */
export interface Change {
  /** sqrt(Σ (after - before)²); NaN where something is not finite. */
  readonly change: number;
  /** sqrt(Σ before²); NaN where something is not finite. */
  readonly size: number;
}

/**
 * The norms that the words of {@linkcode changeSums} stand for, added in float64.
 *
 * @param words Those of all groups of a parameter.
 */
export function changeOf(words: Uint32Array<ArrayBuffer>): Change {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  let change = 0, size = 0;
  for (let at = 0; at < words.length; at += CHANGE_WORDS) {
    change += squares(words[at], floats[at + 1]);
    size += squares(words[at + 2], floats[at + 3]);
  }
  return { change: Math.sqrt(change), size: Math.sqrt(size) };
}

function squares(largest: number, sum: number): number {
  const exponent = Math.min(Math.max(127 - (largest >>> 23), -126), 126);
  return largest >= NOT_FINITE ? NaN : sum * 4 ** -exponent;
}
