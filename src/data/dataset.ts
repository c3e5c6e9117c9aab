/**
 * Labelled rows of numbers, in memory: the shape that every source of data is brought into.
 *
 * @module
 */

import { ArgumentError, ShapeError } from "../gpu/errors.ts";
import { quote } from "../tensor/quote.ts";

/** Labelled rows for classification. */
export interface Dataset {
  /** What it is called in messages and reports. */
  readonly name: string;
  /** `[rows, columns]`, row-major, finite. */
  readonly features: Float32Array;
  /** `[rows]`, each from 0 to `classes - 1`. */
  readonly labels: Uint32Array;
  /** How many rows, from 0 on. */
  readonly rows: number;
  /** How many features a row has, from 1 on. */
  readonly columns: number;
  /** How many classes, from 1 to {@linkcode MOST_CLASSES}. A class may have no row. */
  readonly classes: number;
  /** The classes' names, by label, where they have any. */
  readonly classNames?: readonly string[];
}

/**
 * The most classes that a dataset may have: a stray label of 4 billion would otherwise ask for as many
 * outputs.
 */
export const MOST_CLASSES = 65_536;

/**
 * Checks that a dataset is what {@linkcode Dataset} says, which the trainer then need not.
 *
 * @param dataset Any dataset.
 * @throws {ShapeError} The arrays do not have `rows` x `columns` and `rows` elements: rows are ragged or
 *   labels are missing.
 * @throws {ArgumentError} A feature is not finite, a label is outside the classes (both named by row, from
 *   0), or the number of classes or of their names is wrong.
 */
export function checkDataset(dataset: Dataset): void {
  const { name, features, labels, rows, columns, classes, classNames } = dataset;
  const sized = Number.isSafeInteger(rows) && rows >= 0 && Number.isSafeInteger(columns) && columns >= 1;
  if (!sized || features.length !== rows * columns) {
    throw new ShapeError(
      `${name}: ${features.length} features are not ${rows} rows of ${columns}`,
      "give every row the same number of features, one or more",
    );
  }
  if (labels.length !== rows) {
    throw new ShapeError(`${name}: ${rows} rows have ${labels.length} labels`, "give one label a row");
  }
  if (!Number.isSafeInteger(classes) || classes < 1 || classes > MOST_CLASSES) {
    throw new ArgumentError(
      `${name}: ${classes} classes`,
      `number the classes from 0, at most ${MOST_CLASSES}`,
    );
  }
  if (classNames !== undefined && classNames.length !== classes) {
    throw new ArgumentError(
      `${name}: ${classes} classes have ${classNames.length} names`,
      "give one name a class",
    );
  }
  const stray = features.findIndex((value) => !Number.isFinite(value));
  if (stray >= 0) {
    throw new ArgumentError(
      `${name}: row ${Math.floor(stray / columns)}, column ${stray % columns} is ${features[stray]}`,
      "replace or drop what is not a finite number",
    );
  }
  const outside = labels.findIndex((label) => label >= classes);
  if (outside >= 0) {
    throw new ArgumentError(
      `${name}: row ${outside} has the label ${labels[outside]} and there are ${classes} classes`,
      "number the classes from 0",
    );
  }
}

/**
 * Copies some rows into a dataset of their own.
 *
 * @param dataset Any dataset.
 * @param rows The rows to take, from 0 to `dataset.rows - 1`, in the order wanted; a row may be taken twice.
 * @returns A dataset with the same columns and classes.
 * @throws {ArgumentError} A row is outside the dataset.
 */
export function takeRows(dataset: Dataset, rows: ArrayLike<number>): Dataset {
  const { columns } = dataset;
  const features = new Float32Array(rows.length * columns);
  const labels = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!(Number.isInteger(row) && row >= 0 && row < dataset.rows)) {
      throw new ArgumentError(
        `${dataset.name} has no row ${quote(row)}`,
        `take rows from 0 to ${dataset.rows - 1}`,
      );
    }
    features.set(dataset.features.subarray(row * columns, (row + 1) * columns), i * columns);
    labels[i] = dataset.labels[row];
  }
  return { ...dataset, features, labels, rows: rows.length };
}
