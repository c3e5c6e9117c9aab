/**
 * The host twin of the Philox kernel: the same blocks, bit for bit, from the same constants.
 *
 * @module
 */
import { PHILOX_M, PHILOX_ROUNDS, PHILOX_W } from "../../kernels/philox.ts";

/** Four unsigned 32-bit words. */
export type Words4 = [number, number, number, number];

/**
 * The high 32 bits of a product of two unsigned 32-bit integers.
 *
 * @param a 0 to 2^32 - 1.
 * @param b 0 to 2^32 - 1.
 */
export function mulhi(a: number, b: number): number {
  const al = a & 0xffff, ah = a >>> 16, bl = b & 0xffff, bh = b >>> 16;
  const m1 = ah * bl + Math.floor(al * bl / 65536);
  const m2 = al * bh + (m1 % 65536);
  return ah * bh + Math.floor(m1 / 65536) + Math.floor(m2 / 65536);
}

/**
 * One block of Philox4x32 (Salmon et al., SC'11, section 3.3).
 *
 * @param counter Four words, the least significant first.
 * @param key Two words, the least significant first.
 * @param rounds Ten, unless another variant is tested.
 * @returns Four random words.
 */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
  rounds: number = PHILOX_ROUNDS,
): Words4 {
  let [x, y, z, w] = counter, [k0, k1] = key;
  for (let round = 0; round < rounds; round++) {
    const hi0 = mulhi(PHILOX_M[0], x), lo0 = Math.imul(PHILOX_M[0], x);
    const hi1 = mulhi(PHILOX_M[1], z), lo1 = Math.imul(PHILOX_M[1], z);
    [x, y, z, w] = [(hi1 ^ y ^ k0) >>> 0, lo1 >>> 0, (hi0 ^ w ^ k1) >>> 0, lo0 >>> 0];
    k0 = (k0 + PHILOX_W[0]) >>> 0;
    k1 = (k1 + PHILOX_W[1]) >>> 0;
  }
  return [x, y, z, w];
}
