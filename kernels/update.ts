/**
 * Kernels that change parameters in place, and look out for NaN and infinities while the new numbers are at hand: a look of its own
 * would read every parameter once more.
 *
 * @module
 */
import {
  type Binding,
  ELEMENTWISE_WORKGROUP,
  type Kernel,
  type Lanes,
  lanesName,
  linearGrid,
  type ParamType,
  reads,
} from "./kernel.ts";
import { largestBits, noteIfNotFinite, SEEN } from "./non_finite.ts";

/** What {@linkcode update} builds a kernel from. */
export interface UpdateSpec<B extends string, P extends string> {
  /** The kernel's name, without its variants. */
  name: string;
  /** Its buffers, as so many lanes. */
  bindings: readonly Binding<B>[];
  /** Its parameters beside `n`. */
  params: Readonly<Record<P, ParamType>>;
  /** What is done to the elements or fours at `i`; `next` is what becomes of the parameter. */
  statement: string;
}

/** Buffers that a kernel has beside its own where it looks out for what is not finite. */
export type Looking<L extends boolean> = L extends true ? "cursor" | "seen" : never;

/** Pieces an invocation, a workgroup's width apart: a look costs as much as a piece, and is one for all of them. */
const PIECES = 4;

/**
 * A kernel of `n` elements or fours, changed in place.
 *
 * Looking, it has the buffers `cursor` and `seen` and the parameter `slot` of `noteNonFinite` as well, and does what that does for
 * every `next`. It changes no bit of the result.
 *
 * @param spec Name, buffers, parameters and the statement for one index.
 * @param lanes 4 for whole fours.
 * @param looking Whether it looks out for NaN and infinities.
 */
export function update<B extends string, P extends string, L extends boolean>(
  { name, bindings, params, statement }: UpdateSpec<B, P>,
  lanes: Lanes,
  looking: L,
): Kernel<B | Looking<L>, "n" | P | (L extends true ? "slot" : never)> {
  const size = ELEMENTWISE_WORKGROUP, element = lanes === 4 ? "vec4<f32>" : "f32";
  const cursor = bindings.some((binding) => binding.name === "cursor") ? [] : [reads("cursor", "u32")];
  const pieces = Array.from({ length: PIECES }, (_, j) => {
    const piece = `piece(first + ${j * size}u)`;
    return looking ? `  largest = max(largest, magnitude(${piece}));` : `  _ = ${piece};`;
  });
  return {
    name: `${name}${lanesName(lanes)}${looking ? "_looking" : ""}`,
    bindings: [...bindings, ...looking ? [...cursor, SEEN] : []] as Binding<B | Looking<L>>[],
    params: { n: "u32", ...params, ...looking ? { slot: "u32" } : {} } as Record<
      "n" | P | (L extends true ? "slot" : never),
      ParamType
    >,
    body: `
${largestBits(lanes)}
fn piece(i: u32) -> ${element} {
  if (i >= p.n) { return ${element}(); }
${statement}
  return next;
}

@compute @workgroup_size(${size})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = (group.y * groups.x + group.x) * ${size * PIECES}u + lane;
${looking ? `  var largest = magnitude(${element}());` : ""}
${pieces.join("\n")}
${looking ? noteIfNotFinite("p.slot") : ""}
}`,
    workgroups: ({ n }) => linearGrid(Math.ceil(n / (size * PIECES))),
  };
}
