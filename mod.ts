/**
 * fanin: the first bits of a neural network. It draws initial weights on the GPU, trains with them, and says whether they
 * can learn at all.
 *
 * No runtime dependency; nothing happens on import; runs wherever WebGPU does.
 *
 * @example Draw the weights of a layer as PyTorch would bound them, and read them
 * ```ts
 * import { Gpu, key, Mlp, torchLinear } from "@fanin/fanin";
 *
 * using gpu = await Gpu.open();
 * using network = new Mlp(gpu, [784, 128, 10]);
 * await network.initialize(torchLinear(), key(0)); // U(-1/sqrt(n), 1/sqrt(n)), n = number of inputs
 * const weights = await network.read();
 * console.log(weights.get("0.weight")!.length); // 100352
 * ```
 *
 * @example Ask whether neurons are clones
 * ```ts
 * import { distinctNeurons, Gpu, key, Mlp, ones } from "@fanin/fanin";
 *
 * using gpu = await Gpu.open();
 * using network = new Mlp(gpu, [4, 8, 3]);
 * await network.initialize(ones(), key(0));
 * console.log(distinctNeurons(await network.read())); // [1]: eight neurons, one and the same
 * ```
 *
 * @module
 */
export * from "./src/data/mod.ts";
export * from "./src/diagnose/mod.ts";
export * from "./src/gpu/mod.ts";
export * from "./src/init/mod.ts";
export * from "./src/nn/mod.ts";
export * from "./src/random/mod.ts";
export * from "./src/tensor/mod.ts";
export * from "./src/train/mod.ts";
export { VERSION } from "./src/version.ts";
