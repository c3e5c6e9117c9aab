/**
 * The workload of training: whole steps of a multilayer perceptron, from the gathering of the batch to the update.
 *
 * @module
 */
import { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { Mlp } from "../nn/mlp.ts";
import { DeviceData } from "../train/device_data.ts";
import { sgd } from "../train/optimizer.ts";
import { Trainer, type TrainOptions } from "../train/trainer.ts";
import { hostBatch, hostNetwork } from "./host_numbers.ts";
import { NETWORK } from "./init.ts";
import { LEARNING_RATE, STEPS } from "./training_settings.ts";
import type { Runnable } from "./runnable.ts";
import type { Workload, WorkloadGroup } from "./workload.ts";

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
      let losses = new Float32Array();
      for (let i = 0; i < repetitions; i++) losses = await trainer.epoch();
      return losses[losses.length - 1];
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
  const data = stack.use(new DeviceData(gpu, sameBatches(batch)));
  const network = stack.use(new Mlp(gpu, NETWORK));
  const weights = hostNetwork(NETWORK);
  network.parameters.forEach(({ name }, i) => network.write(name, weights[i].data));
  const optimizer = sgd({ lr: LEARNING_RATE });
  const trainer = stack.use(await Trainer.make(gpu, network, data, { optimizer, batch, nonFinite }));
  return { trainer, resources: stack.move() };
}

/** An epoch of 32 times the same batch, which is gathered in every step all the same. */
function sameBatches(batch: number): Dataset {
  const [columns] = NETWORK, classes = NETWORK[NETWORK.length - 1], rows = STEPS * batch;
  const { features, labels } = hostBatch(batch, columns, classes);
  const all = { features: new Float32Array(rows * columns), labels: new Uint32Array(rows) };
  for (let i = 0; i < STEPS; i++) {
    all.features.set(features, i * features.length);
    all.labels.set(labels, i * labels.length);
  }
  return { name: "bench", ...all, rows, columns, classes };
}
