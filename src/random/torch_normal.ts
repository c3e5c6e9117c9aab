/**
 * Normal deviates from uniform ones as PyTorch's CPU kernels make them: G. E. P. Box, M. E. Muller, "A note on the generation of
 * random normal deviates", 1958: radius sqrt(-2 ln u1), angle 2π u2, cosine first.
 *
 * From 16 elements on PyTorch takes float32 uniforms in groups of 16 and vector instructions: polynomials of S. L. Moshier's
 * Cephes library (`logf`, `sinf`, `cosf`) with fused multiply-adds. The same operations in the same order give the same bits
 * here, whatever the engine's own `Math.log` and `Math.sin` are.
 *
 * @module
 */
import { fma32 } from "./torch_fma.ts";

/** Elements of a group, and the size of a tensor from which on it is filled in groups. */
export const NORMAL_GROUP = 16;

const HALF_GROUP = 8;
const TWO_PI32 = Math.fround(2 * Math.PI);

/** Cephes `logf`: ln(1 + x) = x - x²/2 + x³ P(x), the highest power first; ln 2 = LN2_HIGH + LN2_LOW. */
const LOG_P = Float32Array.of(
  7.0376836292e-2,
  -1.1514610310e-1,
  1.1676998740e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
);
const LN2_HIGH = 0.693359375, LN2_LOW = Math.fround(-2.12194440e-4);
const SQRT_HALF = Math.fround(Math.SQRT1_2);

/** Cephes `sinf` and `cosf`: π/4 = PI4_A + PI4_B + PI4_C; sin x = x + x³ P(x²), cos x = 1 - x²/2 + x⁴ Q(x²). */
const PI4_A = 0.78515625, PI4_B = 2.4187564849853515625e-4, PI4_C = Math.fround(3.77489497744594108e-8);
const FOUR_OVER_PI = Math.fround(4 / Math.PI);
const SIN_P = Float32Array.of(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1);
const COS_Q = Float32Array.of(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2);

/** One float32 and its bits. */
const FLOAT = new Float32Array(1), BITS = new Int32Array(FLOAT.buffer);

/**
 * Turns 16 uniform float32 in place into normal ones: elements j and j + 8 become the cosine and the sine of a pair.
 *
 * @param values Multiples of 2^-24 in [0, 1).
 * @param at Index of the first of the 16.
 * @param mean Mean, a float32.
 * @param std Standard deviation, a float32.
 */
export function normalGroup(values: Float32Array, at: number, mean: number, std: number): void {
  for (let j = at; j < at + HALF_GROUP; j++) {
    const radius = Math.fround(Math.sqrt(Math.fround(-2 * log32(1 - values[j]))));
    const angle = Math.fround(TWO_PI32 * values[j + HALF_GROUP]);
    // The octant's nearest even multiple of π/4, and the rest of the angle, within ±π/4.
    const octant = (Math.trunc(Math.fround(angle * FOUR_OVER_PI)) + 1) & ~1;
    const rest = fma32(octant, -PI4_C, fma32(octant, -PI4_B, fma32(octant, -PI4_A, angle)));
    const swapped = (octant & 2) !== 0;
    const cosine = swapped ? sin32(rest) : cos32(rest), sine = swapped ? cos32(rest) : sin32(rest);
    const cosineSign = ((octant - 2) & 4) === 0 ? -1 : 1, sineSign = (octant & 4) === 0 ? 1 : -1;
    values[j] = fma32(Math.fround(radius * cosineSign * cosine), std, mean);
    values[j + HALF_GROUP] = fma32(Math.fround(radius * sineSign * sine), std, mean);
  }
}

/**
 * The same in float64, with the engine's own functions: within some units in the last place of PyTorch's.
 *
 * @param values In [0, 1).
 * @param at Index of the first of the 16.
 * @param mean Mean.
 * @param std Standard deviation.
 */
export function normalGroup64(values: Float64Array, at: number, mean: number, std: number): void {
  for (let j = at; j < at + HALF_GROUP; j++) {
    const radius = Math.sqrt(-2 * Math.log(1 - values[j])), angle = 2 * Math.PI * values[j + HALF_GROUP];
    values[j] = radius * Math.cos(angle) * std + mean;
    values[j + HALF_GROUP] = radius * Math.sin(angle) * std + mean;
  }
}

/** ln x for 2^-24 <= x <= 1. */
function log32(x: number): number {
  FLOAT[0] = x;
  let exponent = (BITS[0] >>> 23) - 126;
  BITS[0] = (BITS[0] & 0x7fffff) | 0x3f000000; // the mantissa, in [1/2, 1)
  let r = FLOAT[0] - 1;
  if (FLOAT[0] < SQRT_HALF) {
    exponent -= 1;
    r += FLOAT[0];
  }
  const square = Math.fround(r * r);
  const cubic = Math.fround(polynomial(LOG_P, r) * r);
  const low = fma32(cubic, square, Math.fround(exponent * LN2_LOW));
  return fma32(exponent, LN2_HIGH, Math.fround(r + fma32(square, -0.5, low)));
}

/** sin x for |x| <= π/4. */
function sin32(x: number): number {
  const square = Math.fround(x * x);
  return fma32(Math.fround(polynomial(SIN_P, square) * square), x, x);
}

/** cos x for |x| <= π/4. */
function cos32(x: number): number {
  const square = Math.fround(x * x);
  const quartic = Math.fround(polynomial(COS_Q, square) * square);
  return Math.fround(fma32(quartic, square, -0.5 * square) + 1);
}

/** Horner's rule with fused multiply-adds, the highest power first. */
function polynomial(coefficients: Float32Array, x: number): number {
  let sum = coefficients[0];
  for (let i = 1; i < coefficients.length; i++) sum = fma32(sum, x, coefficients[i]);
  return sum;
}
