/**
 * Orthogonal matrices, uniform over the orthogonal group; computed on the host.
 *
 * @module
 */
import { ArgumentError, ShapeError } from "../gpu/errors.ts";
import { type Shape, sizeOf } from "../tensor/tensor.ts";
import { type Computed, define, type Initializer, type Place, type Source } from "./initializer.ts";
import { orthonormalBasis } from "./qr.ts";

/**
 * Weights that are `gain` times a (semi-)orthogonal matrix, biases 0: `torch.nn.init.orthogonal_` and `jax.nn.initializers.orthogonal`.
 * More than two dimensions are flattened to the number of outputs times the rest.
 *
 * A. Saxe, J. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2013.
 * Normal numbers on the device's streams, Householder's QR on the host in float64, QᵀQ = I within 1e-6 after rounding to float32.
 *
 * @param gain Factor; 1 unless given.
 * @throws {ArgumentError} when the gain is not finite.
 */
export function orthogonal(gain = 1): Initializer {
  assertGain(gain);
  return define({
    name: "orthogonal",
    options: { gain },
    defaults: { gain: 1 },
    weight: (shape, place) => orthogonalFilling(shape, gain, place),
  });
}

/**
 * Convolutions that do nothing but rotate the channels: an orthogonal matrix at the kernel's centre and 0 elsewhere, biases 0:
 * `jax.nn.initializers.delta_orthogonal`.
 *
 * L. Xiao et al., "Dynamical isometry and a mean field theory of CNNs", 2018, algorithm 1. Ranks 3 to 5, at least as many outputs as
 * inputs.
 *
 * @param gain Factor; 1 unless given.
 * @throws {ArgumentError} when the gain is not finite.
 */
export function deltaOrthogonal(gain = 1): Initializer {
  assertGain(gain);
  return define({
    name: "delta_orthogonal",
    options: { gain },
    defaults: { gain: 1 },
    weight: (shape, place) => deltaFilling(shape, gain, place),
  });
}

/**
 * The filling of {@linkcode orthogonal}, for initialisers that are built on it.
 *
 * @param shape The weight's shape.
 * @param gain Factor.
 * @param place Where the weight stands.
 */
export function orthogonalFilling(shape: Shape, gain: number, { layout }: Place = {}): Computed {
  if (shape.length < 2) throw new ShapeError(`shape [${shape}] is no matrix`, "give two dimensions or more");
  const outputs = layout === "jax" ? shape[shape.length - 1] : shape[0];
  const rest = outputs === 0 ? 0 : sizeOf(shape) / outputs;
  return {
    kind: "computed",
    make: (source) => {
      const entry = semiOrthogonal(source, outputs, rest, layout === "jax");
      const values = new Float32Array(outputs * rest);
      // [outputs, rest] row-major in PyTorch's layout, its transpose in JAX's.
      for (let o = 0; o < outputs; o++) {
        for (let i = 0; i < rest; i++) {
          values[layout === "jax" ? i * outputs + o : o * rest + i] = gain * entry(o, i);
        }
      }
      return values;
    },
  };
}

/**
 * A random matrix [outputs, rest] with orthonormal columns, or rows where it is wide. PyTorch draws it as it lies and transposes a
 * wide one; JAX draws the tall one at once.
 */
function semiOrthogonal(
  source: Source,
  outputs: number,
  rest: number,
  drawTall: boolean,
): (o: number, i: number) => number {
  const long = Math.max(outputs, rest), short = Math.min(outputs, rest), wide = outputs < rest;
  const drawn = source.numbers({ kind: "normal", mean: 0, std: 1 }, long * short);
  const transposed = wide && !drawTall;
  const columns = Array.from(
    { length: short },
    (_, c) => Float64Array.from({ length: long }, (_, r) => drawn[transposed ? c * long + r : r * short + c]),
  );
  const q = orthonormalBasis(columns);
  return wide ? (o, i) => q[o][i] : (o, i) => q[i][o];
}

function deltaFilling(shape: Shape, gain: number, { layout }: Place): Computed {
  const rank = shape.length, jax = layout === "jax";
  if (rank < 3 || rank > 5) {
    throw new ShapeError(
      `shape [${shape}] is no convolution`,
      "delta_orthogonal takes three to five dimensions",
    );
  }
  const [outputs, inputs] = jax ? [shape[rank - 1], shape[rank - 2]] : [shape[0], shape[1]];
  if (outputs < inputs) {
    throw new ShapeError(
      `shape [${shape}] has ${outputs} outputs for ${inputs} inputs`,
      "delta_orthogonal takes at least as many outputs as inputs",
    );
  }
  const kernel = jax ? shape.slice(0, rank - 2) : shape.slice(2);
  const centre = kernel.reduce((at, size) => at * size + Math.floor((size - 1) / 2), 0),
    field = sizeOf(kernel);
  return {
    kind: "computed",
    make: (source) => {
      // JAX's matrix [outputs, outputs], of which the first rows, one an input, are taken.
      const square = orthogonalFilling([outputs, outputs], gain, { layout: "jax" }).make(source);
      const values = new Float32Array(sizeOf(shape));
      for (let i = 0; i < inputs; i++) {
        for (let o = 0; o < outputs; o++) {
          const at = jax ? (centre * inputs + i) * outputs + o : (o * inputs + i) * field + centre;
          values[at] = square[i * outputs + o];
        }
      }
      return values;
    },
  };
}

function assertGain(gain: number): void {
  if (!Number.isFinite(gain)) throw new ArgumentError(`gain ${gain}`, "give a finite number");
}
