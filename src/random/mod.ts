/**
 * Random numbers: keys and streams, distributions, draws on the device and their host twins.
 *
 * @module
 */
export type { GeneratorName } from "../../kernels/generator.ts";
export { type Distribution, type Sampler, sampler } from "./distribution.ts";
export * from "./draw.ts";
export type { KeyWords } from "./generator.ts";
export { Key, key } from "./key.ts";
export { normalCdf, normalOfTail } from "./normal.ts";
export * from "./permutation.ts";
export { philox4x32, type Words4 } from "./philox.ts";
export { threefry2x32 } from "./threefry.ts";
