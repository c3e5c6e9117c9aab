/**
 * The host twin of the normal kernel: the same numbers, bit for bit, from the same table.
 *
 * @module
 */
import { NORMAL_SEGMENTS, NORMAL_SLOPE_BITS, NORMAL_TABLE, NORMAL_VALUE_BITS } from "../../kernels/normal.ts";
import { mulhi } from "./philox.ts";

const SHIFT = NORMAL_SLOPE_BITS - NORMAL_VALUE_BITS;

/**
 * The standard normal deviate that a random word stands for: -Φ⁻¹ of its lower 31 bits as a tail probability, with the top
 * bit as the sign.
 *
 * @param word 0 to 2^32 - 1.
 * @returns A float32, between -6.34 and 6.34, never 0; within 1.3e-8 + half a float32 step of the exact value.
 */
export function standardNormal(word: number): number {
  const tail = ((word << 1) | 1) >>> 0;
  const octave = Math.clz32(tail);
  const scaled = (tail << octave) >>> 0;
  const at = (octave * NORMAL_SEGMENTS + ((scaled >>> 27) & 15)) * 4;
  const x = (scaled << 5) >>> 0;
  const [c0, c1, c2, c3] = NORMAL_TABLE.subarray(at, at + 4);
  const slope = c1 - mulhi(x, c2 - mulhi(x, c3));
  const magnitude = Math.max(c0 - ((mulhi(x, slope) + (1 << (SHIFT - 1))) >>> SHIFT), 1);
  // fround rounds to 24 bits, ties to even: what the kernel's round24 does with integers.
  const value = Math.fround(magnitude) * 2 ** -NORMAL_VALUE_BITS;
  return word >= 0x80000000 ? -value : value;
}
