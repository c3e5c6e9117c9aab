/**
 * Philox4x32: the counter-based generator behind every weight.
 *
 * J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 3.3.
 * A block of four 32-bit words is a function of a 128-bit counter and a 64-bit key, and of nothing else; so any element of any
 * tensor can be made anywhere, in any order.
 *
 * The numbers below are shared with the host twin in `src/random/philox.ts`.
 *
 * @module
 */

/** Multipliers of the two S-boxes. */
export const PHILOX_M: readonly [number, number] = [0xd2511f53, 0xcd9e8d57];

/** Weyl constants that bump the key between rounds: the golden ratio, and sqrt(3) - 1. */
export const PHILOX_W: readonly [number, number] = [0x9e3779b9, 0xbb67ae85];

/** Rounds: ten, the number that the paper recommends and everyone uses. */
export const PHILOX_ROUNDS = 10;

/** WGSL: the high 32 bits of a 32x32-bit product, from 16-bit halves, since WGSL has no 64-bit integers. */
export const MULHI_WGSL = `
fn mulhi(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu; let ah = a >> 16u;
  let bl = b & 0xffffu; let bh = b >> 16u;
  let low = al * bl;
  let m1 = ah * bl + (low >> 16u);
  let m2 = al * bh + (m1 & 0xffffu);
  return ah * bh + (m1 >> 16u) + (m2 >> 16u);
}
`;

/** WGSL: `philox4x32(counter, key)`, ten rounds. Needs {@linkcode MULHI_WGSL}. */
export const PHILOX_WGSL = `
fn philox4x32(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var k = key;
  for (var round = 0u; round < ${PHILOX_ROUNDS}u; round++) {
    let hi0 = mulhi(${PHILOX_M[0]}u, c.x);
    let lo0 = ${PHILOX_M[0]}u * c.x;
    let hi1 = mulhi(${PHILOX_M[1]}u, c.z);
    let lo1 = ${PHILOX_M[1]}u * c.z;
    c = vec4<u32>(hi1 ^ c.y ^ k.x, lo1, hi0 ^ c.w ^ k.y, lo0);
    k += vec2<u32>(${PHILOX_W[0]}u, ${PHILOX_W[1]}u);
  }
  return c;
}
`;
