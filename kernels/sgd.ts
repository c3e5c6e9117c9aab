/**
 * Stochastic gradient descent with momentum and weight decay, as `torch.optim.SGD` (dampening 0).
 *
 * g ← gradient + weight_decay · w; with momentum v ← momentum · v + g and g ← v, or g ← g + momentum · v with Nesterov;
 * w ← w - lr · g. The velocity v begins at zero, which gives PyTorch's first step, v = g.
 *
 * @module
 */
import { elementwise, type Kernel, reads, writes } from "./kernel.ts";

const STEP = {
  bindings: [reads("gradient"), writes("weight")],
  params: { lr: "f32", weight_decay: "f32" },
  statement: `
  let w = weight[i];
  weight[i] = w - p.lr * (gradient[i] + p.weight_decay * w);`,
} as const;

/** One step without momentum. Parameters: `n` elements, `lr`, `weight_decay`. */
export const sgd: Kernel<"gradient" | "weight", "n" | "lr" | "weight_decay"> = elementwise({
  name: "sgd",
  ...STEP,
});

/** The same on `n` fours of elements, with the same bits: a third of the time on a software driver. */
export const sgdFours: Kernel<"gradient" | "weight", "n" | "lr" | "weight_decay"> = elementwise({
  name: "sgd_fours",
  ...STEP,
  bindings: STEP.bindings.map((binding) => ({ ...binding, lanes: 4 })),
});

/**
 * One step with momentum.
 *
 * @param nesterov Whether the gradient looks one step ahead.
 * @returns The kernel; parameters: `n` elements, `lr`, `weight_decay`, `momentum`.
 */
export function sgdMomentum(
  nesterov: boolean,
): Kernel<"gradient" | "weight" | "velocity", "n" | "lr" | "weight_decay" | "momentum"> {
  return elementwise({
    name: nesterov ? "sgd_nesterov" : "sgd_momentum",
    bindings: [reads("gradient"), writes("weight"), writes("velocity")],
    params: { lr: "f32", weight_decay: "f32", momentum: "f32" },
    statement: `
  let w = weight[i];
  let g = gradient[i] + p.weight_decay * w;
  let v = p.momentum * velocity[i] + g;
  velocity[i] = v;
  weight[i] = w - p.lr * ${nesterov ? "(g + p.momentum * v)" : "v"};`,
  });
}
