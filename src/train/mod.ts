/**
 * Training: data on the device, optimisers, the recorded loop, scores.
 *
 * @module
 */
export * from "./checkpoint.ts";
export * from "./device_data.ts";
export * from "./evaluator.ts";
export * from "./lsuv.ts";
export { type NonFinite } from "./non_finite.ts";
export * from "./optimizer.ts";
export * from "./trainer.ts";
