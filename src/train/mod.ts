/**
 * Training: data on the device, optimisers, the recorded loop, scores.
 *
 * @example Train on rows of your own, in shuffled mini-batches
 * ```ts
 * import { Gpu, kaimingNormal, key, Mlp } from "@fanin/fanin";
 * import { adam, DeviceData, Evaluator, Trainer } from "@fanin/fanin/train";
 *
 * const features = Float32Array.from({ length: 64 }, (_, i) => i / 32 - 1); // [64, 1], from -1 to 1
 * const labels = Uint32Array.from(features, (x) => Math.abs(x) < 0.5 ? 1 : 0);
 * using gpu = await Gpu.open();
 * using data = new DeviceData(gpu, { name: "middle", features, labels, rows: 64, columns: 1, classes: 2 });
 * using network = new Mlp(gpu, [1, 32, 2]);
 * await network.initialize(kaimingNormal(), key(0));
 * const optimizer = adam({ lr: 0.02 });
 * using trainer = await Trainer.make(gpu, network, data, { optimizer, batch: 16, shuffle: key(0) });
 * for (let epoch = 0; epoch < 40; epoch++) await trainer.epoch(); // the mean loss of every mini-batch, in nats
 * using evaluator = await Evaluator.make(gpu, network, data);
 * console.log((await evaluator.score()).accuracy > 0.9); // true
 * ```
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
