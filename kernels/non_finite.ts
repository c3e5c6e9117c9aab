/**
 * Where NaN and the infinities first appear, found while the numbers stay on the device.
 *
 * @module
 */
import { image, IMAGE_AT } from "./image.ts";
import { type Binding, inLanes, type Kernel, type Lanes, linearGrid, reads } from "./kernel.ts";

/** Invocations in a workgroup: one takes one buffer alone, and a short buffer leaves most of a large one idle. */
const WORKGROUP = 64;

/** Elements that one invocation looks at. */
const EACH = 8;

/** What a look leaves behind at step 0: less with every step, so that the largest is the first. */
const FIRST = 0xffffffff;

/** Where a look leaves what it has seen. */
export const SEEN: Binding<"seen"> = { name: "seen", type: "u32", access: "read_write", atomic: true };

/** The type of as many words, in WGSL. */
export const wordsText = (lanes: Lanes): string => lanes === 4 ? "vec4<u32>" : "u32";

/**
 * WGSL: the bits of a number or a four without the sign. By its bits, since WGSL may assume that neither NaN nor an infinity exists.
 *
 * @param x The number or four.
 * @param lanes Of x.
 */
export function magnitude(x: string, lanes: Lanes): string {
  const words = wordsText(lanes);
  return `(bitcast<${words}>(${x}) & ${words}(0x7fffffffu))`;
}

/**
 * WGSL: `seen[slot] = max(seen[slot], 2^32 - 1 - cursor[0])` where `largest`, magnitudes, holds NaN or an infinity.
 *
 * @param slot Which slot, as WGSL.
 * @param lanes Of `largest`.
 */
export function noteIfNotFinite(slot: string, lanes: Lanes): string {
  return `  if (any(largest >= ${
    wordsText(lanes)
  }(0x7f800000u))) { atomicMax(&seen[${slot}], ${FIRST}u - cursor[0]); }`;
}

/** Buffers that one look can have: WebGPU grants eight, and two are the cursor and the slots. */
export const MOST_LOOKED_AT = 6;

/** Images that one look can have: WebGPU grants four. */
export const MOST_IMAGES_LOOKED_AT = 4;

/** How a look reads one of its buffers: by ones, by whole fours, or as an image, which is a whole number of fours too. */
export type LookedAtAs = Lanes | "image";

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
 * @param how How each is read, 1 to {@linkcode MOST_LOOKED_AT} of them in one dispatch, {@linkcode MOST_IMAGES_LOOKED_AT} of those images.
 *   Fours take less than half the time of ones, and images four fifths of theirs on Mesa's software driver.
 */
export function noteNonFinite(
  how: readonly LookedAtAs[],
): Kernel<LookedAt | "cursor" | "seen", LookedAtLength | "slot"> {
  const each = WORKGROUP * EACH, lengths = how.map((_, j) => `n${j}` as LookedAtLength);
  const lanes = how.map((one) => one === 1 ? 1 : 4);
  return {
    name: `note_non_finite_${how.join("_")}`,
    bindings: [
      ...how.map((one, j) => {
        const name = `x${j}` as LookedAt;
        return one === "image" ? image(name, "read") : inLanes(reads(name), one);
      }),
      reads("cursor", "u32"),
      SEEN,
    ],
    params: Object.fromEntries([...lengths, "slot"].map((name) => [name, "u32"])) as Record<
      LookedAtLength | "slot",
      "u32"
    >,
    body: `
${how.includes("image") ? IMAGE_AT : ""}
${how.map(lookFunction).join("\n")}

@compute @workgroup_size(${WORKGROUP})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  var at = group.y * groups.x + group.x;
  var taken = 0u;
${
      lengths.map((n, j) => `
  taken = (p.${n} / ${lanes[j]}u + ${each - 1}u) / ${each}u;
  if (at < taken) { look${j}(at * ${each}u + lane); return; }
  at -= taken;`).join("")
    }
}`,
    workgroups: (params) =>
      linearGrid(lengths.reduce((sum, n, j) => sum + Math.ceil(params[n] / (each * lanes[j])), 0)),
  };
}

/** WGSL: what one invocation does in buffer j. Past the end the last element is looked at once more, without a branch. */
function lookFunction(how: LookedAtAs, j: number): string {
  const lanes = how === 1 ? 1 : 4;
  const looks = Array.from({ length: EACH }, (_, e) => {
    const at = `min(first + ${e * WORKGROUP}u, last)`;
    const x = how === "image" ? `textureLoad(x${j}, image_at(${at}))` : `x${j}[${at}]`;
    return `  largest = max(largest, ${magnitude(x, lanes)});`;
  });
  return `
fn look${j}(first: u32) {
  let last = p.n${j} / ${lanes}u - 1u;
  var largest = ${wordsText(lanes)}();
${looks.join("\n")}
${noteIfNotFinite(`p.slot + ${j}u`, lanes)}
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
