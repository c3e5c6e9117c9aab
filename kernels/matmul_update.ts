/**
 * The gradient of a layer's weights and the optimiser's step in one kernel: the gradient is changed into the step while it is at hand.
 *
 * The variant for Mesa's software driver, where the old weights lie in an image already, for the passes forward and backward. The bits
 * are those of `matmulImage` in the form `tn` followed by `update`.
 *
 * @module
 */
import { image, IMAGE_AT } from "./image.ts";
import { type Binding, inLanes, type Kernel, type ParamType, writes } from "./kernel.ts";
import { IMAGE_TILE, imageProduct } from "./matmul_image.ts";
import { type MatmulTile, tileGrid, tileName } from "./matmul_tile.ts";
import { type Looking, type LookingAt, type LookSource, lookSource } from "./non_finite.ts";
import { changedFunction, ruleBindings, type UpdateRule } from "./update.ts";

/** Buffers of {@linkcode matmulUpdate} beside the rule's. */
export type MatmulUpdateBuffer = "a" | "b" | "old" | "gradient" | "weight";

/**
 * `gradient = Aᵀ·B`, and `weight` changed with it by a rule.
 *
 * Parameters: `m` rows and `n` columns of the weight, n a multiple of four; `k` terms of each sum; those of the rule, and `slot` where
 * it looks. Images: `a` [k, m], `b` [k, n], and `old` [m, n], the weight as it is before the step. Buffers: `gradient` and `weight` [m, n];
 * the rule's, and `cursor` and `seen` where it looks: see `update`.
 *
 * @param rule How the weight changes.
 * @param looking Whether it looks out for NaN and infinities.
 * @param tile How the work is cut; changes no bit of the result.
 * @param k4 Whether the terms of each sum are a multiple of four, 4 or more: the kernel has no text for others then.
 * @returns The kernel.
 */
export function matmulUpdate<B extends string, P extends string, L extends boolean>(
  rule: UpdateRule<B, P>,
  looking: L,
  tile: MatmulTile = IMAGE_TILE,
  k4 = false,
): Kernel<MatmulUpdateBuffer | B | Looking<L>, "m" | "n" | "k" | P | LookingAt<L>> {
  const look = lookSource(looking, 4);
  const own: Binding[] = [
    image("a", "read"),
    image("b", "read"),
    image("old", "read"),
    inLanes(writes("gradient"), 4),
    inLanes(writes("weight"), 4),
    ...ruleBindings(rule, 4),
  ];
  return {
    name: `matmul_image_tn_${rule.name}_${tileName(tile)}${k4 ? "_k4" : ""}${look.name}`,
    bindings: [...own, ...look.bindings(own)] as Binding<
      MatmulUpdateBuffer | B | Looking<L>
    >[],
    params: { m: "u32", n: "u32", k: "u32", ...rule.params, ...look.params } as Record<
      "m" | "n" | "k" | P | LookingAt<L>,
      ParamType
    >,
    body: `${IMAGE_AT}
${changedFunction(rule, 4)}
${imageProduct("tn", { n: true, k: k4 }, tile, { out: "weight", look, store: storeChanged(look) })}`,
    workgroups: (sizes) => tileGrid(tile, sizes),
  };
}

/** Masked at the edges: a rule's state would change twice where a step is done once more. */
function storeChanged(look: LookSource): string {
  return `  if (row < p.m && column < p.n) {
    let i = (row * p.n + column) / 4u;
    let next = changed(i, textureLoad(old, image_at(i)), sum);
    gradient[i] = sum;
    weight[i] = next;
    ${look.at("next")}
  }`;
}
