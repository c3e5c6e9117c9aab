/**
 * Distributions whose scale comes from the fans: PyTorch's in float64, as `torch.nn.init` computes them.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import type { Distribution } from "../random/distribution.ts";
import type { Shape } from "../tensor/tensor.ts";
import { type FanMode, fanOf, fansOf } from "./fans.ts";
import { calculateGain, type Nonlinearity } from "./gain.ts";
import { define, type Initializer, type Place, ZERO } from "./initializer.ts";

/** Options of {@linkcode xavierUniform} and {@linkcode xavierNormal}. */
export interface XavierOptions {
  /** Factor of the standard deviation; 1 unless given. */
  gain?: number;
}

/** Options of {@linkcode kaimingUniform} and {@linkcode kaimingNormal}. */
export interface KaimingOptions {
  /** `fan_in` (the default) keeps the forward signal's scale, `fan_out` the gradient's. */
  mode?: FanMode;
  /** What follows the layer; `leaky_relu` unless given, as in PyTorch: with slope 0 that is ReLU. */
  nonlinearity?: Nonlinearity;
  /** Slope of the leaky ReLU's negative side; 0 unless given. */
  a?: number;
}

/**
 * Weight and bias from U(-1/sqrt(n), 1/sqrt(n)), n = number of inputs: what `torch.nn.Linear` and the convolutions begin with.
 *
 * PyTorch writes the weight as `kaiming_uniform_(a=sqrt(5))`, whose bound sqrt(3) · sqrt(2 / (1 + 5)) / sqrt(n) is the same number
 * but for rounding; it is computed here as there. Interval [-1/sqrt(n), 1/sqrt(n)); Var = 1/(3n).
 */
export function torchLinear(): Initializer {
  const gain = Math.sqrt(2 / (1 + Math.sqrt(5) ** 2));
  return define({
    name: "torch_linear",
    weight: (shape, place) => bounded(gain / Math.sqrt(fanIn(shape, place))),
    bias: (shape, place) => boundedBy(1 / Math.sqrt(fanIn(shape, place))),
  });
}

/**
 * Weights from U[-b, b), b = gain · sqrt(6 / (fanIn + fanOut)), biases 0: `torch.nn.init.xavier_uniform_`.
 *
 * X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, equation 16.
 *
 * @param options Gain.
 * @throws {ArgumentError} when the gain is not finite or negative.
 */
export function xavierUniform(options: XavierOptions = {}): Initializer {
  return xavier("xavier_uniform", options, bounded);
}

/**
 * Weights from N(0, gain² · 2 / (fanIn + fanOut)), biases 0: `torch.nn.init.xavier_normal_`.
 *
 * Glorot and Bengio, 2010, equation 12 for the variance.
 *
 * @param options Gain.
 * @throws {ArgumentError} when the gain is not finite or negative.
 */
export function xavierNormal(options: XavierOptions = {}): Initializer {
  return xavier("xavier_normal", options, centred);
}

/**
 * Weights from U[-b, b), b = sqrt(3) · gain / sqrt(fan), biases 0: `torch.nn.init.kaiming_uniform_`.
 *
 * K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", 2015, equations 10, 14 and 15.
 *
 * @param options Mode, nonlinearity, slope.
 * @throws {ArgumentError} when a name is unknown.
 */
export function kaimingUniform(options: KaimingOptions = {}): Initializer {
  return kaiming("kaiming_uniform", options, bounded);
}

/**
 * Weights from N(0, gain² / fan), biases 0: `torch.nn.init.kaiming_normal_`. With its defaults 2 / fanIn, which keeps E[z²] from
 * layer to layer under ReLU.
 *
 * He et al., 2015, equations 10, 14 and 15.
 *
 * @param options Mode, nonlinearity, slope.
 * @throws {ArgumentError} when a name is unknown.
 */
export function kaimingNormal(options: KaimingOptions = {}): Initializer {
  return kaiming("kaiming_normal", options, centred);
}

function xavier(name: string, { gain = 1 }: XavierOptions, draw: (std: number) => Distribution): Initializer {
  if (!(gain >= 0 && Number.isFinite(gain))) {
    throw new ArgumentError(`gain ${gain}`, "give a number from 0 on");
  }
  const weight = (shape: Shape, { layout }: Place) => {
    const { fanIn, fanOut } = fansOf(shape, layout);
    return draw(gain * Math.sqrt(2 / (fanIn + fanOut)));
  };
  return define({ name, options: { gain }, defaults: { gain: 1 }, weight });
}

function kaiming(name: string, options: KaimingOptions, draw: (std: number) => Distribution): Initializer {
  const { mode = "fan_in", nonlinearity = "leaky_relu", a = 0 } = options;
  const gain = calculateGain(nonlinearity, a);
  fanOf({ fanIn: 1, fanOut: 1 }, mode); // an unknown mode is refused here
  return define({
    name,
    options: { mode, nonlinearity, a },
    defaults: { mode: "fan_in", nonlinearity: "leaky_relu", a: 0 },
    weight: (shape, { layout }) => draw(gain / Math.sqrt(fanOf(fansOf(shape, layout), mode))),
  });
}

function fanIn(shape: Shape, { layout }: Place): number {
  return fansOf(shape, layout).fanIn;
}

/** Uniform with a standard deviation: U[-b, b) has b / sqrt(3). */
function bounded(std: number): Distribution {
  return boundedBy(Math.sqrt(3) * std);
}

/** A weight without inputs has an infinite bound and no elements. */
function boundedBy(bound: number): Distribution {
  return Number.isFinite(bound) ? { kind: "bounded", bound } : ZERO;
}

function centred(std: number): Distribution {
  return Number.isFinite(std) ? { kind: "normal", mean: 0, std } : ZERO;
}
