/**
 * A seeded permutation, made on the host: shuffling is sequential.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import { hostBlock } from "./generator.ts";
import type { Key } from "./key.ts";
import { mulhi } from "./philox.ts";

/**
 * The numbers 0 to n - 1 in an order that depends on the key alone; each of the n! orders is equally likely.
 *
 * Fisher and Yates' shuffle from the top down, with words 0, 1, 2, … of the key's stream, rejected by D. Lemire's rule ("Fast
 * random integer generation in an interval", 2019) where they would favour some numbers.
 *
 * @param key Seed and stream.
 * @param n 0 to 2^32 - 1.
 * @throws {ArgumentError} when n is no such number.
 */
export function permutation(key: Key, n: number): Uint32Array<ArrayBuffer> {
  if (!Number.isInteger(n) || n < 0 || n > 0xffffffff) {
    throw new ArgumentError(`a permutation of ${n} numbers`, "give a whole number from 0 to 2^32 - 1");
  }
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const word = wordReader(key);
  for (let i = n - 1; i > 0; i--) {
    const j = below(i + 1, word);
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
  return order;
}

/** An integer from 0 to bound - 1 without bias: the upper half of word * bound, unless the lower half is in the uneven part. */
function below(bound: number, word: () => number): number {
  const uneven = 2 ** 32 % bound;
  for (;;) {
    const w = word();
    if ((Math.imul(w, bound) >>> 0) >= uneven) return mulhi(w, bound);
  }
}

/** The words of a key's stream, one after the other. */
function wordReader({ generator, words }: Key): () => number {
  let next = 0n, block: readonly number[] = [];
  return () => {
    const lane = Number(next & 3n);
    // JAX's original layout has no stream without an end; the partitionable one stands in.
    const stream = generator === "threefry_original" ? "threefry" : generator;
    if (lane === 0) block = hostBlock(stream, words, next >> 2n, 0, 0);
    next++;
    return block[lane];
  };
}
