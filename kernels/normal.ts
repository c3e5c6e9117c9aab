/**
 * A normal deviate from random bits with integers only: the inverse of the normal distribution function in fixed point.
 *
 * A generator's word gives a sign and a tail probability p in (0, 1/2), in units of 2^-33; |z| = -Φ⁻¹(p). The range of p is cut
 * into 32 octaves and each octave into 16 segments; in each a cubic in the position within the segment, held as four unsigned
 * integers, gives |z| to within 1.3e-8. The largest |z| is 6.34.
 *
 * No floating-point operation rounds before the last one: the value is reduced to 24 significant bits by integer arithmetic,
 * which a float32 holds exactly. So no GPU's `log`, `cos` or rounding mode can change a bit.
 *
 * The numbers below are shared with the host twin in `src/random/normal.ts`; `tests/oracle/inverse_normal_fit.ts` makes the
 * table again.
 *
 * @module
 */
import { decodeWords, NORMAL_TABLE_BASE64 } from "./normal_table.ts";

/** Segments of one octave. */
export const NORMAL_SEGMENTS = 16;

/** Fraction bits of a segment's first coefficient, the value at its beginning. */
export const NORMAL_VALUE_BITS = 29;

/** Fraction bits of the three other coefficients. */
export const NORMAL_SLOPE_BITS = 35;

/**
 * Coefficients c0, c1, c2, c3 of each segment, octave by octave from p = 1/2 down: |z| = c0 - x(c1 - x(c2 - x·c3)) for
 * x in [0, 1). c0 is in units of 2^-29, the others of 2^-35. Shape [32 octaves, 16 segments, 4].
 */
export const NORMAL_TABLE: Uint32Array = decodeWords(NORMAL_TABLE_BASE64);

const SHIFT = NORMAL_SLOPE_BITS - NORMAL_VALUE_BITS;

/**
 * WGSL: `standard_normal(word)` with the table bound as `normal_table`, and `normal_of_tail(tail, negative)` under it, for a tail
 * probability in units of 2^-33. Needs a generator's `mulhi` and `normal_tail`.
 *
 * `round24` rounds an integer to 24 significant bits, ties to even, so that its conversion to float32 is exact.
 */
export const NORMAL_WGSL = `
fn round24(v: u32) -> u32 {
  // Ones where a bit is dropped: none where v has 24 bits or fewer.
  let dropped = 0xffu >> min(countLeadingZeros(v), 8u);
  let odd = select(0u, 1u, (v & (dropped + 1u)) != 0u);
  return (v + min((dropped >> 1u) + odd, dropped)) & ~dropped;
}

fn normal_of_tail(tail: u32, negative: bool) -> f32 {
  let octave = countLeadingZeros(tail);
  let scaled = tail << octave;
  let c = normal_table[octave * ${NORMAL_SEGMENTS}u + ((scaled >> 27u) & 15u)];
  let x = scaled << 5u;
  let slope = c.y - mulhi(x, c.z - mulhi(x, c.w));
  // At least one unit: a zero would have a sign, which WGSL does not promise to keep.
  let magnitude = max(c.x - ((mulhi(x, slope) + ${1 << (SHIFT - 1)}u) >> ${SHIFT}u), 1u);
  let value = f32(round24(magnitude)) * ${2 ** -NORMAL_VALUE_BITS};
  return select(value, -value, negative);
}

fn standard_normal(word: u32) -> f32 {
  let tail = normal_tail(word);
  return normal_of_tail(tail.x, tail.y == 1u);
}
`;
