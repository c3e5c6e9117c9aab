/**
 * The Mersenne Twister, seeded as PyTorch seeds it: one sequential stream of 32-bit words.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";

/** Words of state, and how far apart the two words are that a new one is twisted from. */
const STATE_WORDS = 624, MIDDLE = 397;

/** Added to a new word where the dropped bit is 1. */
const TWIST = 0x9908b0df;

/** Multiplier of the seeding recurrence. */
const SEEDING = 1812433253;

/** The seeds that PyTorch takes. */
const LEAST_SEED = -(2n ** 63n), MOST_SEED = 2n ** 64n - 1n;

/**
 * MT19937: M. Matsumoto, T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random number
 * generator", 1998, with `init_genrand`, the seeding of 2002.
 */
export class Mt19937 {
  readonly #state: Int32Array<ArrayBuffer>;
  /** The next word of the state to be given away. */
  #at: number = STATE_WORDS;

  /**
   * The stream that PyTorch's CPU generator is set to by `torch.manual_seed(seed)`.
   *
   * @param seed A whole number: -2^63 to 2^64 - 1 as a bigint, or a safe integer. Negative ones stand for 2^64 + seed; only the
   *   low 32 bits count, so that seeds 2^32 apart give one stream.
   * @throws {ArgumentError} when the seed is fractional, not safe, or out of range.
   */
  constructor(seed: number | bigint) {
    this.#state = seeded(low32(seed));
  }

  /** The next word: 0 to 2^32 - 1. */
  next(): number {
    if (this.#at === STATE_WORDS) this.#twist();
    return temper(this.#state[this.#at++]);
  }

  /** Two words as one number: 0 to 2^64 - 1. The first word is the upper half, as in PyTorch's `random64`. */
  next64(): bigint {
    const high = this.next(), low = this.next();
    return (BigInt(high) << 32n) | BigInt(low);
  }

  /** The low 53 bits of {@linkcode next64}, which a number holds exactly. */
  next53(): number {
    const high = this.next(), low = this.next();
    return (high & 0x1fffff) * 2 ** 32 + low;
  }

  /**
   * The next words, one after the other.
   *
   * @param count How many: a whole number from 0 on.
   * @throws {ArgumentError} when it is none.
   */
  words(count: number): Uint32Array<ArrayBuffer> {
    const out = new Uint32Array(checkedCount(count));
    for (let i = 0; i < count;) {
      if (this.#at === STATE_WORDS) this.#twist();
      const end = Math.min(count, i + STATE_WORDS - this.#at);
      while (i < end) out[i++] = temper(this.#state[this.#at++]);
    }
    return out;
  }

  /** Makes the next 624 words of state: three runs, so that no index is taken modulo 624. */
  #twist(): void {
    const state = this.#state, wrapped = STATE_WORDS - MIDDLE;
    for (let i = 0; i < wrapped; i++) state[i] = state[i + MIDDLE] ^ mixed(state[i], state[i + 1]);
    for (let i = wrapped; i < STATE_WORDS - 1; i++) {
      state[i] = state[i - wrapped] ^ mixed(state[i], state[i + 1]);
    }
    state[STATE_WORDS - 1] = state[MIDDLE - 1] ^ mixed(state[STATE_WORDS - 1], state[0]);
    this.#at = 0;
  }
}

/**
 * A number of elements, checked.
 *
 * @param count What the caller asked for.
 * @throws {ArgumentError} when it is no whole number from 0 on.
 */
export function checkedCount(count: number): number {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ArgumentError(`count ${count} is no whole number from 0 on`, "give one");
  }
  return count;
}

/** The engine's seed: the low 32 bits of 2^64 + seed are those of seed itself, negative or not. */
function low32(seed: number | bigint): number {
  const whole = typeof seed === "bigint" || Number.isSafeInteger(seed);
  if (!whole || seed < LEAST_SEED || seed > MOST_SEED) {
    throw new ArgumentError(
      `seed ${seed} is no whole number from -2^63 to 2^64 - 1`,
      "give one; beyond ±2^53 as a bigint",
    );
  }
  return Number(BigInt.asIntN(32, BigInt(seed)));
}

/** `init_genrand`: word i is 1812433253 (w ^ (w >>> 30)) + i, w the word before it. */
function seeded(seed: number): Int32Array<ArrayBuffer> {
  const state = new Int32Array(STATE_WORDS);
  state[0] = seed;
  for (let i = 1; i < STATE_WORDS; i++) {
    const before = state[i - 1];
    state[i] = Math.imul(SEEDING, before ^ (before >>> 30)) + i;
  }
  return state;
}

/** The top bit of one word and the other bits of the next, shifted right by one, with the twist for the bit that falls out. */
function mixed(word: number, next: number): number {
  const joined = (word & 0x80000000) | (next & 0x7fffffff);
  return (joined >>> 1) ^ (-(joined & 1) & TWIST);
}

/** What is given away of a word of state. */
function temper(word: number): number {
  word ^= word >>> 11;
  word ^= (word << 7) & 0x9d2c5680;
  word ^= (word << 15) & 0xefc60000;
  return (word ^ (word >>> 18)) >>> 0;
}
