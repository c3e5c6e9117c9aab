/**
 * A small deterministic generator for the inputs of tests, and inputs on which float32 arithmetic is exact.
 *
 * @module
 */

/**
 * Mulberry32: a sequence of u32 words with period 2^32. Good enough for inputs of tests, and not one of the
 * generators under test.
 *
 * @param seed Its low 32 bits count.
 * @returns A function that returns the next word at each call.
 */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  };
}

/** `count` values evenly spread over [-1, 1), each a multiple of 2^-23 and so exact in float32. */
export function uniformInputs(count: number, seed: number): Float32Array {
  const next = mulberry32(seed);
  return Float32Array.from({ length: count }, () => (next() >>> 8) * 2 ** -23 - 1);
}

/**
 * `count` whole numbers from -limit to limit. Products of them sum exactly in float32, in any order, while
 * `k limit^2 <= 2^24`: a kernel must then match the reference to the bit.
 */
export function integerInputs(count: number, seed: number, limit: number = 8): Float32Array {
  const next = mulberry32(seed);
  return Float32Array.from({ length: count }, () => next() % (2 * limit + 1) - limit);
}

/**
 * `count` multiples of 2^-bits in [-1, 1). Products of them sum exactly in float32, in any order, while
 * `k 2^(2 bits) <= 2^24`.
 */
export function dyadicInputs(count: number, seed: number, bits: number = 6): Float32Array {
  const next = mulberry32(seed);
  return Float32Array.from({ length: count }, () => (next() >>> (31 - bits)) * 2 ** -bits - 1);
}

/** `count` class labels from 0 to classes - 1. */
export function labelInputs(count: number, seed: number, classes: number): Uint32Array {
  const next = mulberry32(seed);
  return Uint32Array.from({ length: count }, () => next() % classes);
}

/** Whether each value is a float32 already: storing it there loses nothing. */
export function isExactInFloat32(values: ArrayLike<number>): boolean {
  return Array.from(values).every((value) => Object.is(Math.fround(value), value));
}
