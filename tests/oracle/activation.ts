/**
 * Activations and the addition of a bias, element by element in float64, with PyTorch's conventions at the
 * edges.
 *
 * A gradient is taken from the activation's *output*, as kernels do that keep one buffer instead of two.
 *
 * @module
 */
import { expectLength } from "./check.ts";

/** The activations by the names of `torch.nn.functional`; `linear` is the identity. */
export type Activation = "relu" | "leaky_relu" | "tanh" | "sigmoid" | "linear";

/** PyTorch's default for the slope of `leaky_relu` below zero. */
export const LEAKY_SLOPE = 0.01;

/** `max(x, 0)`; NaN stays NaN, as in PyTorch, and both zeros give +0. Any shape. */
export function relu(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (value) => (value <= 0 ? 0 : value));
}

/**
 * The gradient with respect to relu's input: `upstream` where `output` is above zero, else 0 (at 0 too). Any
 * shape.
 */
export function reluGrad(output: ArrayLike<number>, upstream: ArrayLike<number>): Float64Array {
  expectLength("upstream", upstream, output.length);
  return Float64Array.from(output, (value, i) => (value <= 0 ? 0 : upstream[i]));
}

/** `x` where x > 0, else `slope * x`. Any shape. */
export function leakyRelu(x: ArrayLike<number>, slope: number = LEAKY_SLOPE): Float64Array {
  return Float64Array.from(x, (value) => (value > 0 ? value : slope * value));
}

/**
 * The gradient with respect to leaky_relu's input: from its output alone, which needs `slope >= 0`. Any
 * shape.
 */
export function leakyReluGrad(
  output: ArrayLike<number>,
  upstream: ArrayLike<number>,
  slope: number = LEAKY_SLOPE,
): Float64Array {
  expectLength("upstream", upstream, output.length);
  if (!(slope >= 0)) throw new RangeError(`slope ${slope}: the output no longer tells the sign of the input`);
  return Float64Array.from(output, (value, i) => (value > 0 ? upstream[i] : slope * upstream[i]));
}

/** The hyperbolic tangent. Any shape. */
export function tanh(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, Math.tanh);
}

/** The gradient with respect to tanh's input: `upstream (1 - output^2)`. Any shape. */
export function tanhGrad(output: ArrayLike<number>, upstream: ArrayLike<number>): Float64Array {
  expectLength("upstream", upstream, output.length);
  return Float64Array.from(output, (value, i) => upstream[i] * (1 - value) * (1 + value));
}

/** `1 / (1 + exp(-x))`, with no overflow on either side. Any shape. */
export function sigmoid(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (value) => {
    const tail = Math.exp(-Math.abs(value));
    return (value < 0 ? tail : 1) / (1 + tail);
  });
}

/** The gradient with respect to sigmoid's input: `upstream output (1 - output)`. Any shape. */
export function sigmoidGrad(output: ArrayLike<number>, upstream: ArrayLike<number>): Float64Array {
  expectLength("upstream", upstream, output.length);
  return Float64Array.from(output, (value, i) => upstream[i] * value * (1 - value));
}

/** `x[row, col] + bias[col]`: x is `[rows, bias.length]`, row-major. */
export function biasAdd(x: ArrayLike<number>, bias: ArrayLike<number>): Float64Array {
  if (bias.length === 0 ? x.length > 0 : x.length % bias.length !== 0) {
    throw new RangeError(`${x.length} elements are not rows of ${bias.length}`);
  }
  return Float64Array.from(x, (value, i) => value + bias[i % bias.length]);
}

/** The gradient with respect to the bias: `upstream`, `[rows, cols]`, summed over its rows to `[cols]`. */
export function biasGrad(upstream: ArrayLike<number>, cols: number): Float64Array {
  const gradient = new Float64Array(cols);
  for (let i = 0; i < upstream.length; i++) gradient[i % cols] += upstream[i];
  return gradient;
}

/** The activation of that name, applied to each element. */
export function activate(name: Activation, x: ArrayLike<number>): Float64Array {
  switch (name) {
    case "relu":
      return relu(x);
    case "leaky_relu":
      return leakyRelu(x);
    case "tanh":
      return tanh(x);
    case "sigmoid":
      return sigmoid(x);
    case "linear":
      return Float64Array.from(x);
  }
}

/** The gradient with respect to the input of the activation of that name, from its output. */
export function activateGrad(
  name: Activation,
  output: ArrayLike<number>,
  upstream: ArrayLike<number>,
): Float64Array {
  switch (name) {
    case "relu":
      return reluGrad(output, upstream);
    case "leaky_relu":
      return leakyReluGrad(output, upstream);
    case "tanh":
      return tanhGrad(output, upstream);
    case "sigmoid":
      return sigmoidGrad(output, upstream);
    case "linear":
      return Float64Array.from(upstream);
  }
}
