/**
 * The table a second time, from the formulas of README.md and from nothing else of fanin: keys in unbounded integers, the slow
 * generators of `tests/oracle/`, the normal table's literal words. Slow and obvious.
 *
 * @module
 */
import { decodeWords, NORMAL_TABLE_BASE64 } from "../../kernels/normal_table.ts";
import type { HostArray } from "../../src/gpu/mod.ts";
import type { Distribution } from "../../src/random/mod.ts";
import { normalCdf } from "../oracle/normal.ts";
import { philox4x32, wordsOf } from "../oracle/philox.ts";
import { threefry2x32 } from "../oracle/threefry.ts";
import type { Case } from "./row.ts";

const TWO32 = 1n << 32n, TWO64 = 1n << 64n;
const GOLDEN = 0x9e3779b9n, FOLD = 0x666f6c64n, SPLIT = 0x73706c74n;
const COEFFICIENTS = [...decodeWords(NORMAL_TABLE_BASE64)].map(BigInt);

/** Two 64-bit numbers: for Philox seed and stream, for Threefry (upper word first) the key, and 0. */
type Pair = readonly [key: bigint, stream: bigint];

/** Word e of attempt a. */
type Words = (e: bigint, attempt: bigint) => bigint;

/** The elements of a case. */
export function oracle(c: Case): HostArray {
  const words = wordsOfCase(c), first = BigInt(c.start);
  const values = Array.from({ length: c.count }, (_, i) => value(c, words, first + BigInt(i)));
  if (c.distribution.kind === "bits") return Uint32Array.from(values);
  return c.distribution.kind === "integers" ? Int32Array.from(values) : Float32Array.from(values);
}

function fnv1a64(bytes: readonly number[]): bigint {
  return bytes.reduce(
    (hash, byte) => ((hash ^ BigInt(byte)) * 0x100000001b3n) % TWO64,
    0xcbf29ce484222325n,
  );
}

function bigOf(low: number, high: number): bigint {
  return BigInt(high) * TWO32 + BigInt(low);
}

/** One block of Threefry; counter and key have their upper word first. */
function threefry(counter: bigint, key: bigint): readonly [bigint, bigint] {
  const [low, high] = wordsOf(counter, 2), [keyLow, keyHigh] = wordsOf(key, 2);
  const [x, y] = threefry2x32([high, low], [keyHigh, keyLow]);
  return [BigInt(x), BigInt(y)];
}

/** The four words of a Philox block. */
function philox(block: bigint, stream: bigint, seed: bigint): number[] {
  return philox4x32([...wordsOf(block, 2), ...wordsOf(stream, 2)], wordsOf(seed, 2));
}

function pairOf(c: Case): Pair {
  const seed = (BigInt(c.seed) + TWO64) % TWO64;
  return c.generator === "philox" ? philoxPair(c, seed) : [threefryKey(c, seed), 0n];
}

function philoxPair(c: Case, seed: bigint): Pair {
  let pair: Pair = [seed, 0n];
  for (const name of c.streams) {
    const id = Array.from({ length: 8 }, (_, i) => Number((pair[1] >> BigInt(8 * i)) % 256n));
    pair = [pair[0], fnv1a64([...id, ...new TextEncoder().encode(name)])];
  }
  const child = (data: bigint, tag: bigint): Pair => {
    const [x, y] = philox(data, pair[1] ^ (tag * TWO32), pair[0]);
    return [bigOf(x, y), 0n];
  };
  for (const data of c.folds) pair = child(BigInt(data), FOLD);
  for (const [, index] of c.splits) pair = child(BigInt(index), SPLIT);
  return pair;
}

function threefryKey(c: Case, seed: bigint): bigint {
  let key = seed;
  const fold = (data: bigint): void => {
    const [x, y] = threefry(data, key);
    key = x * TWO32 + y;
  };
  for (const name of c.streams) {
    const hash = fnv1a64([...new TextEncoder().encode(name)]);
    fold(hash % TWO32);
    fold(hash / TWO32);
  }
  for (const data of c.folds) fold(BigInt(data));
  for (const [count, index] of c.splits) {
    if (c.generator === "threefry") fold(BigInt(index));
    else {
      const words = originalWords(key, BigInt(2 * count));
      key = words(BigInt(2 * index)) * TWO32 + words(BigInt(2 * index + 1));
    }
  }
  return key;
}

