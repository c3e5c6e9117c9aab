/**
 * Diagnosis: symmetry, the scale of the signal, comparisons of initialisations, and the self-test of a device.
 *
 * @module
 */
export * from "./compare.ts";
export * from "./comparison.ts";
export { cloneGroups, distinctNeurons, type HiddenLayer } from "./symmetry.ts";
export { type Check, selfTest } from "./self_test.ts";
export { measureScales } from "./signal.ts";
