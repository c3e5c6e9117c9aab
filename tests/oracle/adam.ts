/**
 * Adam and AdamW in float64 by the formulas of `torch.optim.Adam` and `torch.optim.AdamW`, amsgrad off.
 *
 * @module
 */
import { expectLength } from "./check.ts";
import type { Optimizer, OptimizerState } from "./optimizer.ts";

/** The options that both optimisers have, with PyTorch's defaults but for the weight decay. */
export interface AdamOptions {
  /** The learning rate. */
  readonly lr: number;
  /** The decay of the first moment. 0.9 unless told. */
  readonly beta1?: number;
  /** The decay of the second moment. 0.999 unless told. */
  readonly beta2?: number;
  /** Added outside the square root. 1e-8 unless told. */
  readonly eps?: number;
  /** 0 unless told, in both; PyTorch's AdamW has 0.01. */
  readonly weightDecay?: number;
}

/** One parameter under Adam. */
export interface AdamState extends OptimizerState {
  /** The running mean of the gradient, not corrected for its bias. */
  readonly firstMoment: Float64Array;
  /** The running mean of the squared gradient, not corrected for its bias. */
  readonly secondMoment: Float64Array;
  /** The number of steps taken. */
  readonly steps: number;
}

/**
 * One step of Adam: the weight decay is an L2 penalty, added to the gradient before the moments see it.
 *
 * @param state The weight and the moments, `[count]` each; not changed.
 * @param gradient d loss / d weight, `[count]`.
 * @param options As for `torch.optim.Adam`.
 * @returns The state after the step.
 */
export function adamStep(state: AdamState, gradient: ArrayLike<number>, options: AdamOptions): AdamState {
  expectLength("gradient", gradient, state.weight.length);
  const { weightDecay = 0 } = options;
  return descend(state, state.weight.map((weight, i) => gradient[i] + weightDecay * weight), options);
}

/**
 * One step of AdamW: the weight first shrinks by `1 - lr decay`; the moments never see the decay.
 *
 * @param state The weight and the moments, `[count]` each; not changed.
 * @param gradient d loss / d weight, `[count]`.
 * @param options As for `torch.optim.AdamW`.
 * @returns The state after the step.
 */
export function adamwStep(state: AdamState, gradient: ArrayLike<number>, options: AdamOptions): AdamState {
  expectLength("gradient", gradient, state.weight.length);
  const { lr, weightDecay = 0 } = options;
  const weight = state.weight.map((value) => value * (1 - lr * weightDecay));
  return descend({ ...state, weight }, Float64Array.from(gradient), options);
}

/** What both have in common (Kingma and Ba 2015, algorithm 1), arranged as PyTorch arranges it. */
function descend(state: AdamState, gradient: Float64Array, options: AdamOptions): AdamState {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options;
  const steps = state.steps + 1;
  const correction1 = 1 - beta1 ** steps;
  const correction2 = 1 - beta2 ** steps;
  const firstMoment = state.firstMoment.map((m, i) => beta1 * m + (1 - beta1) * gradient[i]);
  const secondMoment = state.secondMoment.map((v, i) => beta2 * v + (1 - beta2) * gradient[i] * gradient[i]);
  const weight = state.weight.map((value, i) =>
    value - (lr / correction1) * firstMoment[i] / (Math.sqrt(secondMoment[i] / correction2) + eps)
  );
  return { weight, firstMoment, secondMoment, steps };
}

function start(weight: ArrayLike<number>): AdamState {
  const zeros = (): Float64Array => new Float64Array(weight.length);
  return { weight: Float64Array.from(weight), firstMoment: zeros(), secondMoment: zeros(), steps: 0 };
}

/** Adam with those options, for {@linkcode Optimizer}'s users. */
export function adam(options: AdamOptions): Optimizer<AdamState> {
  return { start, step: (state, gradient) => adamStep(state, gradient, options) };
}

/** AdamW with those options, for {@linkcode Optimizer}'s users. */
export function adamw(options: AdamOptions): Optimizer<AdamState> {
  return { start, step: (state, gradient) => adamwStep(state, gradient, options) };
}
