/**
 * Networks: layers, their parameters by name, forward and backward passes.
 *
 * @example A network, its parameters by PyTorch's names, a forward pass
 * ```ts
 * import { Gpu, key, torchLinear } from "@fanin/fanin";
 * import { Activations, Mlp } from "@fanin/fanin/nn";
 *
 * using gpu = await Gpu.open();
 * using network = new Mlp(gpu, [2, 8, 3], "tanh");
 * await network.initialize(torchLinear(), key(0));
 * console.log(network.parameters.map(({ name }) => name)); // ["0.weight", "0.bias", "2.weight", "2.bias"]
 * using x = gpu.buffer("x", "f32", 2, new Float32Array([1, -1])); // [rows, inputs]
 * using activations = new Activations(gpu, network, 1);
 * using forward = await gpu.record("forward", (r) => network.recordForward(r, x, 1, activations));
 * forward.submit();
 * console.log((await gpu.read(activations.logits)).length); // 3
 * ```
 *
 * @module
 */
export { ACTIVATION_NAMES, type ActivationName } from "../../kernels/activation.ts";
export * from "./mlp.ts";
