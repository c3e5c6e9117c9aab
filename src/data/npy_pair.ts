/**
 * A dataset from two NumPy arrays: features in one file, labels in another.
 *
 * @module
 */

import { ArgumentError, DtypeError, ShapeError } from "../gpu/errors.ts";
import type { NpyArray } from "../tensor/npy.ts";
import { quote } from "../tensor/quote.ts";
import { checkDataset, type Dataset, MOST_CLASSES } from "./dataset.ts";

/** Names for {@linkcode datasetFromArrays}. */
export interface ArrayNames {
  /** What the dataset is called in messages and reports; `arrays` by default. */
  readonly name?: string;
  /**
   * The classes' names, by label. Their number is the number of classes, which is the highest label plus 1
   * without them.
   */
  readonly classNames?: readonly string[];
}

/**
 * Makes a dataset of two arrays.
 *
 * @param features `[rows, columns]` of f4 or f8; f8 is rounded to float32.
 * @param labels `[rows]` of any integer type, from 0 to {@linkcode MOST_CLASSES} - 1.
 * @param names What the dataset and its classes are called.
 * @returns The dataset, checked. The features are those of `features`, not copied, where that is f4.
 * @throws {DtypeError} The features are not floats, or the labels are not integers.
 * @throws {ShapeError} The shapes are not `[rows, columns]` and `[rows]`, with a row and a column or more.
 * @throws {ArgumentError} A label is negative or too large, or a feature is not finite as float32; both are
 *   named by row.
 */
export function datasetFromArrays(features: NpyArray, labels: NpyArray, names: ArrayNames = {}): Dataset {
  const name = names.name ?? "arrays";
  const [rows, columns] = checkShapes(name, features.shape, labels.shape);
  const values = toFloat32(name, features, columns);
  const numbers = toLabels(name, labels);
  const highest = numbers.reduce((a, b) => Math.max(a, b), 0);
  const classes = names.classNames?.length ?? highest + 1;
  const dataset = {
    name,
    features: values,
    labels: numbers,
    rows,
    columns,
    classes,
    classNames: names.classNames,
  };
  checkDataset(dataset);
  return dataset;
}

function checkShapes(
  name: string,
  features: readonly number[],
  labels: readonly number[],
): readonly number[] {
  if (features.length !== 2 || features.includes(0)) {
    throw new ShapeError(
      `${name}: the features have the shape (${features.join(", ")}), not (rows, columns)`,
      "save them with .reshape(rows, -1)",
    );
  }
  if (labels.length !== 1 || labels[0] !== features[0]) {
    throw new ShapeError(
      `${name}: the labels have the shape (${labels.join(", ")}), not (${
        features[0]
      },) as the features' rows`,
      "save one label a row, as class numbers and not one-hot",
    );
  }
  return features;
}

function toFloat32(name: string, { dtype, data }: NpyArray, columns: number): Float32Array {
  if (dtype === "f4") return data;
  if (dtype !== "f8") {
    throw new DtypeError(
      `${name}: the features are of dtype ${dtype}`,
      "save them with .astype(numpy.float32)",
    );
  }
  const rounded = Float32Array.from(data);
  const lost = rounded.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(data[i]));
  if (lost >= 0) {
    throw new ArgumentError(
      `${name}: row ${Math.floor(lost / columns)}, column ${lost % columns} is ${
        data[lost]
      }, too large for float32`,
      "scale the features",
    );
  }
  return rounded;
}

function toLabels(name: string, { dtype, data }: NpyArray): Uint32Array {
  if (!/^[iu]/.test(dtype)) {
    throw new DtypeError(`${name}: the labels are of dtype ${dtype}`, "save them with .astype(numpy.int64)");
  }
  const labels = new Uint32Array(data.length);
  for (let row = 0; row < data.length; row++) {
    const label = data[row];
    if (label < 0 || label >= MOST_CLASSES) {
      throw new ArgumentError(
        `${name}: row ${row} has the label ${quote(Number(label))}`,
        `number the classes from 0, at most ${MOST_CLASSES} of them`,
      );
    }
    labels[row] = Number(label);
  }
  return labels;
}
