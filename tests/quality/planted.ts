/**
 * Planted bad generators: each has one defect, of a kind that generators and kernels have had.
 *
 * @module
 */
import { mulberry32 } from "../oracle/random.ts";

/** Words by a function of the index. */
function words(n: number, word: (i: number) => number): Uint32Array {
  const out = new Uint32Array(n);
  for (let i = 0; i < n; i++) out[i] = word(i);
  return out;
}

/** Float64 numbers by a function of the index. */
function floats(n: number, value: (i: number) => number): Float64Array {
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) out[i] = value(i);
  return out;
}

/** A linear congruential generator modulo 2^32 (Numerical Recipes' ranqd1): bit b has the period 2^(b + 1). */
export function lcg(n: number): Uint32Array {
  let state = 1;
  return words(n, () => state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
}

/** IBM's RANDU, 65539 x modulo 2^31, in the upper 31 bits: x'' = 6x' - 9x, fifteen planes. */
export function randu(n: number): Uint32Array {
  let state = 1;
  return words(n, () => {
    state = Math.imul(state, 65539) & 0x7fffffff;
    return state << 1;
  });
}

/** Multiples of the golden ratio: evenly spread, and in order. */
export function weyl(n: number): Uint32Array {
  return words(n, (i) => Math.imul(i, 0x9e3779b9));
}

/** A stream whose second half repeats the first: a counter that starts anew. */
export function repeated(good: Uint32Array): Uint32Array {
  return words(good.length, (i) => good[i % (good.length / 2)]);
}

/** Every other workgroup of 64 invocations makes the blocks of the one before: 256 words further on the same again. */
export function repeatedWorkgroups(good: Uint32Array): Uint32Array {
  return words(good.length, (i) => good[i & ~256]);
}

/** Every other block begins with the third word of the block before. */
export function leakingBlocks(good: Uint32Array): Uint32Array {
  return words(good.length, (i) => i % 8 === 4 ? good[i - 2] : good[i]);
}

/** The first and the third word of every block changed places. */
export function swapped(good: Uint32Array): Uint32Array {
  return words(good.length, (i) => good[i % 2 === 0 ? i ^ 2 : i]);
}

/** One number in fifty is the one before it again. */
export function sticky<T extends Uint32Array | Float32Array>(good: T): T {
  const next = mulberry32(1), out = good.slice() as T;
  for (let i = 1; i < out.length; i++) if (next() < 2 ** 32 / 50) out[i] = out[i - 1];
  return out;
}

/** One bit is set with probability 0.505. */
export function biasedBit(good: Uint32Array): Uint32Array {
  const next = mulberry32(2);
  return good.map((word) => next() < 2 ** 32 / 100 ? word | 128 : word);
}

/** u^1.03 instead of u. */
export function curved(good: Uint32Array): Uint32Array {
  return good.map((word) => Math.floor((word * 2 ** -32) ** 1.03 * 2 ** 32));
}

/** The stream three words further on. */
export function shifted(good: Uint32Array): Uint32Array {
  return words(good.length, (i) => good[(i + 3) % good.length]);
}

/** Uniform numbers with 12 bits. */
export function twelveBitUniform(good: Uint32Array): Float64Array {
  return floats(good.length, (i) => (good[i] >>> 20) * 2 ** -12);
}

/** Uniform numbers half a step too high: (k + 1/2) 2^-24. */
export function halfStepUniform(good: Uint32Array): Float64Array {
  return floats(good.length, (i) => ((good[i] >>> 8) + 0.5) * 2 ** -24);
}

/** All 32 bits as a float32: rounds to 1 where the upper 25 bits are set, as is one word here. */
export function roundedUniform(good: Uint32Array): Float64Array {
  return floats(
    good.length,
    (i) => i === 1000 ? Math.fround(0xffffffff * 2 ** -32) : (good[i] >>> 8) * 2 ** -24,
  );
}

/** Uniform numbers that end at 0.99. */
export function shortUniform(good: Uint32Array): Float64Array {
  return floats(good.length, (i) => (good[i] >>> 8) * 2 ** -24 * 0.99);
}

/** Uniform numbers of which every second is 1 less the one before: antithetic pairs. */
export function antitheticUniform(good: Uint32Array): Float64Array {
  return floats(
    good.length,
    (i) => (i % 2 === 0 ? good[i] >>> 8 : 2 ** 24 - 1 - (good[i - 1] >>> 8)) * 2 ** -24,
  );
}

/** Box and Muller's transform of pairs of uniform numbers with 16 bits: nothing lies beyond sqrt(2 log 2^17) = 4.85. */
export function boxMuller16(good: Uint32Array): Float64Array {
  return floats(good.length, (i) => {
    const radius = Math.sqrt(-2 * Math.log(((good[i] >>> 16) + 0.5) * 2 ** -16));
    return radius * Math.cos(2 * Math.PI * (good[i] & 0xffff) * 2 ** -16);
  });
}

/** The sum of twelve uniform numbers less 6: mean 0, variance 1, and light tails. */
export function sumOfTwelve(good: Uint32Array): Float64Array {
  return floats(Math.floor(good.length / 12), (i) => {
    let sum = -6;
    for (let k = 0; k < 12; k++) sum += good[12 * i + k] * 2 ** -32;
    return sum;
  });
}

/** The remainder of a word: the lower 2^32 mod range numbers are too frequent. */
export function remainder(good: Uint32Array, range: number): Float64Array {
  return floats(good.length, (i) => good[i] % range);
}

/** The upper half of word · range, without rejection: evenly spread over the range, and uneven from number to number. */
export function unrejected(good: Uint32Array, range: number): Float64Array {
  return floats(good.length, (i) => Math.floor(good[i] * (range / 2 ** 32)));
}

/** A uniform number with 24 bits times the range: a larger range has gaps. */
export function fromUniform(good: Uint32Array, range: number): Float64Array {
  return floats(good.length, (i) => Math.floor((good[i] >>> 8) * 2 ** -24 * range));
}

/** Whole numbers from 0 to `range`, one too many. */
export function oneTooMany(good: Uint32Array, range: number): Float64Array {
  return unrejected(good, range + 1);
}

/** 1 with the given probability. */
export function bernoulli(good: Uint32Array, probability: number): Float32Array {
  return Float32Array.from(good, (word) => word * 2 ** -32 < probability ? 1 : 0);
}

/** How a shuffle chooses the partner of place i among n. */
type Partner = (i: number, n: number, word: number) => number;

/** Fisher and Yates' rule, but for a bias of n / 2^32 that nothing can see. */
export const FAIR: Partner = (i, _, word) => word % (i + 1);

/** The naive shuffle: every place changes with any other. n^n ways for n! orders. */
export const NAIVE: Partner = (_, n, word) => word % n;

/** One too few, Sattolo's shuffle: no number stays where it is. */
export const ONE_TOO_FEW: Partner = (i, _, word) => word % i;

/** Shuffles of 0 to n - 1. */
export function shuffles(good: Uint32Array, n: number, partner: Partner): Uint32Array[] {
  return Array.from({ length: Math.floor(good.length / n) }, (_, s) => {
    const order = words(n, (i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = partner(i, n, good[n * s + i]);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  });
}

/** A long shuffle that ends too early: of the upper places only. */
export function halfShuffled(good: Uint32Array, n: number): Uint32Array {
  const order = words(n, (i) => i);
  for (let i = n - 1; i > n * 0.9; i--) {
    const j = good[i] % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
