/**
 * Random numbers: keys and streams, distributions, draws on the device and their host twins.
 *
 * @example The same elements on the device and on the host, from anywhere in a stream
 * ```ts
 * import { Gpu } from "@fanin/fanin";
 * import { drawOnHost, key, recordDraw } from "@fanin/fanin/random";
 *
 * const stream = key(42).stream("2.weight"), range = { start: 1_000_000, count: 5 };
 * using gpu = await Gpu.open();
 * using out = gpu.buffer("out", "f32", 5);
 * using program = await gpu.record("draw", (r) => recordDraw(r, stream, { kind: "normal", mean: 0, std: 1 }, out, range));
 * program.submit();
 * const onHost = drawOnHost(stream, { kind: "normal", mean: 0, std: 1 }, range);
 * console.log((await gpu.read(out)).join() === onHost.join()); // true
 * ```
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
