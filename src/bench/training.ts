/**
 * The workload of training: whole steps of a multilayer perceptron, from the gathering of the batch to the update.
 *
 * @module
 */
import { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { torchLinear } from "../init/mod.ts";
import { Mlp } from "../nn/mlp.ts";
import { key } from "../random/key.ts";
import { DeviceData } from "../train/device_data.ts";
import { sgd } from "../train/optimizer.ts";
import { Trainer } from "../train/trainer.ts";
import { NETWORK } from "./init.ts";
import type { Runnable, Workload, WorkloadGroup } from "./workload.ts";

/** Steps in one repetition, after which the losses are read. */
export const STEPS = 32;

/** Training at batch 64 and 256, each measured by itself. */
export function trainingGroups(): WorkloadGroup[] {
  return [64, 256].map((batch) => ({ workloads: [training(batch)], relative: false }));
}

function training(batch: number): Workload {
  return {
    name: `train ${NETWORK.join("-")} batch ${batch}`,
    unit: "steps/s",
    amount: STEPS,
    open: (gpu) => steps(gpu, batch),
  };
}

/** Epochs of 32 steps of plain SGD. */
async function steps(gpu: Gpu, batch: number): Promise<Runnable> {
  using stack = new DisposableStack();
  const rows = STEPS * batch, [columns] = NETWORK, classes = NETWORK[NETWORK.length - 1];
  const data = stack.use(
    new DeviceData(gpu, {
      name: "bench",
      features: Float32Array.from({ length: rows * columns }, (_, i) => (i * 7919 % 1009) / 1009),
      labels: Uint32Array.from({ length: rows }, (_, i) => i % classes),
      rows,
      columns,
      classes,
    }),
  );
  const network = stack.use(new Mlp(gpu, NETWORK));
  await network.initialize(torchLinear(), key(0));
  const trainer = stack.use(
    await Trainer.make(gpu, network, data, { optimizer: sgd({ lr: 0.01 }), batch }),
  );
  const resources = stack.move();
  return {
    async run(repetitions) {
      for (let i = 0; i < repetitions; i++) await trainer.epoch();
    },
    [Symbol.dispose]: () => resources.dispose(),
  };
}
