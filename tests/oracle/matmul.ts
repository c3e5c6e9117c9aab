/**
 * Matrix multiplication in float64 by its definition, and how far a float32 kernel may be from it.
 *
 * The bound is Higham, "Accuracy and Stability of Numerical Algorithms" (2nd ed.), section 3.1: whatever the
 * order of the summation, fused or not, a dot product of k terms errs by at most gamma_k * sum |a| |b|,
 * gamma_k = k u / (1 - k u).
 *
 * @module
 */
import { expectLength } from "./check.ts";

/** Unit roundoff of float32 rounded to nearest: what every device does in practice. */
export const ROUND_TO_NEAREST = 2 ** -24;
/**
 * Unit roundoff of float32 where the rounding may go either way, which is all that WGSL promises of `+`, `-`
 * and `*`.
 */
export const ROUND_EITHER_WAY = 2 ** -23;

const FLOAT64_ROUNDOFF = 2 ** -53;
/** The smallest normal float32: a device may flush any result below it to zero. */
const SMALLEST_NORMAL = 2 ** -126;

/** The shape of `C[m, n] = A[m, k] B[k, n]`; all matrices are row-major. */
export interface MatmulShape {
  /** Rows of C. */
  readonly m: number;
  /** Columns of C. */
  readonly n: number;
  /** Terms of each sum. */
  readonly k: number;
  /** Whether `a` is stored `[k, m]` instead of `[m, k]`. */
  readonly transposeA?: boolean;
  /** Whether `b` is stored `[n, k]` instead of `[k, n]`, as a layer's weight is. */
  readonly transposeB?: boolean;
}

/** What the error bound assumes of the kernel. */
export interface MatmulBoundOptions {
  /** The unit roundoff u: {@linkcode ROUND_TO_NEAREST} unless told. */
  readonly roundoff?: number;
  /**
   * Roundings that each element meets besides the k of its dot product: 1 for a bias or an accumulation into
   * C.
   */
  readonly extraRoundings?: number;
}

/**
 * `C = op(A) op(B)`, each element summed in float64 from the first term to the last. With k = 0, C is zeros.
 *
 * @param a op(A) is `[m, k]`.
 * @param b op(B) is `[k, n]`.
 * @param shape The sizes, and which operand is stored transposed.
 * @returns C, `[m, n]`.
 */
export function matmul(a: ArrayLike<number>, b: ArrayLike<number>, shape: MatmulShape): Float64Array {
  const { m, n, k, transposeA = false, transposeB = false } = shape;
  expectLength("a", a, m * k);
  expectLength("b", b, k * n);
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) {
        sum += (transposeA ? a[l * m + i] : a[i * k + l]) * (transposeB ? b[j * k + l] : b[l * n + j]);
      }
      c[i * n + j] = sum;
    }
  }
  return c;
}

/**
 * Higham's gamma: the most that n roundings of relative size u each can add up to.
 *
 * @param n The number of roundings; n u must stay under 1.
 * @param u The unit roundoff.
 * @returns n u / (1 - n u).
 */
export function gamma(n: number, u: number): number {
  if (n * u >= 1) throw new RangeError(`${n} roundings of ${u} have no bound`);
  return (n * u) / (1 - n * u);
}

/**
 * How far each element of a float32 product may be from {@linkcode matmul} of the same operands, for any
 * order of summation, fused or not: gamma * sum |a| |b|, plus what flushing to zero may lose, plus the
 * rounding of the float64 reference itself. The operands must be float32 values, and none of them subnormal.
 *
 * @param a As for {@linkcode matmul}.
 * @param b As for {@linkcode matmul}.
 * @param shape As for {@linkcode matmul}.
 * @param options What is assumed of the kernel.
 * @returns The bounds, `[m, n]`, absolute.
 */
export function matmulBound(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  shape: MatmulShape,
  options: MatmulBoundOptions = {},
): Float64Array {
  const { roundoff = ROUND_TO_NEAREST, extraRoundings = 0 } = options;
  const magnitudes = matmul(Float64Array.from(a, Math.abs), Float64Array.from(b, Math.abs), shape);
  const roundings = shape.k + extraRoundings;
  // Twice the float64 term: once for the reference, once for the sum of magnitudes that it is measured with.
  const relative = gamma(roundings, roundoff) + 2 * gamma(shape.k, FLOAT64_ROUNDOFF);
  // Each product and each partial sum may be flushed, and is then wrong by less than the smallest normal
  // number.
  const flushed = 2 * roundings * SMALLEST_NORMAL;
  return magnitudes.map((magnitude) => relative * magnitude + flushed);
}
