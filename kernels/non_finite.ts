/**
 * Where NaN and the infinities first appear, found while the numbers stay on the device.
 *
 * @module
 */
import {
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

/**
 * `seen[slot] = max(seen[slot], 2^32 - 1 - cursor[0])` where an element of `x` is NaN or infinite: by its bits, since WGSL may assume
 * that neither exists. `cursor[0]` is the number of the step, below 2^32 - 1; a slot that holds 0 has seen none.
 *
 * Parameters: `n` elements, `slot`.
 *
 * @param lanes 4 for a whole number of fours, in less than half the time of 1.
 */
export function noteNonFinite(lanes: Lanes): Kernel<"x" | "cursor" | "seen", "n" | "slot"> {
  const words = lanes === 4 ? "vec4<u32>" : "u32";
  // Past the end the last element is looked at once more: without a branch.
  const looks = Array.from({ length: EACH }, (_, j) => {
    const at = `min(first + ${j * ELEMENTWISE_WORKGROUP}u, last)`;
    return `  largest = max(largest, bitcast<${words}>(x[${at}]) & ${words}(0x7fffffffu));`;
  });
  return {
    name: `note_non_finite${lanesName(lanes)}`,
    bindings: [
      inLanes(reads("x"), lanes),
      reads("cursor", "u32"),
      { name: "seen", type: "u32", access: "read_write", atomic: true },
    ],
    params: { n: "u32", slot: "u32" },
    body: `
fn max_of(v: ${words}) -> u32 { return ${lanes === 4 ? "max(max(v.x, v.y), max(v.z, v.w))" : "v"}; }

@compute @workgroup_size(${ELEMENTWISE_WORKGROUP})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = (group.y * groups.x + group.x) * ${ELEMENTWISE_WORKGROUP * EACH}u + lane;
  let last = p.n / ${lanes}u - 1u;
  var largest = ${words}(0u);
${looks.join("\n")}
  if (max_of(largest) >= 0x7f800000u) { atomicMax(&seen[p.slot], ${FIRST}u - cursor[0]); }
}`,
    workgroups: ({ n }) => linearGrid(Math.ceil(n / (ELEMENTWISE_WORKGROUP * EACH * lanes))),
  };
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
