/**
 * Stochastic gradient descent with momentum and weight decay, as `torch.optim.SGD` (dampening 0).
 *
 * g ← gradient + weight_decay · w; with momentum v ← momentum · v + g and g ← v, or g ← g + momentum · v with Nesterov;
 * w ← w - lr · g. The velocity v begins at zero, which gives PyTorch's first step, v = g.
 *
 * @module
 */
import { inLanes, type Kernel, type Lanes, reads, writes } from "./kernel.ts";
import { type Looking, update } from "./update.ts";

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
  "n" | "lr" | "weight_decay" | (L extends true ? "slot" : never)
> {
  return update(
    {
      name: "sgd",
      bindings: [inLanes(reads("gradient"), lanes), inLanes(writes("weight"), lanes)],
      params: { lr: "f32", weight_decay: "f32" },
      statement: `
  let w = weight[i];
  let next = w - p.lr * (gradient[i] + p.weight_decay * w);
  weight[i] = next;`,
    },
    lanes,
    looking,
  );
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
  "n" | "lr" | "weight_decay" | "momentum" | (L extends true ? "slot" : never)
> {
  return update(
    {
      name: nesterov ? "sgd_nesterov" : "sgd_momentum",
      bindings: [
        inLanes(reads("gradient"), lanes),
        inLanes(writes("weight"), lanes),
        inLanes(writes("velocity"), lanes),
      ],
      params: { lr: "f32", weight_decay: "f32", momentum: "f32" },
      statement: `
  let w = weight[i];
  let g = gradient[i] + p.weight_decay * w;
  let v = p.momentum * velocity[i] + g;
  velocity[i] = v;
  let next = w - p.lr * ${nesterov ? "(g + p.momentum * v)" : "v"};
  weight[i] = next;`,
    },
    lanes,
    looking,
  );
}