/** JAX's original layout: word j, and half a tensor on, of block (j, j + half). */
function originalWords(key: bigint, total: bigint): (e: bigint) => bigint {
  const half = (total + 1n) / 2n;
  return (e) => {
    const j = e % half, partner = j + half;
    return threefry(j * TWO32 + (partner < total ? partner : 0n), key)[e < half ? 0 : 1];
  };
}

function wordsOfCase(c: Case): Words {
  const [key, stream] = pairOf(c), total = BigInt(c.total ?? BigInt(c.start) + BigInt(c.count));
  const apart = (attempt: bigint): bigint => (attempt * GOLDEN) % TWO32;
  if (c.generator === "philox") {
    return (e, attempt) => BigInt(philox(e / 4n, stream ^ (apart(attempt) * TWO32), key)[Number(e % 4n)]);
  }
  if (c.generator === "threefry") {
    return (e, attempt) => {
      const [x, y] = threefry(e % TWO64, key ^ apart(attempt));
      return x ^ y;
    };
  }
  return (e, attempt) => originalWords(key ^ apart(attempt), total)(e);
}

const { fround } = Math;

/** Element e of a case. */
function value(c: Case, words: Words, e: bigint): number {
  const d = c.distribution;
  if (d.kind === "constant") return fround(d.value);
  const word = words(e, 0n), bits = c.generator === "philox" ? 24n : 23n;
  const upper = Number(word >> (32n - bits)), steps = 2 ** Number(bits);
  switch (d.kind) {
    case "bits":
      return Number(word);
    case "uniform":
      return uniform(upper / steps, fround(d.low), fround(d.high));
    case "bounded":
      return fround((upper - steps / 2) / (steps / 2) * fround(d.bound));
    case "bernoulli":
      return upper / steps < fround(d.probability) ? 1 : 0;
    case "integers":
      return integer(words, e, BigInt(d.low), BigInt(d.high));
    case "normal":
      return fround(fround(standardNormal(c, word) * fround(d.std)) + fround(d.mean));
    case "truncated_normal":
      return truncated(c.generator === "philox" ? word : word - word % 512n, d);
  }
}

function uniform(u: number, low: number, high: number): number {
  const drawn = fround(fround(u * fround(high - low)) + low);
  if (drawn < high) return drawn;
  const below = new Float32Array([high]), bits = new Int32Array(below.buffer);
  bits[0] += high > 0 ? -1 : 1; // a float's neighbour is its bits' neighbour
  return below[0];
}

function integer(words: Words, e: bigint, low: bigint, high: bigint): number {
  const range = high - low;
  for (let attempt = 0n;; attempt++) {
    const product = words(e, attempt) * range;
    if (product % TWO32 >= TWO32 % range || attempt === 63n) return Number(low + product / TWO32);
  }
}

/** The normal deviate whose tail probability is `tail` / 2^33. */
function deviate(tail: bigint, negative: boolean): number {
  const octave = 32 - tail.toString(2).length, scaled = (tail << BigInt(octave)) % TWO32;
  const segment = (scaled >> 27n) % 16n, x = (scaled << 5n) % TWO32;
  const at = octave * 64 + Number(segment) * 4;
  const [c0, c1, c2, c3] = COEFFICIENTS.slice(at, at + 4);
  const times = (c: bigint): bigint => (x * c) / TWO32;
  const fall = (times(c1 - times(c2 - times(c3))) + 32n) / 64n;
  const magnitude = c0 > fall ? c0 - fall : 1n;
  return fround(Number(magnitude)) / 2 ** 29 * (negative ? -1 : 1);
}

function standardNormal(c: Case, word: bigint): number {
  if (c.generator === "philox") return deviate(2n * (word % (TWO32 / 2n)) + 1n, word >= TWO32 / 2n);
  const p = 4n * (word >> 9n) + 1n, negative = p < 1n << 24n;
  return deviate(256n * (negative ? p : (1n << 25n) - p), negative);
}

function truncated(word: bigint, d: Distribution & { kind: "truncated_normal" }): number {
  const [mean, sigma, low, high] = [d.mean, d.std, d.low, d.high].map(fround);
  const at = (bound: number): bigint => {
    const units = BigInt(Math.round(normalCdf((bound - mean) / sigma) * 2 ** 32));
    return units < TWO32 ? units : TWO32 - 1n;
  };
  const first = at(low), c = first + (word * (at(high) - first)) / TWO32, left = c < TWO32 / 2n;
  const z = deviate(2n * ((left ? c : TWO32 - 1n - c) % (TWO32 / 2n)) + 1n, left);
  return Math.min(Math.max(fround(fround(z * sigma) + mean), low), high);
}
