/**
 * Numbers made on the host by integers alone, so that every library multiplies and trains with the same, and results can be compared.
 *
 * @module
 */

/**
 * Uniform numbers in [0, 1): multiples of 2^-24, from a hash of the place ("lowbias32" of C. Wellons, with one more multiplication).
 *
 * @param seed Which numbers, a whole number from 0 on.
 * @param length How many.
 */
export function hostNumbers(seed: number, length: number): Float32Array<ArrayBuffer> {
  const start = Math.imul(seed + 1, 0x9e3779b9), numbers = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    let x = Math.imul(i + start, 0x9e3779b9);
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    numbers[i] = ((x ^ (x >>> 16)) >>> 8) * 2 ** -24;
  }
  return numbers;
}

/** A parameter of a network, on the host. */
export interface HostParameter {
  /** [outputs, inputs] for a weight, [outputs] for a bias. */
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * Weights and biases from [-1/√n, 1/√n), n the number of inputs, in the order of PyTorch's `Sequential`.
 *
 * @param widths Of the network, from the inputs on.
 */
export function hostNetwork(widths: readonly number[]): HostParameter[] {
  return widths.slice(1).flatMap((outputs, i) => {
    const inputs = widths[i], bound = 1 / Math.sqrt(inputs);
    return [[outputs, inputs], [outputs]].map((shape, j) => {
      const data = hostNumbers(2 + 2 * i + j, shape.reduce((a, b) => a * b));
      for (let k = 0; k < data.length; k++) data[k] = (2 * data[k] - 1) * bound;
      return { shape, data };
    });
  });
}

/** Seed of the rows that networks are trained with. */
const FEATURES_SEED = 1;

/**
 * One mini-batch: uniform features, labels in turn.
 *
 * @param rows Rows.
 * @param columns Features of a row.
 * @param classes Labels are 0 to below it.
 */
export function hostBatch(rows: number, columns: number, classes: number): {
  features: Float32Array<ArrayBuffer>;
  labels: Uint32Array<ArrayBuffer>;
} {
  return {
    features: hostNumbers(FEATURES_SEED, rows * columns),
    labels: Uint32Array.from({ length: rows }, (_, i) => i % classes),
  };
}
