/**
 * The kernels: WGSL text with its bindings, parameters and grid, as data.
 *
 * @example The text of a kernel, for a WebGPU program without the rest of fanin
 * ```ts
 * import { sgd, wgsl } from "@fanin/fanin/kernels";
 *
 * console.log(sgd(1).bindings.map(({ name }) => name)); // ["gradient", "weight"], in the order of their binding numbers
 * console.log(wgsl(sgd(1)).includes("@compute")); // true
 * ```
 *
 * @module
 */
export * from "./activation.ts";
export * from "./adapter.ts";
export * from "./adam.ts";
export * from "./batch.ts";
export * from "./bias_update.ts";
export * from "./change.ts";
export * from "./copy_block.ts";
export * from "./fill.ts";
export * from "./generator.ts";
export * from "./image.ts";
export * from "./kernel.ts";
export * from "./matmul.ts";
export * from "./matmul_choice.ts";
export * from "./matmul_epilogue.ts";
export * from "./matmul_image.ts";
export type { MatmulForm, MatmulSizes, MatmulTile } from "./matmul_tile.ts";
export * from "./matmul_uniform.ts";
export * from "./matmul_update.ts";
export * from "./matmul_workgroup.ts";
export * from "./mean_squared_error.ts";
export * from "./neuron.ts";
export * from "./non_finite.ts";
export * from "./normal.ts";
export * from "./philox.ts";
export * from "./random.ts";
export * from "./random_choice.ts";
export * from "./reduce.ts";
export * from "./sgd.ts";
export * from "./softmax_cross_entropy.ts";
export * from "./threefry.ts";
export * from "./update.ts";
