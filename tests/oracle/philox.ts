/**
 * Philox 2x32 and 4x32 in unbounded integers, straight from the paper: Salmon, Moraes, Dror, Shaw, "Parallel
 * Random Numbers: As Easy as 1, 2, 3", SC'11, section 3.3 and table 2. Slow and obvious.
 *
 * Words are u32, the lowest first.
 *
 * @module
 */
import { expectLength } from "./check.ts";

const WORD = 1n << 32n;

// Table 2's multipliers, and the Weyl constants of the key schedule: the golden ratio and sqrt(3) - 1.
const MULTIPLIER_2X32 = 0xd256d193n;
const MULTIPLIERS_4X32 = [0xd2511f53n, 0xcd9e8d57n] as const;
const WEYL = [0x9e3779b9n, 0xbb67ae85n] as const;

/** One block of a Philox stream, named as cuRAND and PyTorch's `philox_engine` name it. */
export interface PhiloxStream {
  /** 64 bits: the key. */
  readonly seed: bigint;
  /** 64 bits: the upper half of the counter. */
  readonly subsequence: bigint;
  /** 64 bits: the lower half of the counter, in blocks of four words. */
  readonly blockOffset: bigint;
}

/**
 * Philox 2x32.
 *
 * @param counter Two words.
 * @param key One word.
 * @param rounds 10, the paper's recommendation, unless told.
 * @returns Two words.
 */
export function philox2x32(
  counter: ArrayLike<number>,
  key: ArrayLike<number>,
  rounds: number = 10,
): number[] {
  expectLength("counter", counter, 2);
  expectLength("key", key, 1);
  let [left, right] = Array.from(counter, BigInt);
  for (let round = 0; round < rounds; round++) {
    const roundKey = (BigInt(key[0]) + BigInt(round) * WEYL[0]) % WORD;
    const product = left * MULTIPLIER_2X32;
    [left, right] = [(product / WORD) ^ roundKey ^ right, product % WORD];
  }
  return [left, right].map(Number);
}

/**
 * Philox 4x32.
 *
 * @param counter Four words.
 * @param key Two words.
 * @param rounds 10, the paper's recommendation, unless told.
 * @returns Four words.
 */
export function philox4x32(
  counter: ArrayLike<number>,
  key: ArrayLike<number>,
  rounds: number = 10,
): number[] {
  expectLength("counter", counter, 4);
  expectLength("key", key, 2);
  let words = Array.from(counter, BigInt);
  for (let round = 0; round < rounds; round++) {
    const keys = WEYL.map((weyl, i) => (BigInt(key[i]) + BigInt(round) * weyl) % WORD);
    const product0 = words[0] * MULTIPLIERS_4X32[0];
    const product1 = words[2] * MULTIPLIERS_4X32[1];
    words = [
      (product1 / WORD) ^ words[1] ^ keys[0],
      product1 % WORD,
      (product0 / WORD) ^ words[3] ^ keys[1],
      product0 % WORD,
    ];
  }
  return words.map(Number);
}

/**
 * The first `count` words of a Philox 4x32-10 stream. The 128-bit counter goes up by one for each four words,
 * and carries.
 *
 * @param stream Seed, subsequence and offset.
 * @param count How many words.
 * @returns `[count]`.
 */
export function philoxStream(stream: PhiloxStream, count: number): Uint32Array {
  const key = wordsOf(stream.seed, 2);
  const first = (stream.subsequence << 64n) + stream.blockOffset;
  const words: number[] = [];
  for (let block = 0n; words.length < count; block++) {
    words.push(...philox4x32(wordsOf(first + block, 4), key));
  }
  return Uint32Array.from(words.slice(0, count));
}

/**
 * The lowest `count` 32-bit words of a number, the lowest first; what lies above them is dropped.
 *
 * @param value From 0 on.
 * @param count How many words.
 */
export function wordsOf(value: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Number((value >> BigInt(32 * i)) % WORD));
}
