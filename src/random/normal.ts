/**
 * The host twin of the normal kernel: the same numbers, bit for bit, from the same table. And the distribution function itself.
 *
 * @module
 */
import { NORMAL_SEGMENTS, NORMAL_SLOPE_BITS, NORMAL_TABLE, NORMAL_VALUE_BITS } from "../../kernels/normal.ts";
import { mulhi } from "./philox.ts";

const SHIFT = NORMAL_SLOPE_BITS - NORMAL_VALUE_BITS;

/**
 * The standard normal deviate of a tail probability.
 *
 * @param tail The tail probability in units of 2^-33: 1 to 2^32 - 1.
 * @param negative Whether it is the left tail.
 * @returns A float32, between -6.34 and 6.34, never 0; within 1.3e-8 + half a float32 step of the exact value.
 */
export function normalOfTail(tail: number, negative: boolean): number {
  const octave = Math.clz32(tail);
  const scaled = (tail << octave) >>> 0;
  const at = (octave * NORMAL_SEGMENTS + ((scaled >>> 27) & 15)) * 4;
  const x = (scaled << 5) >>> 0;
  const slope = NORMAL_TABLE[at + 1] - mulhi(x, NORMAL_TABLE[at + 2] - mulhi(x, NORMAL_TABLE[at + 3]));
  const magnitude = Math.max(NORMAL_TABLE[at] - ((mulhi(x, slope) + (1 << (SHIFT - 1))) >>> SHIFT), 1);
  // fround rounds to 24 bits, ties to even: what the kernel's round24 does with integers.
  const value = Math.fround(magnitude) * 2 ** -NORMAL_VALUE_BITS;
  return negative ? -value : value;
}

/**
 * The normal distribution function Φ(x), within 1e-14.
 *
 * Only with + - * / of float64, which every JavaScript engine rounds alike, so that bounds computed from it have the same bits
 * everywhere: G. Marsaglia, "Evaluating the normal distribution", 2004: Φ(x) = 1/2 + φ(x) (x + x³/3 + x⁵/15 + x⁷/105 + …).
 *
 * @param x Any number; beyond ±8 the result is 0 or 1.
 */
export function normalCdf(x: number): number {
  if (x < -8) return 0;
  if (x > 8) return 1;
  let sum = x, term = x;
  for (let i = 3; sum !== sum + term; i += 2) sum += term *= x * x / i;
  return 0.5 + sum * exp(-x * x / 2) / 2.5066282746310002;
}

/** e^y for -40 < y <= 0: halved until Taylor's series is short, then squared again. */
function exp(y: number): number {
  const small = y / 64;
  let sum = 1, term = 1;
  for (let i = 1; i < 24; i++) sum += term *= small / i;
  for (let i = 0; i < 6; i++) sum *= sum;
  return sum;
}
