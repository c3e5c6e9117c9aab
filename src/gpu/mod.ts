/**
 * The device: adapter, buffers, kernels, recorded programs, and the errors of all of fanin.
 *
 * @example Ask for an adapter, and say what to do when there is none
 * ```ts
 * import { FaninError, Gpu } from "@fanin/fanin/gpu";
 *
 * try {
 *   using gpu = await Gpu.open({ powerPreference: "high-performance" });
 *   using buffer = gpu.buffer("numbers", "f32", 3, new Float32Array([1, 2, 3]));
 *   console.log(gpu.adapter.name, await gpu.read(buffer)); // … Float32Array [1, 2, 3]
 * } catch (error) {
 *   if (!(error instanceof FaninError)) throw error;
 *   console.log(error.message); // what is wrong, and the remedy
 * }
 * ```
 *
 * @module
 */
export * from "./buffer.ts";
export { type Copy, type ElementCopy, type ImageCopy, isCopy } from "./copy.ts";
export * from "./errors.ts";
export * from "./gpu.ts";
export { GpuImage } from "./image.ts";
export type { Look } from "./look.ts";
export * from "./matmul.ts";
export { type Pipeline, PipelineCache } from "./pipeline.ts";
export { type DispatchTime } from "./profile.ts";
export * from "./program.ts";
export * from "./recorder.ts";
export { type TimedVariant, timeVariants, tuneMatmul } from "./tuning.ts";
export * from "./update.ts";
export { chosenVariant, type ProductShape } from "./variant.ts";
