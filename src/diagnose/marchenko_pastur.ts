/**
 * The singular values that a random matrix is expected to have.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";

/** Places at which the density is summed: the error of a quantile is far below the spread of a sampled one. */
const PLACES = 8192;

/**
 * The singular values expected of a matrix of independent elements with mean 0: the quantiles of the Marchenko-Pastur law in the
 * middle of each of min(rows, columns) equal parts.
 *
 * With s the shorter side, L the longer one and beta = s / L, the eigenvalues of W Wᵀ over L Var(w) have the density
 * sqrt((b - x)(x - a)) / (2 pi beta x) between a, b = (1 ∓ sqrt(beta))² (V. Marchenko, L. Pastur, "Distribution of eigenvalues for some
 * sets of random matrices", 1967). With x = 1 + beta + 2 sqrt(beta) cos t it is 2 sin²(t) / (pi x) in t, which has no edge. It is the
 * limit of large sides; a sampled matrix of small ones strays from it.
 *
 * @example
 * ```ts
 * import { marchenkoPastur } from "@fanin/fanin/diagnose";
 *
 * const [largest] = marchenkoPastur(400, 100, 1 / 400);
 * console.log(largest.toFixed(2)); // 1.48, a little below 1 + sqrt(100 / 400)
 * ```
 *
 * @param rows Of the matrix, 0 or more.
 * @param columns Of the matrix, 0 or more.
 * @param variance Of an element, 0 or more.
 * @returns The largest first.
 * @throws {ArgumentError} when the variance is no number from 0 on.
 */
export function marchenkoPastur(rows: number, columns: number, variance: number): Float64Array {
  if (!(variance >= 0)) throw new ArgumentError(`variance = ${variance}`, "give a number from 0 on");
  const short = Math.min(rows, columns), long = Math.max(rows, columns), values = new Float64Array(short);
  if (short === 0) return values;
  const beta = short / long, step = Math.PI / PLACES;
  let mass = 0, found = 0;
  for (let i = 0; i < PLACES && found < short; i++) {
    const t = (i + 0.5) * step, x = 1 + beta + 2 * Math.sqrt(beta) * Math.cos(t);
    mass += 2 * Math.sin(t) ** 2 / (Math.PI * x) * step;
    // The law's upper edge is at t = 0, so that values are found from the largest on.
    while (found < short && mass >= (found + 0.5) / short) values[found++] = Math.sqrt(long * variance * x);
  }
  return values.fill(Math.sqrt(long * variance) * (1 - Math.sqrt(beta)), found);
}
