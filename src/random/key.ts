/**
 * Keys: where a parameter's random numbers come from, as a value.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";

const MASK64 = (1n << 64n) - 1n;
const FNV_OFFSET = 0xcbf29ce484222325n, FNV_PRIME = 0x100000001b3n;

/**
 * A seed and a stream under it, 64 bits each. Element e of a key's stream depends on these two numbers and on e alone.
 *
 * @example
 * ```ts
 * import { key } from "@fanin/fanin";
 *
 * const weights = key(0).stream("0.weight");
 * console.log(weights.toString()); // philox(0).stream(0.weight)
 * ```
 */
export class Key {
  /** 64 bits, as an unsigned number. */
  readonly seed: bigint;
  /** 64 bits, as an unsigned number; 0 is the stream without a name. */
  readonly streamId: bigint;
  readonly #text: string;

  /** Used by {@linkcode key}. */
  constructor(seed: bigint, streamId: bigint, text: string) {
    this.seed = seed;
    this.streamId = streamId;
    this.#text = text;
  }

  /**
   * The stream of a name: other names, other numbers, whatever is drawn before or beside it.
   *
   * Its id is the 64-bit FNV-1a hash of the present id (8 bytes, least significant first) and the name in UTF-8, so that
   * streams of streams differ from one another as well.
   *
   * @param name Any text, such as a parameter's name.
   */
  stream(name: string): Key {
    const bytes = [...wordBytes(this.streamId), ...new TextEncoder().encode(name)];
    return new Key(this.seed, fnv1a64(bytes), `${this.#text}.stream(${name})`);
  }

  /** The seed and the names, as they were given. */
  toString(): string {
    return this.#text;
  }
}

/**
 * The key of a seed.
 *
 * @param seed A whole number: -2^63 to 2^64 - 1 as a bigint, or a safe integer. Negative ones stand for themselves modulo 2^64.
 * @throws {ArgumentError} when it is fractional, not safe, or out of range.
 */
export function key(seed: number | bigint): Key {
  const valid = typeof seed === "bigint"
    ? seed >= -(1n << 63n) && seed <= MASK64
    : Number.isSafeInteger(seed);
  if (!valid) {
    throw new ArgumentError(
      `seed ${seed} is no whole number of 64 bits`,
      "give one from 0 on; past 2^53 as a bigint",
    );
  }
  return new Key(BigInt(seed) & MASK64, 0n, `philox(${seed})`);
}

/** The lower and the upper 32 bits of a 64-bit number. */
export function halves(value: bigint): [lo: number, hi: number] {
  return [Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn)];
}

function fnv1a64(bytes: Iterable<number>): bigint {
  let hash = FNV_OFFSET;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & MASK64;
  return hash;
}

function wordBytes(value: bigint): number[] {
  return Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}
