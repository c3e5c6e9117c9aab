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
import { NETWORK } from "./network.ts";
import { LEARNING_RATE, STEPS } from "./training_settings.ts";
import type { Runnable } from "./runnable.ts";
import type { Workload, WorkloadGroup } from "./workload.ts";

/** Rows in a mini-batch of the rows of the table. */
export const TRAINING_BATCHES = [64, 256];

/** What is trained, and how. */
export interface TrainingWork {
  /** Rows in a mini-batch. */
  readonly batch: number;
  /** Widths of the network, from the inputs on; 784-512-256-10 unless given. */
  readonly widths?: readonly number[];
  /** Steps in an epoch; 32 unless given. */
  readonly steps?: number;
  /** Whether it looks for NaN and infinities; it does unless told otherwise. */
  readonly nonFinite?: TrainOptions["nonFinite"];
}

/** Training at batch 64 and 256, each measured by itself. */
export function trainingGroups(): WorkloadGroup[] {
  return TRAINING_BATCHES.map((batch) => ({ workloads: [trainingWorkload({ batch })], relative: false }));
}

const UNLOOKED = "without a look for NaN";

/** Training with and without the look for NaN and infinities, in turns: what it costs. */
export function lookGroups(): WorkloadGroup[] {
  return TRAINING_BATCHES.map((batch) => ({
    workloads: [trainingWorkload({ batch }), {
      ...trainingWorkload({ batch, nonFinite: "ignore" }),
      name: `${trainingName({ batch })} ${UNLOOKED}`,
    }],
    relative: false,
  }));
}

/** The workload's name: "train 784-512-256-10 batch 64", and ", 1 step" where a repetition is that. */
export function trainingName({ batch, widths = NETWORK, steps = STEPS }: TrainingWork): string {
  return `train ${widths.join("-")} batch ${batch}${steps === 1 ? ", 1 step" : ""}`;
}

/** Epochs of plain SGD, after each of which the losses are read. */
export function trainingWorkload(work: TrainingWork): Workload {
  return {
    name: trainingName(work),
    unit: "steps/s",
    amount: work.steps ?? STEPS,
    open: (gpu) => epochs(gpu, work),
  };
}

async function epochs(gpu: Gpu, work: TrainingWork): Promise<Runnable> {
  const { trainer, resources } = await openTraining(gpu, work);
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
 * A trainer, and what it works on.
 *
 * @param gpu Where.
 * @param work What is trained, and how.
 */
export async function openTraining(
  gpu: Gpu,
  { batch, widths = NETWORK, steps = STEPS, nonFinite }: TrainingWork,
): Promise<{ trainer: Trainer; resources: DisposableStack }> {
  using stack = new DisposableStack();
  const data = stack.use(new DeviceData(gpu, sameBatches(batch, widths, steps)));
  const network = stack.use(new Mlp(gpu, widths));
  const weights = hostNetwork(widths);
  network.parameters.forEach(({ name }, i) => network.write(name, weights[i].data));
  const optimizer = sgd({ lr: LEARNING_RATE });
  const trainer = stack.use(await Trainer.make(gpu, network, data, { optimizer, batch, nonFinite }));
  return { trainer, resources: stack.move() };
}

/** An epoch of so many times the same batch, which is gathered in every step all the same. */
function sameBatches(batch: number, widths: readonly number[], steps: number): Dataset {
  const [columns] = widths, classes = widths[widths.length - 1], rows = steps * batch;
  const { features, labels } = hostBatch(batch, columns, classes);
  const all = { features: new Float32Array(rows * columns), labels: new Uint32Array(rows) };
  for (let i = 0; i < steps; i++) {
    all.features.set(features, i * features.length);
    all.labels.set(labels, i * labels.length);
  }
  return { name: "bench", ...all, rows, columns, classes };
}
