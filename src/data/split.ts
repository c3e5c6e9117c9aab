/**
 * A dataset in two: rows to train with, and rows held back to test with.
 *
 * @module
 */

import { ArgumentError } from "../gpu/errors.ts";
import { type Dataset, takeRows } from "./dataset.ts";

/** A dataset in two parts without a row in common. */
export interface Split {
  /** The rows to train with. */
  readonly train: Dataset;
  /** The rows held back; there may be none. */
  readonly test: Dataset;
}

/**
 * Divides the rows, class by class, so that both parts have the classes in the same proportion.
 *
 * Of a class of n rows, `round(n * testFraction)` are held back, but never the last one to train with. Which
 * ones is for `order` to say: rows are held back in the order of that permutation until their class has
 * enough. Both parts keep the rows in the dataset's order, so the same permutation gives the same parts, and
 * a shuffle is left to the trainer.
 *
 * @param dataset The rows to divide.
 * @param testFraction The part to hold back, from 0 (nothing) to less than 1.
 * @param order Gives a permutation of 0 to n - 1: seed it for a split that can be repeated. It is called
 *   once, with the number of rows.
 * @returns The two parts, copied.
 * @throws {ArgumentError} `testFraction` is outside its range, or `order` does not give a permutation.
 */
export function split(
  dataset: Dataset,
  testFraction: number,
  order: (n: number) => Uint32Array,
): Split {
  if (!(testFraction >= 0 && testFraction < 1)) {
    throw new ArgumentError(`a test fraction of ${testFraction}`, "give a number from 0 to less than 1");
  }
  const permutation = order(dataset.rows);
  checkPermutation(permutation, dataset.rows);

  const wanted = testRowsByClass(dataset, testFraction);
  const heldBack = new Uint8Array(dataset.rows);
  for (const row of permutation) {
    const label = dataset.labels[row];
    if (wanted[label] > 0) {
      wanted[label]--;
      heldBack[row] = 1;
    }
  }
  return { train: takeRows(dataset, rowsWith(heldBack, 0)), test: takeRows(dataset, rowsWith(heldBack, 1)) };
}

function testRowsByClass(dataset: Dataset, testFraction: number): number[] {
  const sizes = new Array<number>(dataset.classes).fill(0);
  for (const label of dataset.labels) sizes[label]++;
  return sizes.map((size) => Math.min(Math.round(size * testFraction), Math.max(size - 1, 0)));
}

function checkPermutation(permutation: Uint32Array, rows: number): void {
  const seen = new Uint8Array(rows);
  for (const row of permutation) {
    if (row >= rows || seen[row] === 1) {
      throw new ArgumentError(`the order of ${rows} rows has ${row} twice or outside`, "give each row once");
    }
    seen[row] = 1;
  }
  if (permutation.length !== rows) {
    throw new ArgumentError(`the order has ${permutation.length} of ${rows} rows`, "give each row once");
  }
}

function rowsWith(marks: Uint8Array, mark: number): number[] {
  const rows: number[] = [];
  marks.forEach((value, row) => {
    if (value === mark) rows.push(row);
  });
  return rows;
}
