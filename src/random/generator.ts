/**
 * The generators on the host: the same words as the kernels', bit for bit.
 *
 * @module
 */
import { ATTEMPT_STEP, type GeneratorName } from "../../kernels/generator.ts";
import { philox4x32, type Words4 } from "./philox.ts";
import { threefry2x32 } from "./threefry.ts";

/** The four words that, with the generator's name, are a key: for Philox seed and stream, for Threefry two words and zeros. */
export type KeyWords = readonly [number, number, number, number];

/** The lower and the upper 32 bits of a 64-bit number. */
export function halves(value: bigint): [lo: number, hi: number] {
  return [Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn)];
}

/**
 * Words 4q to 4q + 3 of a key's stream.
 *
 * @param generator Which generator.
 * @param key The key's words.
 * @param q Block of four, 0 to 2^64 - 1.
 * @param attempt 0, unless words before were rejected.
 * @param total Elements of the whole tensor; only `threefry_original` depends on it.
 */
export function hostBlock(
  generator: GeneratorName,
  key: KeyWords,
  q: bigint,
  attempt: number,
  total: number,
): Words4 {
  const apart = Math.imul(attempt, ATTEMPT_STEP);
  if (generator === "philox") {
    return philox4x32([...halves(q), key[2], (key[3] ^ apart) >>> 0], [key[0], key[1]]);
  }
  const words: readonly [number, number] = [key[0], (key[1] ^ apart) >>> 0];
  const word = generator === "threefry"
    ? (e: bigint) => partitionableWord(e, words)
    : (e: bigint) => originalWord(Number(e), total, words);
  const first = q << 2n;
  return [word(first), word(first + 1n), word(first + 2n), word(first + 3n)];
}

/** JAX's `random_bits` with `jax_threefry_partitionable`: the two words of block e, xored. The upper counter word comes first. */
function partitionableWord(e: bigint, key: readonly [number, number]): number {
  const [lo, hi] = halves(e);
  const [x, y] = threefry2x32([hi, lo], key);
  return (x ^ y) >>> 0;
}

/** JAX's `random_bits` without it: block j gives words j and j + half of the tensor. */
function originalWord(e: number, total: number, key: readonly [number, number]): number {
  const half = Math.ceil(total / 2), j = e < half ? e : e - half;
  const [x, y] = threefry2x32([j, j + half < total ? j + half : 0], key);
  return e < half ? x : y;
}

/**
 * Tail probability in units of 2^-33, and whether z is negative, as the generator's kernel takes them from a word.
 *
 * @param generator Which generator.
 * @param word 0 to 2^32 - 1.
 */
export function normalTail(generator: GeneratorName, word: number): { tail: number; negative: boolean } {
  if (generator === "philox") return { tail: ((word << 1) | 1) >>> 0, negative: word >= 0x80000000 };
  const p = (word >>> 9) * 4 + 1, negative = p < 2 ** 24;
  return { tail: (negative ? p : 2 ** 25 - p) * 256, negative };
}
