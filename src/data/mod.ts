/**
 * Labelled data in memory: checks, train and test parts, standardising. The loaders of digits, Iris and CSV, which bring
 * packages of their own, belong to the command line.
 *
 * @example Hold back a fifth of the rows, class by class
 * ```ts
 * import { type Dataset, key, permutation } from "@fanin/fanin";
 * import { split } from "@fanin/fanin/data";
 *
 * const features = Float32Array.from({ length: 20 }, (_, i) => i), labels = Uint32Array.from({ length: 10 }, (_, i) => i % 2);
 * const dataset: Dataset = { name: "mine", features, labels, rows: 10, columns: 2, classes: 2 }; // features [rows, columns]
 * const { train, test } = split(dataset, 0.2, (n) => permutation(key(0).stream("split"), n));
 * console.log(train.rows, test.rows); // 8 2
 * ```
 *
 * @module
 */
export * from "./dataset.ts";
export { type ArrayNames, datasetFromArrays } from "./npy_pair.ts";
export * from "./split.ts";
export * from "./standardize.ts";
