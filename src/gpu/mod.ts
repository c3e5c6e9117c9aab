/**
 * The device: adapter, buffers, kernels, recorded programs, and the errors of all of fanin.
 *
 * @module
 */
export * from "./buffer.ts";
export * from "./errors.ts";
export * from "./gpu.ts";
export * from "./image.ts";
export * from "./matmul.ts";
export { type Pipeline, PipelineCache } from "./pipeline.ts";
export * from "./program.ts";
