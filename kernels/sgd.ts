/**
 * Stochastic gradient descent with momentum and weight decay, as `torch.optim.SGD` (dampening 0).
 *
 * g ← gradient + weight_decay · w; with momentum v ← momentum · v + g and g ← v, or g ← g + momentum · v with Nesterov;
 * w ← w - lr · g. The velocity v begins at zero, which gives PyTorch's first step, v = g.
 *
 * @module
 */
import type { Kernel, Lanes } from "./kernel.ts";
import type { Looking, LookingAt } from "./non_finite.ts";
import { update, type UpdateRule } from "./update.ts";

/** One step without momentum. */
export const sgdRule: UpdateRule<never, "lr" | "weight_decay"> = {
  name: "sgd",
  state: [],
  reads: [],
  params: { lr: "f32", weight_decay: "f32" },
  statement: "  let next = w - p.lr * (d + p.weight_decay * w);",
};

/**
 * One step with momentum.
 *
 * @param nesterov Whether the gradient looks one step ahead.
 */
export function sgdMomentumRule(
  nesterov: boolean,
): UpdateRule<"velocity", "lr" | "weight_decay" | "momentum"> {
  return {
    name: nesterov ? "sgd_nesterov" : "sgd_momentum",
    state: ["velocity"],
    reads: [],
    params: { lr: "f32", weight_decay: "f32", momentum: "f32" },
    statement: `
  let g = d + p.weight_decay * w;
  let v = p.momentum * velocity[i] + g;
  velocity[i] = v;
  let next = w - p.lr * ${nesterov ? "(g + p.momentum * v)" : "v"};`,
  };
}

/**
 * One step without momentum.
 *
 * @param lanes 4 for whole fours: a third of the time on a software driver, and the same bits.
 * @param looking Whether it looks out for NaN and infinities as well: see `update`.
 * @returns The kernel; parameters: `n` elements or fours, `lr`, `weight_decay`.
 */
export function sgd<L extends boolean = false>(
  lanes: Lanes,
  looking: L = false as L,
): Kernel<
  "gradient" | "weight" | Looking<L>,
  "n" | "lr" | "weight_decay" | LookingAt<L>
> {
  return update(sgdRule, lanes, looking);
}

/**
 * One step with momentum.
 *
 * @param nesterov Whether the gradient looks one step ahead.
 * @param lanes 4 for whole fours.
 * @param looking Whether it looks out for NaN and infinities as well: see `update`.
 * @returns The kernel; parameters: `n` elements or fours, `lr`, `weight_decay`, `momentum`.
 */
export function sgdMomentum<L extends boolean = false>(
  nesterov: boolean,
  lanes: Lanes,
  looking: L = false as L,
): Kernel<
  "gradient" | "weight" | "velocity" | Looking<L>,
  "n" | "lr" | "weight_decay" | "momentum" | LookingAt<L>
> {
  return update(sgdMomentumRule(nesterov), lanes, looking);
}
