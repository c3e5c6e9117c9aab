/**
 * The workload of the first bits of a network: all weights and biases of one, drawn with one submit.
 *
 * @module
 */
import { torchLinear } from "../init/scaled.ts";
import { Mlp } from "../nn/mlp.ts";
import { recordDraw } from "../random/draw.ts";
import { key } from "../random/key.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { NETWORK } from "./network.ts";
import type { Runnable } from "./runnable.ts";
import type { Workload, WorkloadGroup } from "./workload.ts";

/**
 * Initialisation of a network from recorded draws: one submit for each network, as a program does that trains many.
 *
 * @param widths From the inputs on; 784-512-256-10 unless given.
 */
export function initWorkload(widths: readonly number[] = NETWORK): Workload {
  return {
    name: `init ${widths.join("-")}`,
    unit: "networks/s",
    amount: 1,
    open: (gpu) => initializing(gpu, widths),
  };
}

async function initializing(gpu: Gpu, widths: readonly number[]): Promise<Runnable> {
  const network = new Mlp(gpu, widths), initializer = torchLinear();
  const program = await gpu.record("bench init", (recorder) => {
    for (const { name, weight, bias } of network.layers) {
      const [ofWeight, ofBias] = [initializer.weight(weight.shape), initializer.bias(weight.shape)];
      if (ofWeight.kind !== "computed") {
        recordDraw(recorder, key(0).stream(`${name}.weight`), ofWeight, weight.buffer);
      }
      if (ofBias.kind !== "computed") {
        recordDraw(recorder, key(0).stream(`${name}.bias`), ofBias, bias.buffer);
      }
    }
  });
  return {
    async run(repetitions) {
      for (let i = 0; i < repetitions; i++) program.submit();
      await gpu.readAll(network.layers.map((layer) => layer.bias.buffer));
      return undefined; // every generator has numbers of its own
    },
    [Symbol.dispose]() {
      program[Symbol.dispose]();
      network[Symbol.dispose]();
    },
  };
}

/** The group of this workload alone. */
export const initGroup: WorkloadGroup = { workloads: [initWorkload()], relative: false };
