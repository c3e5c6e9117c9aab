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

/** The low half of a 32-bit number as a signed one. */
const lowHalf = (x: number) => ((x + 0x8000) & 0xffff) - 0x8000;

/**
 * WGSL: `times0(b)` and the like: low and high word of m * b for one multiplier m.
 *
 * The two multipliers are above 3/4 * 2^32, so that m - 2^32 = h * 2^16 + l is a number of 31 bits with its sign; with b in halves
 * the sum of the two middle products then fits a signed word and needs no carry, and m * b = b * 2^32 + (m - 2^32) * b. For a
 * negative l, b is taken as (upper half + 1) * 2^16 + (lower half - 2^16), which gives the two middle products opposite signs.
 */
function timesConstant(name: string, m: number, { suffix, u, i }: Width): string {
  const l = lowHalf(m), h = (m - 2 ** 32 - l) / 2 ** 16;
  const halves = l > 0
    ? `let bl = ${i}(b & ${u}(0xffffu)); let bh = ${i}(b >> ${u}(16u));`
    : `let bl = ${i}(b | ${u}(0xffff0000u)); let bh = ${i}(b >> ${u}(16u)) + 1;`;
  return `
fn ${name}${suffix}(b: ${u}) -> Product${suffix} {
  ${halves}
  let middle = ${h} * bl + ${l} * bh + ((${l} * bl) >> ${u}(16u));
  return Product${suffix}(b * ${m}u, b + ${u}(${h} * bh + (middle >> ${u}(16u))));
}`;
}

/** How many blocks at once: the end of the functions' names, and the types of a word of each block. */
interface Width {
  readonly suffix: string;
  readonly u: string;
  readonly i: string;
}

const ONE: Width = { suffix: "", u: "u32", i: "i32" };
const PAIR: Width = { suffix: "_pair", u: "vec2<u32>", i: "vec2<i32>" };

/** One round; its key is the one before plus a constant. */
const round = ({ suffix, u }: Width) => `
  a = times0${suffix}(x); b = times1${suffix}(z);
  x = b.high ^ y ^ ${u}(k0); y = b.low; z = a.high ^ w ^ ${u}(k1); w = a.low;
  k0 += ${PHILOX_W[0]}u; k1 += ${PHILOX_W[1]}u;`;

/** WGSL: the multiplications of one width. */
const boxes = (width: Width) => `
struct Product${width.suffix} { low: ${width.u}, high: ${width.u} }
${timesConstant("times0", PHILOX_M[0], width)}${timesConstant("times1", PHILOX_M[1], width)}
`;

/** WGSL: ten rounds on x, y, z, w, unrolled: what the blocks of an invocation share is then computed once. */
const rounds = (width: Width) => `
  var k0 = key.x; var k1 = key.y;
  var a: Product${width.suffix}; var b: Product${width.suffix};
${round(width).repeat(PHILOX_ROUNDS)}`;

/** WGSL: `philox4x32(counter, key)`. */
export const PHILOX_WGSL: string = `${boxes(ONE)}
fn philox4x32(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var x = counter.x; var y = counter.y; var z = counter.z; var w = counter.w;
${rounds(ONE)}
  return vec4(x, y, z, w);
}
`;

/**
 * WGSL: `philox4x32_pair(first, rest, key)`, the blocks of two counters that differ in their first word alone. A block's rounds are
 * one chain of operations that wait for one another: two chains side by side fill each other's waits.
 */
export const PHILOX_PAIR_WGSL: string = `${boxes(PAIR)}
fn philox4x32_pair(first: vec2<u32>, rest: vec3<u32>, key: vec2<u32>) -> array<vec4<u32>, 2> {
  var x = first; var y = vec2(rest.x); var z = vec2(rest.y); var w = vec2(rest.z);
${rounds(PAIR)}
  return array(vec4(x.x, y.x, z.x, w.x), vec4(x.y, y.y, z.y, w.y));
}
`;
