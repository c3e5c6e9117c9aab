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
import { Trainer, type TrainOptions } from "../train/trainer.ts";
import { NETWORK } from "./init.ts";
import type { Runnable, Workload, WorkloadGroup } from "./workload.ts";

/** Steps in one repetition, after which the losses are read. */
export const STEPS = 32;

/** Rows in a mini-batch of the rows of the table. */
export const TRAINING_BATCHES = [64, 256];

/** Training at batch 64 and 256, each measured by itself. */
export function trainingGroups(): WorkloadGroup[] {
  return TRAINING_BATCHES.map((batch) => ({ workloads: [training(batch)], relative: false }));
}

const UNLOOKED = "without a look for NaN";

/** Training with and without the look for NaN and infinities, in turns: what it costs. */
export function lookGroups(): WorkloadGroup[] {
  return TRAINING_BATCHES.map((batch) => ({
    workloads: [training(batch), {
      ...training(batch, "ignore"),
      name: `${trainingName(batch)} ${UNLOOKED}`,
    }],
    relative: false,
  }));
}

/** The workload's name: "train 784-512-256-10 batch 64". */
export function trainingName(batch: number): string {
  return `train ${NETWORK.join("-")} batch ${batch}`;
}

function training(batch: number, nonFinite?: TrainOptions["nonFinite"]): Workload {
  return {
    name: trainingName(batch),
    unit: "steps/s",
    amount: STEPS,
    open: (gpu) => steps(gpu, batch, nonFinite),
  };
}

/** Epochs of 32 steps of plain SGD. */
async function steps(gpu: Gpu, batch: number, nonFinite?: TrainOptions["nonFinite"]): Promise<Runnable> {
  const { trainer, resources } = await openTraining(gpu, batch, nonFinite);
  return {
    async run(repetitions) {
      for (let i = 0; i < repetitions; i++) await trainer.epoch();
    },
    [Symbol.dispose]: () => resources.dispose(),
  };
}

/**
 * A trainer whose epochs have 32 steps, and what it works on.
 *
 * @param gpu Where.
 * @param batch Rows in a mini-batch.
 * @param nonFinite Whether it looks for NaN and infinities; it does unless told otherwise.
 */
export async function openTraining(
  gpu: Gpu,
  batch: number,
  nonFinite?: TrainOptions["nonFinite"],
): Promise<{ trainer: Trainer; resources: DisposableStack }> {
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
    await Trainer.make(gpu, network, data, { optimizer: sgd({ lr: 0.01 }), batch, nonFinite }),
  );
  return { trainer, resources: stack.move() };
}
