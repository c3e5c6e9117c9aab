/**
 * A row of the conformance table: what is drawn, and the SHA-256 of its bytes.
 *
 * @module
 */
import { type Distribution, type GeneratorName, type Key, key, type Range } from "../../src/random/mod.ts";

/** What is drawn. Numbers of 64 bits are decimal text: JSON's numbers end at 53. */
export interface Case {
  /** Where the words come from. */
  readonly generator: GeneratorName;
  /** -2^63 to 2^64 - 1. */
  readonly seed: string;
  /** Names of streams, taken one after the other, first of all. */
  readonly streams: readonly string[];
  /** Numbers that are folded in, one after the other, next. */
  readonly folds: readonly string[];
  /** Splits, one after the other, last: into how many, and which of them. */
  readonly splits: readonly (readonly [count: number, index: number])[];
  /** What the words become. */
  readonly distribution: Distribution;
  /** First element. */
  readonly start: string;
  /** Number of elements. */
  readonly count: number;
  /** Elements of the whole tensor; `threefry_original` alone depends on it, and start + count stands for it. */
  readonly total?: number;
  /** Where another system says what the bytes are: a file of `tests/golden/` and a path in it. */
  readonly golden?: string;
}

/** A case with its answer. */
export interface Row extends Case {
  /** SHA-256 of the elements' little-endian bytes, in hexadecimal. */
  readonly sha256: string;
}

/** The key of a case. */
export function keyOf({ generator, seed, streams, folds, splits }: Case): Key {
  let at = key(BigInt(seed), generator);
  for (const name of streams) at = at.stream(name);
  for (const data of folds) at = at.fold(BigInt(data));
  for (const [count, index] of splits) at = at.split(count)[index];
  return at;
}

/** The range of a case. */
export function rangeOf({ start, count, total }: Case): Range & { count: number } {
  return { start: BigInt(start), count, total };
}

/** A case in words, to name it where it fails. */
export function describe(c: Case): string {
  const { kind, ...params } = c.distribution;
  const numbers = Object.values(params).join(", ");
  const total = c.total === undefined ? "" : ` of ${c.total}`;
  return `${keyOf(c)} ${kind}(${numbers}) [${c.start}, +${c.count})${total}`;
}
