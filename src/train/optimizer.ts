/**
 * Optimisers as values: which kernel makes a step, and which state it keeps beside each parameter.
 *
 * @module
 */
import { sgd as sgdKernel, sgdMomentum } from "../../kernels/sgd.ts";
import type { GpuBuffer } from "../gpu/buffer.ts";
import { ArgumentError } from "../gpu/errors.ts";
import type { Recorder } from "../gpu/program.ts";

/** How gradients change parameters. */
export interface Optimizer {
  /** "sgd". */
  readonly name: string;
  /** Names of the buffers, as large as the parameter and zero at first, that it keeps beside each: "velocity". */
  readonly state: readonly string[];
  /**
   * Records one step for one parameter.
   *
   * @param recorder Where the dispatch is appended.
   * @param weight The parameter, changed in place.
   * @param gradient Its gradient.
   * @param state Its state, by name.
   */
  record(
    recorder: Recorder,
    weight: GpuBuffer,
    gradient: GpuBuffer,
    state: Readonly<Record<string, GpuBuffer>>,
  ): void;
  /** In words: "sgd lr 0.1 momentum 0.9". */
  toString(): string;
}

/** Options of {@linkcode sgd}. */
export interface SgdOptions {
  /** Learning rate, above 0. */
  lr: number;
  /** 0 (the default) to below 1. With 0 no velocity is kept. */
  momentum?: number;
  /** L2 penalty on weights and biases alike, 0 (the default) or more. */
  weightDecay?: number;
  /** Nesterov's momentum; needs a momentum. */
  nesterov?: boolean;
}

/**
 * Stochastic gradient descent, as `torch.optim.SGD` with dampening 0.
 *
 * @param options Learning rate, momentum, weight decay.
 * @throws {ArgumentError} when one is outside its range.
 */
export function sgd(options: SgdOptions): Optimizer {
  const { lr, momentum = 0, weightDecay = 0, nesterov = false } = options;
  check("lr", lr, lr > 0, "above 0");
  check("momentum", momentum, momentum >= 0 && momentum < 1, "from 0 to below 1");
  check("weight decay", weightDecay, weightDecay >= 0, "0 or above");
  if (nesterov && momentum === 0) {
    throw new ArgumentError("nesterov without momentum", "give a momentum such as 0.9");
  }
  const words = [`sgd lr ${lr}`];
  if (momentum > 0) words.push(`${nesterov ? "nesterov momentum" : "momentum"} ${momentum}`);
  if (weightDecay > 0) words.push(`weight decay ${weightDecay}`);
  return {
    name: "sgd",
    state: momentum > 0 ? ["velocity"] : [],
    record: (recorder, weight, gradient, { velocity }) => {
      const params = { n: weight.length, lr, weight_decay: weightDecay };
      if (momentum === 0) recorder.dispatch(sgdKernel, { gradient, weight }, params);
      else recorder.dispatch(sgdMomentum(nesterov), { gradient, weight, velocity }, { ...params, momentum });
    },
    toString: () => words.join(" "),
  };
}

function check(name: string, value: number, inRange: boolean, range: string): void {
  if (!inRange || !Number.isFinite(value)) {
    throw new ArgumentError(`${name} = ${value}`, `give a number ${range}`);
  }
}
