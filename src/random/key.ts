/**
 * Keys: where a parameter's random numbers come from, as a value.
 *
 * @module
 */
import type { GeneratorName } from "../../kernels/generator.ts";
import { ArgumentError } from "../gpu/errors.ts";
import { halves, type KeyWords } from "./generator.ts";
import { philox4x32 } from "./philox.ts";
import { threefry2x32 } from "./threefry.ts";

const MASK64 = (1n << 64n) - 1n;
const FNV_OFFSET = 0xcbf29ce484222325n, FNV_PRIME = 0x100000001b3n;

/** Xored into the upper stream word of the counters that make new Philox keys: "fold" and "splt" in ASCII. */
const FOLD = 0x666f6c64, SPLIT = 0x73706c74;

/**
 * A generator and four words. Element e of a key's stream depends on these and on e alone.
 *
 * @example
 * ```ts
 * import { key } from "@fanin/fanin";
 *
 * const weights = key(0).stream("0.weight");
 * console.log(weights.toString()); // philox(0).stream(0.weight)
 * const [left, right] = key(0, "threefry").split(2); // as jax.random.split(jax.random.key(0))
 * console.log(left.words.slice(0, 2)); // [1797259609, 2579123966]
 * ```
 */
export class Key {
  /** Which generator it is for. */
  readonly generator: GeneratorName;
  /** For Philox the seed and the stream, 64 bits each, lower word first; for Threefry JAX's two key words, and zeros. */
  readonly words: KeyWords;
  /** The seed that it came from, as it was given; "?" for a key of words. */
  readonly seed: string;
  readonly #text: string;

  /**
   * A key of given words: for tests and for words that another system made. Others call {@linkcode key}.
   *
   * @param generator Which generator it is for.
   * @param words Its four words, unsigned.
   * @param text What {@linkcode Key.toString} gives.
   * @param seed The seed that it came from.
   */
  constructor(generator: GeneratorName, words: KeyWords, text = `${generator}[${words}]`, seed = "?") {
    this.generator = generator;
    this.words = words;
    this.seed = seed;
    this.#text = text;
  }

  /**
   * The stream of a name: other names, other numbers, whatever is drawn before or beside it.
   *
   * For Philox the same seed and the stream whose id is the 64-bit FNV-1a hash of the present id (8 bytes, least significant
   * first) and the name in UTF-8, so that streams of streams differ from one another as well. For Threefry, which has no
   * streams, the key folded with the lower and then the upper half of the hash of the name.
   *
   * @param name Any text, such as a parameter's name.
   */
  stream(name: string): Key {
    const utf8 = new TextEncoder().encode(name), text = `${this.#text}.stream(${name})`;
    if (this.generator === "philox") {
      const id = fnv1a64([...wordBytes(this.words[2]), ...wordBytes(this.words[3]), ...utf8]);
      return new Key("philox", [this.words[0], this.words[1], ...halves(id)], text, this.seed);
    }
    const [lo, hi] = halves(fnv1a64(utf8));
    return new Key(this.generator, this.fold(lo).fold(hi).words, text, this.seed);
  }

  /**
   * A key made of this one and a number: for a step, an epoch, a worker. For Threefry `jax.random.fold_in`.
   *
   * @param data A whole number from 0 on: of 64 bits for Philox, of 32 for Threefry.
   * @throws {ArgumentError} when it is none.
   */
  fold(data: number | bigint): Key {
    const bits = this.generator === "philox" ? 64n : 32n;
    const valid = typeof data === "bigint" || Number.isSafeInteger(data);
    if (!valid || data < 0 || BigInt(data) >= 1n << bits) {
      throw new ArgumentError(`fold with ${data}`, `give a whole number from 0 to 2^${bits} - 1`);
    }
    return this.#child(BigInt(data), FOLD, `fold(${data})`);
  }

  /**
   * Keys that are independent of one another and of this one. For Threefry `jax.random.split`.
   *
   * @param count How many, 0 to 2^24.
   * @throws {ArgumentError} when it is no such number.
   */
  split(count = 2): Key[] {
    if (!Number.isInteger(count) || count < 0 || count > 2 ** 24) {
      throw new ArgumentError(`split into ${count} keys`, "give a whole number from 0 to 2^24");
    }
    return Array.from({ length: count }, (_, i) => {
      if (this.generator === "threefry_original") return this.#originalSplit(i, count);
      return this.#child(BigInt(i), SPLIT, `split(${count})[${i}]`);
    });
  }

  /** The seed and what was done to it. */
  toString(): string {
    return this.#text;
  }

  /** Philox keeps folds and splits apart by a tag; for JAX a fold and a split are the same block. */
  #child(data: bigint, tag: number, step: string): Key {
    const [k0, k1, s0, s1] = this.words, [lo, hi] = halves(data), text = `${this.#text}.${step}`;
    if (this.generator === "philox") {
      const [x, y] = philox4x32([lo, hi, s0, (s1 ^ tag) >>> 0], [k0, k1]);
      return new Key("philox", [x, y, 0, 0], text, this.seed);
    }
    return new Key(this.generator, [...threefry2x32([hi, lo], [k0, k1]), 0, 0], text, this.seed);
  }

  /** `jax.random.split` without partitionable: the 2n words of 2n counters, in JAX's original layout, two by two. */
  #originalSplit(i: number, count: number): Key {
    const [k0, k1] = this.words;
    const word = (e: number) => {
      const j = e < count ? e : e - count;
      return threefry2x32([j, j + count], [k0, k1])[e < count ? 0 : 1];
    };
    return new Key(
      this.generator,
      [word(2 * i), word(2 * i + 1), 0, 0],
      `${this.#text}.split(${count})[${i}]`,
    );
  }
}

/**
 * The key of a seed.
 *
 * @param seed A whole number: -2^63 to 2^64 - 1 as a bigint, or a safe integer. Negative ones stand for themselves modulo 2^64.
 * @param generator `philox`, or `threefry` for JAX's numbers: `jax.random.key(seed)` for seeds from 0 to 2^32 - 1, and for all with
 *   `jax_enable_x64`.
 * @throws {ArgumentError} when the seed is fractional, not safe, or out of range.
 */
export function key(seed: number | bigint, generator: GeneratorName = "philox"): Key {
  const valid = typeof seed === "bigint"
    ? seed >= -(1n << 63n) && seed <= MASK64
    : Number.isSafeInteger(seed);
  if (!valid) {
    throw new ArgumentError(
      `seed ${seed} is no whole number of 64 bits`,
      "give one from 0 on; past 2^53 as a bigint",
    );
  }
  const [lo, hi] = halves(BigInt(seed) & MASK64);
  const words: KeyWords = generator === "philox" ? [lo, hi, 0, 0] : [hi, lo, 0, 0];
  return new Key(generator, words, `${generator}(${seed})`, `${seed}`);
}

function fnv1a64(bytes: Iterable<number>): bigint {
  let hash = FNV_OFFSET;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & MASK64;
  return hash;
}

function wordBytes(word: number): number[] {
  return [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24];
}
