import type { Dataset } from "../../src/data/dataset.ts";

/** A dataset with these labels, and in row r the features r and -r. */
export function datasetOf(labels: number[], classes: number): Dataset {
  return {
    name: "made up",
    features: Float32Array.from(labels.flatMap((_, row) => [row, -row])),
    labels: Uint32Array.from(labels),
    rows: labels.length,
    columns: 2,
    classes,
  };
}

/** The permutation that changes nothing. */
export function inOrder(n: number): Uint32Array {
  return Uint32Array.from({ length: n }, (_, i) => i);
}

/** The permutation that turns the rows round. */
export function reversed(n: number): Uint32Array {
  return inOrder(n).reverse();
}
