/**
 * Initialisers as values: which distribution, with which bounds, a weight and its bias are drawn from.
 *
 * @module
 */
import type { Distribution } from "../random/distribution.ts";
import { sampler } from "../random/distribution.ts";
import type { Shape } from "../tensor/tensor.ts";
import { fansOf } from "./fans.ts";

/** Says for any shape what its elements are drawn from. Plain data and pure functions: it draws nothing itself. */
export interface Initializer {
  /** The name of `torch.nn.init` without the trailing underscore: "kaiming_normal". */
  readonly name: string;
  /** What it was made with. */
  readonly options: Readonly<Record<string, number>>;
  /**
   * What the elements of a weight are drawn from.
   *
   * @param shape [out, in] or [out, in, ...kernel].
   */
  weight(shape: Shape): Distribution;
  /**
   * What the elements of a bias [out] are drawn from.
   *
   * @param weightShape The shape of the weight that it belongs to.
   */
  bias(weightShape: Shape): Distribution;
  /** As it is typed on the command line: "normal:1". */
  toString(): string;
}

const ZERO: Distribution = { kind: "constant", value: 0 };

/**
 * Every weight and every bias has the same value: neurons that are equal and get equal gradients, one neuron for ever.
 *
 * @param value Any number.
 * @throws {ArgumentError} when it is NaN.
 */
export function constant(value: number): Initializer {
  return same(`constant:${value}`, "constant", value, { value });
}

/** Every weight and every bias is 0. */
export function zeros(): Initializer {
  return same("zeros", "zeros", 0, {});
}

/** Every weight and every bias is 1. */
export function ones(): Initializer {
  return same("ones", "ones", 1, {});
}

/**
 * Weights from U[low, high), biases 0: random within bounds that know nothing of the layer.
 *
 * @param low Lower bound; 0 unless given, as in PyTorch.
 * @param high Upper bound; 1 unless given.
 * @throws {ArgumentError} when the bounds are not finite or the wrong way round.
 */
export function uniform(low = 0, high = 1): Initializer {
  const weight: Distribution = { kind: "uniform", low, high };
  return drawn(`uniform:${low},${high}`, "uniform", { low, high }, () => weight);
}

/**
 * Weights from N(mean, std²), biases 0: random without bounds.
 *
 * @param std Standard deviation; 1 unless given, as in PyTorch.
 * @param mean Mean; 0 unless given.
 * @throws {ArgumentError} when they are not finite, or std is negative.
 */
export function normal(std = 1, mean = 0): Initializer {
  const weight: Distribution = { kind: "normal", mean, std };
  return drawn(mean === 0 ? `normal:${std}` : `normal:${std},${mean}`, "normal", { std, mean }, () => weight);
}

/**
 * Weight and bias from U(-1/sqrt(n), 1/sqrt(n)), n = number of inputs: what `torch.nn.Linear` begins with. (PyTorch writes
 * it as `kaiming_uniform_(a=sqrt(5))`, whose bound sqrt(6 / ((1 + 5) n)) is the same number.)
 */
export function torchLinear(): Initializer {
  const draw = (shape: Shape): Distribution => {
    const { fanIn } = fansOf(shape);
    return fanIn === 0 ? ZERO : { kind: "bounded", bound: 1 / Math.sqrt(fanIn) };
  };
  return drawn("torch_linear", "torch_linear", {}, draw, draw);
}

/**
 * Weights from N(0, 2/fanIn), biases 0: the scale that keeps E[z²] from layer to layer under ReLU.
 *
 * K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", 2015, equation 10; PyTorch's `kaiming_normal_` with its
 * defaults for `nonlinearity="relu"`.
 */
export function kaimingNormal(): Initializer {
  return drawn("kaiming_normal", "kaiming_normal", {}, (shape) => {
    const { fanIn } = fansOf(shape);
    return fanIn === 0 ? ZERO : { kind: "normal", mean: 0, std: Math.SQRT2 / Math.sqrt(fanIn) };
  });
}

function same(text: string, name: string, value: number, options: Record<string, number>): Initializer {
  const distribution: Distribution = { kind: "constant", value };
  return drawn(text, name, options, () => distribution, () => distribution);
}

function drawn(
  text: string,
  name: string,
  options: Record<string, number>,
  weight: (shape: Shape) => Distribution,
  bias: (shape: Shape) => Distribution = () => ZERO,
): Initializer {
  sampler(weight([1, 1]), "philox"); // bounds that cannot be drawn from are refused here, not in the middle of a network
  return { name, options, weight, bias, toString: () => text };
}
