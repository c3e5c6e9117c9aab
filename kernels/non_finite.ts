/**
 * Where NaN and the infinities first appear, found while the numbers stay on the device.
 *
 * @module
 */
import {
  type Binding,
  ELEMENTWISE_WORKGROUP,
  inLanes,
  type Kernel,
  type Lanes,
  lanesName,
  linearGrid,
  reads,
} from "./kernel.ts";

/** Elements that one invocation looks at. */
const EACH = 8;

/** What a look leaves behind at step 0: less with every step, so that the largest is the first. */
const FIRST = 0xffffffff;

/** Where a look leaves what it has seen. */
export const SEEN: Binding<"seen"> = { name: "seen", type: "u32", access: "read_write", atomic: true };

/**
 * WGSL: `magnitude(x)`, the bits without the sign; and `largest_of`, the largest of them. By its bits, since WGSL may assume that
 * neither NaN nor an infinity exists.
 *
 * @param lanes Of x.
 */
export function largestBits(lanes: Lanes): string {
  const [element, words] = lanes === 4 ? ["vec4<f32>", "vec4<u32>"] : ["f32", "u32"];
  return `
fn magnitude(x: ${element}) -> ${words} { return bitcast<${words}>(x) & ${words}(0x7fffffffu); }
fn largest_of(v: ${words}) -> u32 { return ${lanes === 4 ? "max(max(v.x, v.y), max(v.z, v.w))" : "v"}; }`;
}

/**
 * WGSL: `seen[slot] = max(seen[slot], 2^32 - 1 - cursor[0])` where `largest`, magnitudes, holds NaN or an infinity.
 *
 * @param slot Which slot, as WGSL.
 */
export function noteIfNotFinite(slot: string): string {
  return `  if (largest_of(largest) >= 0x7f800000u) { atomicMax(&seen[${slot}], ${FIRST}u - cursor[0]); }`;
}

/** Buffers that one look can have: WebGPU grants eight, and two are the cursor and the slots. */
export const MOST_LOOKED_AT = 6;

/** The buffers of a look, in order. */
export type LookedAt = "x0" | "x1" | "x2" | "x3" | "x4" | "x5";

/** Their lengths: elements, whole fours of them unless lanes is 1. */
export type LookedAtLength = "n0" | "n1" | "n2" | "n3" | "n4" | "n5";

/**
 * For each buffer `x0`, `x1`, …: `seen[slot + j] = max(seen[slot + j], 2^32 - 1 - cursor[0])` where an element of `xj` is NaN or
 * infinite. `cursor[0]` is the number of the step, below 2^32 - 1; a slot that holds 0 has seen none.
 *
 * Parameters: `n0`, `n1`, … elements, each 1 or more, `slot`.
 *
 * @param count Number of buffers, 1 to {@linkcode MOST_LOOKED_AT}: one dispatch for all of them.
 * @param lanes 4 for whole fours in every buffer, in less than half the time of 1.
 */
export function noteNonFinite(
  count: number,
  lanes: Lanes,
): Kernel<LookedAt | "cursor" | "seen", LookedAtLength | "slot"> {
  const all = Array.from({ length: count }, (_, j) => j), each = ELEMENTWISE_WORKGROUP * EACH;
  return {
    name: `note_non_finite_${count}${lanesName(lanes)}`,
    bindings: [
      ...all.map((j) => inLanes(reads(`x${j}` as LookedAt), lanes)),
      reads("cursor", "u32"),
      SEEN,
    ],
    params: Object.fromEntries([...all.map((j) => [`n${j}`, "u32"]), ["slot", "u32"]]) as Record<
      LookedAtLength | "slot",
      "u32"
    >,
    body: `
${largestBits(lanes)}
${all.map((j) => lookFunction(j, lanes)).join("\n")}

@compute @workgroup_size(${ELEMENTWISE_WORKGROUP})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  var at = group.y * groups.x + group.x;
  var taken = 0u;
${
      all.map((j) => `
  taken = (p.n${j} / ${lanes}u + ${each - 1}u) / ${each}u;
  if (at < taken) { look${j}(at * ${each}u + lane); return; }
  at -= taken;`).join("")
    }
}`,
    workgroups: (params) =>
      linearGrid(
        all.reduce((sum, j) => sum + Math.ceil(params[`n${j}` as LookedAtLength] / (each * lanes)), 0),
      ),
  };
}

/** WGSL: what one invocation does in buffer j. Past the end the last element is looked at once more, without a branch. */
function lookFunction(j: number, lanes: Lanes): string {
  const looks = Array.from({ length: EACH }, (_, e) => {
    return `  largest = max(largest, magnitude(x${j}[min(first + ${e * ELEMENTWISE_WORKGROUP}u, last)]));`;
  });
  return `
fn look${j}(first: u32) {
  let last = p.n${j} / ${lanes}u - 1u;
  var largest = magnitude(x${j}[min(first, last)]);
${looks.slice(1).join("\n")}
${noteIfNotFinite(`p.slot + ${j}u`)}
}`;
}

/**
 * The step at which a slot of {@linkcode noteNonFinite} saw its first.
 *
 * @param seen The slot's content.
 * @returns The number of the step; `undefined` where there was none.
 */
export function firstNonFiniteStep(seen: number): number | undefined {
  return seen === 0 ? undefined : FIRST - seen;
}
