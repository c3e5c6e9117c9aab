/**
 * Features brought to mean 0 and standard deviation 1, for data whose columns are in units of their own.
 *
 * @module
 */

import { ArgumentError } from "../gpu/errors.ts";
import type { Dataset } from "./dataset.ts";
import type { Split } from "./split.ts";

/** A split with standardised features, and what was done to them. */
export interface StandardizedSplit extends Split {
  /** `[columns]`: what was subtracted, in the column's unit. */
  readonly mean: Float64Array;
  /** `[columns]`: what was divided by, in the column's unit; 1 where a column does not vary. */
  readonly std: Float64Array;
}

/**
 * Subtracts each column's mean and divides by its standard deviation, both of the training part alone: the
 * test part must not leak into what is learned. A column that does not vary becomes 0 in training.
 *
 * The deviation is that of the population (over n, not n - 1), summed in double precision.
 *
 * @param parts The training part, with one row or more, and the test part, with as many columns.
 * @returns New datasets; those passed are left as they are.
 * @throws {ArgumentError} The training part has no rows.
 */
export function standardize(parts: Split): StandardizedSplit {
  const { train, test } = parts;
  if (train.rows === 0) {
    throw new ArgumentError(
      `${train.name} has no rows to take a mean of`,
      "hold back fewer rows for the test",
    );
  }
  const mean = columnMeans(train);
  const std = columnDeviations(train, mean);
  return { train: apply(train, mean, std), test: apply(test, mean, std), mean, std };
}

function columnMeans({ features, rows, columns }: Dataset): Float64Array {
  const sums = new Float64Array(columns);
  features.forEach((value, i) => sums[i % columns] += value);
  return sums.map((sum) => sum / rows);
}

function columnDeviations({ features, rows, columns }: Dataset, mean: Float64Array): Float64Array {
  const squares = new Float64Array(columns);
  const least = new Float64Array(columns).fill(Infinity);
  const most = new Float64Array(columns).fill(-Infinity);
  features.forEach((value, i) => {
    const column = i % columns;
    squares[column] += (value - mean[column]) ** 2;
    least[column] = Math.min(least[column], value);
    most[column] = Math.max(most[column], value);
  });
  // Asked of the values: the mean of equal values may be rounded, and its tiny deviation would blow the
  // column up.
  return squares.map((sum, column) => least[column] === most[column] ? 1 : Math.sqrt(sum / rows));
}

function apply(dataset: Dataset, mean: Float64Array, std: Float64Array): Dataset {
  const { columns } = dataset;
  const features = dataset.features.map((value, i) => (value - mean[i % columns]) / std[i % columns]);
  return { ...dataset, features };
}
