/**
 * The options of a training whose first step `diagnose` measures, and which it watches where it is asked to.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import type { DiagnosedLayer } from "../diagnose/report_data.ts";
import { watchTraining, type WatchTrainingOptions } from "../diagnose/timeline.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Mlp } from "../nn/mlp.ts";
import { key } from "../random/key.ts";
import type { WatchedTraining } from "../report/watch_table.ts";
import { DeviceData } from "../train/device_data.ts";
import type { Optimizer } from "../train/optimizer.ts";
import type { Options, OptionSpecs } from "./options.ts";
import { TRAINING_OPTIONS } from "./training_options.ts";

const { optimizer, lr, momentum, nesterov, "weight-decay": weightDecay, batch } = TRAINING_OPTIONS;

/** Names, values and defaults. */
export const WATCH_OPTIONS = {
  watch: {
    kind: "integer",
    value: "STEPS",
    help:
      "then train for so many steps, and tell what becomes of clones and of updates; the weights are not kept",
    least: 1,
  },
  optimizer: { ...optimizer, help: `whose first step is measured: ${optimizer.help}` },
  lr,
  momentum,
  nesterov,
  "weight-decay": weightDecay,
  batch: { ...batch, help: `of --watch: ${batch.help}` },
} as const satisfies OptionSpecs;

/** How the network is trained while it is watched. */
export interface WatchTraining extends WatchTrainingOptions {
  /** In words. */
  readonly text: string;
}

/**
 * The training that the options ask for; nothing without `--watch`.
 *
 * @param options The options.
 * @param optimizer The one that they name.
 * @param data What on.
 */
export function chosenWatch(
  { watch: steps, batch }: Options<typeof WATCH_OPTIONS>,
  optimizer: Optimizer,
  data: Dataset,
): WatchTraining | undefined {
  if (steps === undefined) return undefined;
  const shuffle = key(0).stream("watch"), text = `${optimizer}, batch ${batch}, ${data.name}`;
  return { steps, batch, optimizer, shuffle, text };
}

/**
 * Trains a network in place and tells what becomes of its symmetry and its updates.
 *
 * @param gpu Where.
 * @param network Which.
 * @param dataset On what.
 * @param training How.
 * @param layers The layers with the names that they have elsewhere in the report.
 */
export async function watch(
  gpu: Gpu,
  network: Mlp,
  dataset: Dataset,
  { text, ...options }: WatchTraining,
  layers: readonly DiagnosedLayer[],
): Promise<WatchedTraining> {
  using data = new DeviceData(gpu, dataset);
  const report = await watchTraining(gpu, network, data, options);
  // By the names of a file, as everywhere else.
  const named = report.layers.map((layer, i) => ({ ...layer, name: layers[i].name }));
  const parameters = report.updates.parameters.map((one, i) => ({
    ...one,
    name: `${layers[i >> 1].name}.${one.name.split(".")[1]}`,
  }));
  return { report: { ...report, layers: named, updates: { ...report.updates, parameters } }, training: text };
}
