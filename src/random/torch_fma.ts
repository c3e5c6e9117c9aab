/**
 * The fused multiply-add of float32, which JavaScript lacks and PyTorch's compiled kernels are full of.
 *
 * @module
 */

/**
 * a · b + c rounded once to float32, to the nearest and ties to even, as the processor's fused multiply-add does.
 *
 * In float64 the product of two float32 is exact, but the sum is rounded to 53 bits and then again to 24. The second rounding
 * goes wrong only where the first has left a tie between two float32: there the rounding error of the sum decides.
 *
 * @param a A float32.
 * @param b A float32.
 * @param c A float32.
 */
export function fma32(a: number, b: number, c: number): number {
  const product = a * b, sum = product + c, nearest = Math.fround(sum);
  // As far beyond the sum as `nearest` is on this side: a float32 of its own exactly where the sum is a tie (or no rounding is).
  const mirrored = 2 * sum - nearest;
  if (Math.fround(mirrored) !== mirrored || mirrored === nearest) return nearest;
  return withoutTie(product, c, sum, nearest, mirrored);
}

/** Of the two float32 around a tie the one on the side of the exact sum; the even one where the sum itself is exact. */
function withoutTie(product: number, c: number, sum: number, nearest: number, other: number): number {
  if (!Number.isFinite(nearest)) return nearest;
  // D. E. Knuth's two-sum: product + c = sum + error exactly.
  const added = sum - product, error = (product - (sum - added)) + (c - added);
  if (error === 0) return nearest;
  return error > 0 ? Math.max(nearest, other) : Math.min(nearest, other);
}
