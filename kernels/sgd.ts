/**
 * Stochastic gradient descent with momentum and weight decay, as `torch.optim.SGD` (dampening 0).
 *
 * g ← gradient + weight_decay · w; with momentum v ← momentum · v + g and g ← v, or g ← g + momentum · v with Nesterov;
 * w ← w - lr · g. The velocity v begins at zero, which gives PyTorch's first step, v = g.
 *
 * @module
 */
import { elementwise, inLanes, type Kernel, type Lanes, lanesName, reads, writes } from "./kernel.ts";

/**
 * One step without momentum.
 *
 * @param lanes 4 for whole fours: a third of the time on a software driver, and the same bits.
 * @returns The kernel; parameters: `n` elements or fours, `lr`, `weight_decay`.
 */
export function sgd(lanes: Lanes): Kernel<"gradient" | "weight", "n" | "lr" | "weight_decay"> {
  return elementwise({
    name: `sgd${lanesName(lanes)}`,
    bindings: [inLanes(reads("gradient"), lanes), inLanes(writes("weight"), lanes)],
    params: { lr: "f32", weight_decay: "f32" },
    statement: `
  let w = weight[i];
  weight[i] = w - p.lr * (gradient[i] + p.weight_decay * w);`,
  });
}

/**
 * One step with momentum.
 *
 * @param nesterov Whether the gradient looks one step ahead.
 * @param lanes 4 for whole fours.
 * @returns The kernel; parameters: `n` elements or fours, `lr`, `weight_decay`, `momentum`.
 */
export function sgdMomentum(
  nesterov: boolean,
  lanes: Lanes,
): Kernel<"gradient" | "weight" | "velocity", "n" | "lr" | "weight_decay" | "momentum"> {
  return elementwise({
    name: `${nesterov ? "sgd_nesterov" : "sgd_momentum"}${lanesName(lanes)}`,
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
  weight[i] = w - p.lr * ${nesterov ? "(g + p.momentum * v)" : "v"};`,
  });
}
