/**
 * Generators: what the random kernels get their 32-bit words from. Word e of a stream depends on the key and on e alone (and, in
 * JAX's original layout, on the tensor's size).
 *
 * @module
 */
import type { ParamType } from "./kernel.ts";
import { PHILOX_PAIR_WGSL, PHILOX_WGSL } from "./philox.ts";
import { THREEFRY_WGSL } from "./threefry.ts";

/**
 * `philox`: Philox4x32-10, word e is word e mod 4 of the block with counter (e div 4 as 64 bits, stream as 64 bits), as in cuRAND
 * and PyTorch. `threefry`: Threefry2x32-20 as `jax.random` with `jax_threefry_partitionable`, its default since 0.5: the two words
 * of the block with counter e, xored. `threefry_original`: as JAX without it, which lays the two words of a block half a tensor
 * apart, so that a tensor's words depend on its size.
 */
export type GeneratorName = "philox" | "threefry" | "threefry_original";

/** A generator as WGSL. */
export interface Generator {
  /** Its name. */
  readonly name: GeneratorName;
  /** Function `block(q, attempt)`: the words 4q to 4q + 3 for q as 64 bits, where an attempt after the first stands for another stream. */
  readonly block: string;
  /** Function `block_pair(lo, hi)`: the first attempts at two blocks whose numbers share their upper word. */
  readonly pair: string;
  /** Whether that calls `block`. */
  readonly pairsBlocks: boolean;
  /** Function `normal_tail(word)`: twice a tail probability in units of 2^-32 (x) and whether z is negative (y). */
  readonly normalTail: string;
  /** Parameters of its own beside those of every stream. */
  readonly params: Readonly<Record<string, ParamType>>;
  /** Upper bits of a word that a uniform number is made of: 24, or JAX's 23. */
  readonly unitBits: 23 | 24;
  /** Upper bits of a word that a normal number is made of: 32, or JAX's 23. */
  readonly normalBits: 23 | 32;
}

/** Multiplies the number of an attempt, so that the streams of rejected words lie far apart: the golden ratio in 32 bits. */
export const ATTEMPT_STEP = 0x9e3779b9;

/**
 * WGSL: tail probability and sign from all 32 bits: p = (2t + 1) / 2^33 for the lower 31 bits t, the top bit is the sign.
 */
const TAIL_OF_32_BITS = `
fn normal_tail(word: u32) -> vec2<u32> { return vec2((word << 1u) | 1u, word >> 31u); }
`;

/**
 * WGSL: tail probability and sign as JAX's `normal` has them, which takes erfinv of u = (4k + 1) / 2^24 - 1 for the upper 23 bits
 * k: p = (1 + u) / 2 = (4k + 1) / 2^25, or 1 - p on the right.
 */
const TAIL_OF_23_BITS = `
fn normal_tail(word: u32) -> vec2<u32> {
  let p = ((word >> 9u) << 2u) + 1u;
  let left = p < ${2 ** 24}u;
  return vec2(select(${2 ** 25}u - p, p, left) << 8u, select(0u, 1u, left));
}
`;

const TWO_BLOCKS = `
fn block_pair(lo: vec2<u32>, hi: u32) -> array<vec4<u32>, 2> {
  return array(block(vec2(lo.x, hi), 0u), block(vec2(lo.y, hi), 0u));
}`;

const PHILOX: Generator = {
  name: "philox",
  block: `${PHILOX_WGSL}
fn block(q: vec2<u32>, attempt: u32) -> vec4<u32> {
  return philox4x32(
    vec4(q.x, q.y, p.stream0, p.stream1 ^ (attempt * ${ATTEMPT_STEP}u)), vec2(p.key0, p.key1));
}`,
  pair: `${PHILOX_PAIR_WGSL}
fn block_pair(lo: vec2<u32>, hi: u32) -> array<vec4<u32>, 2> {
  return philox4x32_pair(lo, vec3(hi, p.stream0, p.stream1), vec2(p.key0, p.key1));
}`,
  pairsBlocks: false,
  normalTail: TAIL_OF_32_BITS,
  params: {},
  unitBits: 24,
  normalBits: 32,
};

const THREEFRY: Generator = {
  name: "threefry",
  block: `${THREEFRY_WGSL}
fn block(q: vec2<u32>, attempt: u32) -> vec4<u32> {
  let lo = (q.x << 2u) + vec4(0u, 1u, 2u, 3u);
  let hi = vec4((q.y << 2u) | (q.x >> 30u));
  let pairs = threefry2x32(hi, lo, vec2(p.key0, p.key1 ^ (attempt * ${ATTEMPT_STEP}u)));
  return pairs.x ^ pairs.y;
}`,
  pair: TWO_BLOCKS,
  pairsBlocks: true,
  normalTail: TAIL_OF_23_BITS,
  params: {},
  unitBits: 23,
  normalBits: 23,
};

const THREEFRY_ORIGINAL: Generator = {
  name: "threefry_original",
  block: `${THREEFRY_WGSL}
fn block(q: vec2<u32>, attempt: u32) -> vec4<u32> {
  let e = (q.x << 2u) + vec4(0u, 1u, 2u, 3u);
  let half = vec4(p.half_total);
  let first = e < half;
  let x = select(e - half, e, first);
  // The second word of the last block has counter 0 where the total is odd.
  let y = select(vec4(0u), x + half, x + half < vec4(p.total));
  let pairs = threefry2x32(x, y, vec2(p.key0, p.key1 ^ (attempt * ${ATTEMPT_STEP}u)));
  return select(pairs.y, pairs.x, first);
}`,
  pair: TWO_BLOCKS,
  pairsBlocks: true,
  normalTail: TAIL_OF_23_BITS,
  params: { total: "u32", half_total: "u32" },
  unitBits: 23,
  normalBits: 23,
};

/** The generators by name. */
export const GENERATORS: Readonly<Record<GeneratorName, Generator>> = {
  philox: PHILOX,
  threefry: THREEFRY,
  threefry_original: THREEFRY_ORIGINAL,
};
