/**
 * Threefry 2x32 and 4x32 in unbounded integers, straight from the paper: Salmon, Moraes, Dror, Shaw,
 * "Parallel Random Numbers: As Easy as 1, 2, 3", SC'11, section 3.2. It is Skein's Threefish without the
 * tweak. Slow and obvious.
 *
 * Words are u32, the first first. JAX's generator is 2x32 with 20 rounds.
 *
 * @module
 */
import { expectLength } from "./check.ts";

const WORD = 1n << 32n;
/** Skein's parity constant for 32-bit words: no key schedule is all zeros. */
const PARITY = 0x1bd11bdan;

// How far the second word of a pair turns, by round modulo 8; in 4x32 there are two pairs.
const ROTATIONS_2X32 = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n] as const;
const ROTATIONS_4X32 = [
  [10n, 26n],
  [11n, 21n],
  [13n, 27n],
  [23n, 5n],
  [6n, 20n],
  [17n, 11n],
  [25n, 10n],
  [18n, 20n],
] as const;

/**
 * Threefry 2x32.
 *
 * @param counter Two words.
 * @param key Two words.
 * @param rounds 20, the paper's recommendation and JAX's choice, unless told.
 * @returns Two words.
 */
export function threefry2x32(
  counter: ArrayLike<number>,
  key: ArrayLike<number>,
  rounds: number = 20,
): number[] {
  return threefry(counter, key, rounds, 2, (words, round) => mix(words, 0, 1, ROTATIONS_2X32[round % 8]));
}

/**
 * Threefry 4x32.
 *
 * @param counter Four words.
 * @param key Four words.
 * @param rounds 20, the paper's recommendation, unless told.
 * @returns Four words.
 */
export function threefry4x32(
  counter: ArrayLike<number>,
  key: ArrayLike<number>,
  rounds: number = 20,
): number[] {
  return threefry(counter, key, rounds, 4, (words, round) => {
    const [rotation0, rotation1] = ROTATIONS_4X32[round % 8];
    // The permutation between rounds swaps words 1 and 3: instead of moving them, every other round pairs
    // them crosswise.
    const [partner0, partner2] = round % 2 === 0 ? [1, 3] : [3, 1];
    mix(words, 0, partner0, rotation0);
    mix(words, 2, partner2, rotation1);
  });
}

/**
 * The frame of both: the key goes in before the first round and after every fourth, turned by one word each
 * time.
 */
function threefry(
  counter: ArrayLike<number>,
  key: ArrayLike<number>,
  rounds: number,
  size: number,
  turn: (words: bigint[], round: number) => void,
): number[] {
  expectLength("counter", counter, size);
  expectLength("key", key, size);
  const schedule = Array.from(key, BigInt);
  schedule.push(schedule.reduce((parity, word) => parity ^ word, PARITY));
  const words = Array.from(counter, BigInt);
  const inject = (time: number): void => {
    for (let i = 0; i < size; i++) words[i] = (words[i] + schedule[(time + i) % (size + 1)]) % WORD;
    words[size - 1] = (words[size - 1] + BigInt(time)) % WORD;
  };
  inject(0);
  for (let round = 0; round < rounds; round++) {
    turn(words, round);
    if (round % 4 === 3) inject((round + 1) / 4);
  }
  return words.map(Number);
}

/**
 * The MIX function: the first word takes the sum, the second turns left and takes the exclusive or with it.
 */
function mix(words: bigint[], first: number, second: number, rotation: bigint): void {
  words[first] = (words[first] + words[second]) % WORD;
  const turned = ((words[second] << rotation) | (words[second] >> (32n - rotation))) % WORD;
  words[second] = turned ^ words[first];
}
