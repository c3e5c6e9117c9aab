/**
 * Diagnosis: symmetry, the scale of the signal, comparisons of initialisations, and the self-test of a device.
 *
 * @example Judge a network before it is trained
 * ```ts
 * import { Gpu, key, Mlp, zeros } from "@fanin/fanin";
 * import { diagnose } from "@fanin/fanin/diagnose";
 *
 * using gpu = await Gpu.open();
 * using network = new Mlp(gpu, [2, 4, 2]);
 * await network.initialize(zeros(), key(0));
 * const { verdict, findings } = await diagnose(gpu, network, { features: Float32Array.of(0, 1, 1, 0) }); // [rows, inputs]
 * console.log(verdict, findings[0].remedy); // fail draw every neuron's weights at random: …
 * ```
 *
 * @module
 */
export { certificate, type CloneOptions, findClones, type LayerClones } from "./clones.ts";
export { compareInitializers, type CompareOptions } from "./compare.ts";
export * from "./comparison.ts";
export { type FileNetwork, networkOfFile } from "./file_network.ts";
export * from "./marchenko_pastur.ts";
export { arraysOfFile, arraysOfNetwork, type NamedArray } from "./named_array.ts";
export * from "./paired.ts";
export { normalBatch } from "./normal_batch.ts";
export { describeRepeat, findRepeats, type Repeat, type Run } from "./repeats.ts";
export { cloneGroups, distinctNeurons, type HiddenLayer } from "./symmetry.ts";
export * from "./seed_study.ts";
export * from "./similarity.ts";
export * from "./seeds.ts";
export * from "./student.ts";
export { type Check, selfTest } from "./self_test.ts";
export { measureScales } from "./signal.ts";
export * from "./depth.ts";
export {
  countNonFinite,
  type MeasuredLayer,
  type MeasureOptions,
  measureSignal,
  type ParameterNorm,
  secondMoment,
  type SignalBatch,
  type SignalMeasurement,
} from "./moments.ts";
export * from "./prediction.ts";
export type * from "./report_data.ts";
export {
  effectiveRankOfGram,
  eigenvalues,
  gramMatrix,
  meanPairwiseCosine,
  pairwiseCosine,
} from "./spectrum.ts";
export * from "./theory.ts";
export * from "./timeline.ts";
export * from "./update_watch.ts";
export { diagnose, type DiagnoseOptions } from "./verdict.ts";
export {
  roundingBound,
  type SplitVerdict,
  SymmetryWatch,
  type WatchedClass,
  type WatchedLayer,
  type WatchOptions,
  type WatchReport,
} from "./watch.ts";
export * from "./weight_view.ts";
