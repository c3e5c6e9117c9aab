/**
 * What a report shows of a layer's weights: their rows in the order of similarity, and their singular values beside theory.
 *
 * @module
 */
import type { Initializer } from "../init/initializer.ts";
import type { NamedArray } from "./named_array.ts";
import { marchenkoPastur } from "./marchenko_pastur.ts";
import { orderBySimilarity, type SimilarityOrder } from "./similarity.ts";
import { eigenvalues, gramMatrix } from "./spectrum.ts";
import { distributionMoments } from "./theory.ts";

/** The singular values of a weight matrix. */
export interface WeightSpectrum {
  /** The largest first. */
  readonly values: Float64Array;
  /** What a random matrix would have, the largest first; `null` where theory has no answer. */
  readonly expected: Float64Array | null;
  /** Which matrix that is: drawn as the initialiser says, or of the same mean square as this one. */
  readonly of: "initialiser" | "same scale";
}

/** A weight matrix as a report shows it. */
export interface WeightView extends SimilarityOrder {
  /** The layer's parameter name without `.weight`: "0". */
  readonly name: string;
  /** Number of rows. */
  readonly outputs: number;
  /** Number of columns. */
  readonly inputs: number;
  /** [outputs, inputs], row-major. */
  readonly data: Float32Array;
  /** `null` where an element is not finite, or the matrix too large. */
  readonly spectrum: WeightSpectrum | null;
}

/** Products that a Gram matrix may cost: one of 1024 x 1024 weights. */
const MOST_PRODUCTS = 2 ** 30;

/**
 * The weight matrices of a network as a report shows them. Computed on the host, in float64: some seconds for a layer of 1024 x 1024,
 * whose singular values are the last that are computed.
 *
 * @param arrays The parameters, as `arraysOfNetwork` gives them; those that are no matrices are left out.
 * @param names The layers' names, from the input on.
 * @param initializer What they were drawn from, where they are not trained: theory is then of it.
 */
export function viewWeights(
  arrays: readonly NamedArray[],
  names: readonly string[],
  initializer?: Initializer,
): WeightView[] {
  const weights = arrays.filter(({ shape }) => shape.length === 2), last = weights.length - 1;
  return weights.map(({ data, shape: [outputs, inputs] }, i) => {
    const values = singularValues(data, outputs, inputs), place = { first: i === 0, last: i === last };
    const expected = initializer === undefined
      ? marchenkoPastur(outputs, inputs, meanSquare(data))
      : expectedOf(initializer, outputs, inputs, place);
    return {
      name: names[i],
      outputs,
      inputs,
      data,
      ...orderBySimilarity(data, outputs, inputs),
      spectrum: values && { values, expected, of: initializer === undefined ? "same scale" : "initialiser" },
    };
  });
}

/** The largest first; `null` where they are not to be had. */
function singularValues(x: Float32Array, rows: number, columns: number): Float64Array | null {
  const short = Math.min(rows, columns), long = Math.max(rows, columns);
  if (short * short * long > MOST_PRODUCTS || !x.every(Number.isFinite)) return null;
  const along = rows <= columns ? x : transposed(x, rows, columns);
  const squares = eigenvalues(gramMatrix(along, short, long));
  return squares.map((value) => Math.sqrt(Math.max(0, value))).sort().reverse();
}

function transposed(x: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(x, (_, at) => x[at % rows * columns + Math.floor(at / rows)]);
}

function meanSquare(x: Float32Array): number {
  return x.length === 0 || !x.every(Number.isFinite)
    ? 0
    : x.reduce((sum, value) => sum + value * value, 0) / x.length;
}

/** Marchenko's and Pastur's for independent elements of mean 0; the gain for an orthogonal matrix; of no other is it known. */
function expectedOf(
  { name, options, weight }: Initializer,
  outputs: number,
  inputs: number,
  place: { first: boolean; last: boolean },
): Float64Array | null {
  if (name === "orthogonal") return new Float64Array(Math.min(outputs, inputs)).fill(Number(options.gain));
  const filling = weight([outputs, inputs], place);
  if (filling.kind === "computed") return null;
  const { mean, variance } = distributionMoments(filling);
  return mean === 0 && variance > 0 ? marchenkoPastur(outputs, inputs, variance) : null;
}
