/**
 * Optimisers as values: the rule by which a step changes a parameter, and the numbers that the rule takes.
 *
 * @module
 */
import { adamRule } from "../../kernels/adam.ts";
import { sgdMomentumRule, sgdRule } from "../../kernels/sgd.ts";
import type { UpdateRule } from "../../kernels/update.ts";
import { ArgumentError } from "../gpu/errors.ts";

/** How gradients change parameters. */
export interface Optimizer {
  /** "sgd", "adam", "adamw". */
  readonly name: string;
  /**
   * Numbers that depend on the step alone, made in float64 on the host.
   *
   * @param step The step since training began, from 1 on.
   * @returns As many numbers for every step; none where nothing depends on it.
   */
  scheduled(step: number): readonly number[];
  /**
   * How a step changes a parameter. What the rule reads beside its state can be `cursor`, whose first number is the step since the
   * epoch's beginning, and `schedule`, the numbers of every step of the epoch.
   */
  readonly rule: UpdateRule;
  /** The rule's parameters. */
  readonly params: Readonly<Record<string, number>>;
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
  const words = [`sgd lr ${lr} momentum ${momentum}`];
  if (nesterov) words.push("nesterov");
  if (weightDecay > 0) words.push(`weight decay ${weightDecay}`);
  return {
    name: "sgd",
    scheduled: () => [],
    rule: momentum === 0 ? sgdRule : sgdMomentumRule(nesterov),
    params: { lr, weight_decay: weightDecay, ...momentum > 0 ? { momentum } : {} },
    toString: () => words.join(" "),
  };
}

/** Options of {@linkcode adam} and {@linkcode adamw}. */
export interface AdamOptions {
  /** Learning rate, above 0. */
  lr: number;
  /** Decay of the gradient's mean, 0 to below 1; 0.9 unless given. */
  beta1?: number;
  /** Decay of its square's mean, 0 to below 1; 0.999 unless given. */
  beta2?: number;
  /** Added to the denominator, above 0; 1e-8 unless given. */
  eps?: number;
  /** 0 or more: an L2 penalty (Adam, 0 unless given), or the part of the weight that each step takes, times lr (AdamW, 0.01). */
  weightDecay?: number;
}

/**
 * Adam, as `torch.optim.Adam`: weight decay is an L2 penalty in the gradient.
 *
 * @param options Learning rate, decays, weight decay.
 * @throws {ArgumentError} when one is outside its range.
 */
export function adam(options: AdamOptions): Optimizer {
  return adaptive("adam", { weightDecay: 0, ...options });
}

/**
 * AdamW, as `torch.optim.AdamW`: weight decay shrinks the weight itself.
 *
 * @param options Learning rate, decays, weight decay.
 * @throws {ArgumentError} when one is outside its range.
 */
export function adamw(options: AdamOptions): Optimizer {
  return adaptive("adamw", { weightDecay: 0.01, ...options });
}

function adaptive(name: "adam" | "adamw", options: AdamOptions & { weightDecay: number }): Optimizer {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay } = options;
  check("lr", lr, lr > 0, "above 0");
  check("beta1", beta1, beta1 >= 0 && beta1 < 1, "from 0 to below 1");
  check("beta2", beta2, beta2 >= 0 && beta2 < 1, "from 0 to below 1");
  check("eps", eps, eps > 0, "above 0");
  check("weight decay", weightDecay, weightDecay >= 0, "0 or above");
  const decay = name === "adam"
    ? { weight_decay: weightDecay, shrink: 0 }
    : { weight_decay: 0, shrink: lr * weightDecay };
  const params = { beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, eps, ...decay };
  return {
    name,
    scheduled: (step) => [lr / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)],
    rule: adamRule,
    params,
    toString: () => `${name} lr ${lr} weight decay ${weightDecay}`,
  };
}

function check(name: string, value: number, inRange: boolean, range: string): void {
  if (!inRange || !Number.isFinite(value)) {
    throw new ArgumentError(`${name} = ${value}`, `give a number ${range}`);
  }
}
