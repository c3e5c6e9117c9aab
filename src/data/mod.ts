/**
 * Labelled data in memory: checks, train and test parts, standardising. The loaders of digits, Iris and CSV, which bring
 * packages of their own, belong to the command line.
 *
 * @module
 */
export * from "./dataset.ts";
export { type ArrayNames, datasetFromArrays } from "./npy_pair.ts";
export * from "./split.ts";
export * from "./standardize.ts";
