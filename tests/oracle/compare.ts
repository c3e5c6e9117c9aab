/**
 * Comparison of what a kernel computed with what it should have: says which elements differ and by how much,
 * not only that they do.
 *
 * @module
 */

/** How far an element may be off: one number for all, or one for each. */
export type Bound = number | ArrayLike<number>;

/** How many mismatches are listed unless told. */
const LISTED = 8;

/**
 * A table of the first elements that are further from `expected` than `bound`, headed by their number and
 * followed by the worst. NaN matches only NaN, and an infinity only itself.
 *
 * @param actual What was computed.
 * @param expected What it should be; as long as `actual`, or that is the mismatch.
 * @param bound The largest difference allowed.
 * @param listed How many to list.
 * @returns The table, or the empty text when there is no mismatch.
 */
export function firstMismatches(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: Bound,
  listed: number = LISTED,
): string {
  if (actual.length !== expected.length) return `${actual.length} elements instead of ${expected.length}`;
  if (typeof bound !== "number" && bound.length !== expected.length) {
    return `${bound.length} bounds for ${expected.length} elements`;
  }
  const boundAt = (i: number): number => (typeof bound === "number" ? bound : bound[i]);
  const wrong = indices(actual.length, (i) => !within(actual[i], expected[i], boundAt(i)));
  if (wrong.length === 0) return "";
  const row = (i: number): string[] => {
    const difference = actual[i] - expected[i];
    return [i, actual[i], expected[i], difference, boundAt(i)].map(String);
  };
  const excess = (i: number): number => Math.abs(actual[i] - expected[i]) / boundAt(i);
  // A NaN is the worst of all: no difference can be said for it.
  const worst = wrong.reduce((a, b) => (Number.isNaN(excess(a)) || excess(a) >= excess(b) ? a : b));
  const rows = [["index", "actual", "expected", "difference", "bound"], ...wrong.slice(0, listed).map(row)];
  return `${wrong.length} of ${actual.length} elements differ\n${table(rows)}\nworst: ${
    row(worst).join("  ")
  }`;
}

/**
 * Throws an error that holds {@linkcode firstMismatches}' table, under `label`, unless every element is
 * within `bound`.
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: Bound,
  label: string,
): void {
  const text = firstMismatches(actual, expected, bound);
  if (text !== "") throw new Error(`${label}: ${text}`);
}

/**
 * Throws unless both arrays hold the same 32 bits in every element: a NaN's payload and the sign of a zero
 * count.
 *
 * @param actual What was computed.
 * @param expected What it should be; either type, as only the bits are read.
 * @param label What is being compared, for the message.
 */
export function assertBitsEqual(
  actual: Float32Array | Uint32Array,
  expected: Float32Array | Uint32Array,
  label: string,
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${label}: ${actual.length} elements instead of ${expected.length}`);
  }
  const [actualBits, expectedBits] = [bitsOf(actual), bitsOf(expected)];
  const wrong = indices(actual.length, (i) => actualBits[i] !== expectedBits[i]);
  if (wrong.length === 0) return;
  const row = (i: number): string[] => {
    return [String(i), hex(actualBits[i]), hex(expectedBits[i]), String(actual[i]), String(expected[i])];
  };
  const rows = [
    ["index", "bits", "expected", "actual value", "expected value"],
    ...wrong.slice(0, LISTED).map(row),
  ];
  throw new Error(
    `${label}: ${wrong.length} of ${actual.length} elements differ in their bits\n${table(rows)}`,
  );
}

function within(actual: number, expected: number, bound: number): boolean {
  // Object.is lets NaN match NaN and an infinity itself, whose difference is NaN; === lets -0 match 0 under a
  // bound of NaN.
  return Object.is(actual, expected) || actual === expected || Math.abs(actual - expected) <= bound;
}

function indices(length: number, wanted: (i: number) => boolean): number[] {
  const found: number[] = [];
  for (let i = 0; i < length; i++) if (wanted(i)) found.push(i);
  return found;
}

function bitsOf(values: Float32Array | Uint32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

function hex(bits: number): string {
  return bits.toString(16).padStart(8, "0");
}

function table(rows: string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, i) => cell.padStart(widths[i])).join("  ")).join("\n");
}
