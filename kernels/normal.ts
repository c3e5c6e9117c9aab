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
 * probability in units of 2^-33. Needs a generator's `normal_tail`.
 *
 * `position_times` is the upper word of x * c for the position x, a multiple of 2^5, and c below 2^31, which all coefficients of
 * x are: with x in 14 and 13 bits and c in 15 and 16, the middle products and the carry from below fit one word together.
 *
 * `round24` rounds an integer to 24 significant bits, ties to even, so that its conversion to float32 is exact.
 */
export const NORMAL_WGSL = `
fn round24(v: u32) -> u32 {
  // Ones where a bit is dropped: none where v has 24 bits or fewer.
  let dropped = 0xffu >> min(countLeadingZeros(v), 8u);
  let odd = min(v & (dropped + 1u), 1u);
  return (v + ((dropped + odd) >> 1u)) & ~dropped;
}

struct Position { high: u32, low: u32, high4: u32, low8: u32 }

fn position_times(x: Position, c: u32) -> u32 {
  let cl = c & 0xffffu; let ch = c >> 16u;
  return x.high4 * ch + ((x.high * cl + x.low8 * ch + ((x.low * cl) >> 13u)) >> 14u);
}

fn normal_of_tail(tail: u32, negative: bool) -> f32 {
  let octave = countLeadingZeros(tail);
  let scaled = tail << octave;
  let c = normal_table_row(octave * ${NORMAL_SEGMENTS}u + ((scaled >> 27u) & 15u));
  let high = (scaled >> 13u) & 0x3fffu; let low = scaled & 0x1fffu;
  let x = Position(high, low, high << 2u, low << 3u);
  let slope = c.y - position_times(x, c.z - position_times(x, c.w));
  // At least one unit: a zero would have a sign, which WGSL does not promise to keep.
  let magnitude = max(c.x - ((position_times(x, slope) + ${1 << (SHIFT - 1)}u) >> ${SHIFT}u), 1u);
  let value = f32(round24(magnitude)) * ${2 ** -NORMAL_VALUE_BITS};
  return select(value, -value, negative);
}

fn standard_normal(word: u32) -> f32 {
  let tail = normal_tail(word);
  return normal_of_tail(tail.x, tail.y == 1u);
}
`;
