/**
 * Stochastic gradient descent in float64 by the formulas of `torch.optim.SGD` (dampening 0).
 *
 * @module
 */
import { expectLength } from "./check.ts";
import type { Optimizer, OptimizerState } from "./optimizer.ts";

/** The options of `torch.optim.SGD`, with its defaults. */
export interface SgdOptions {
  /** The learning rate. */
  readonly lr: number;
  /** 0 unless told. */
  readonly momentum?: number;
  /** The L2 penalty, added to the gradient. 0 unless told. */
  readonly weightDecay?: number;
  /** Whether the step looks ahead along the velocity; needs a momentum. */
  readonly nesterov?: boolean;
}

/** One parameter under SGD. */
export interface SgdState extends OptimizerState {
  /**
   * PyTorch's momentum buffer, zeros before the first step: with dampening 0 the same as its absence there.
   */
  readonly velocity: Float64Array;
}

/**
 * One step: `g' = g + decay w`, `v = momentum v + g'`, `w -= lr v`; with nesterov `w -= lr (g' + momentum
 * v)`.
 *
 * @param state The weight and the velocity, `[count]` each; not changed.
 * @param gradient d loss / d weight, `[count]`.
 * @param options As for `torch.optim.SGD`.
 * @returns The state after the step.
 */
export function sgdStep(state: SgdState, gradient: ArrayLike<number>, options: SgdOptions): SgdState {
  const { lr, momentum = 0, weightDecay = 0, nesterov = false } = options;
  if (nesterov && momentum === 0) throw new RangeError("nesterov needs a momentum");
  expectLength("gradient", gradient, state.weight.length);
  const weight = new Float64Array(state.weight.length);
  const velocity = new Float64Array(state.weight.length);
  for (let i = 0; i < weight.length; i++) {
    const decayed = gradient[i] + weightDecay * state.weight[i];
    velocity[i] = momentum * state.velocity[i] + decayed;
    weight[i] = state.weight[i] - lr * (nesterov ? decayed + momentum * velocity[i] : velocity[i]);
  }
  return { weight, velocity };
}

/** SGD with those options, for {@linkcode Optimizer}'s users. */
export function sgd(options: SgdOptions): Optimizer<SgdState> {
  return {
    start: (weight) => ({ weight: Float64Array.from(weight), velocity: new Float64Array(weight.length) }),
    step: (state, gradient) => sgdStep(state, gradient, options),
  };
}
