/**
 * The main job: one network, one data set, one order of the data, several initialisations; what becomes of each.
 *
 * @module
 */
import type { Split } from "../data/split.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Initializer } from "../init/initializer.ts";
import { Mlp } from "../nn/mlp.ts";
import type { ActivationName } from "../nn/mod.ts";
import type { Key } from "../random/key.ts";
import { DeviceData } from "../train/device_data.ts";
import { Evaluator } from "../train/evaluator.ts";
import type { Optimizer } from "../train/optimizer.ts";
import type { ComparedEpoch, ComparedRun, Comparison } from "./comparison.ts";
import { judge } from "./judge.ts";
import { finiteOrNull, measureScales } from "./signal.ts";
import { distinctNeurons } from "./symmetry.ts";
import { WatchedTrainer } from "./timeline.ts";

/** What {@linkcode compareInitializers} trains. */
export interface CompareOptions {
  /** The initialisations, in the order of the report. */
  inits: readonly Initializer[];
  /** Widths of the hidden layers; inputs and outputs come from the data. */
  hidden: readonly number[];
  /** What changes the parameters. */
  optimizer: Optimizer;
  /** Rows in a mini-batch. */
  batch: number;
  /** How often each run goes through the data. */
  epochs: number;
  /** Seed of weights and of the data order, the same for all. */
  key: Key;
  /** What follows every layer but the last; ReLU unless given. */
  activation?: ActivationName;
  /** Whether the data is shuffled every epoch; true unless given. */
  shuffle?: boolean;
  /** Is called after every epoch, with the key of the run. */
  onEpoch?: (init: Initializer, epoch: ComparedEpoch, key: Key) => void;
}

/**
 * Trains the same network from several initialisations and reports what became of each.
 *
 * @param gpu Where.
 * @param data Training part and held-out test part.
 * @param options Network, initialisations and training.
 * @throws {ShapeError} {@linkcode ArgumentError} when something does not fit; before anything is trained.
 */
export async function compareInitializers(
  gpu: Gpu,
  data: Split,
  options: CompareOptions,
): Promise<Comparison> {
  using train = new DeviceData(gpu, data.train);
  using test = new DeviceData(gpu, data.test);
  const runs: ComparedRun[] = [];
  for (const init of options.inits) runs.push(await trainFrom(gpu, { train, test }, init, options));
  return comparisonOf(gpu, data, options, runs);
}

/**
 * Runs with what they have in common.
 *
 * @param gpu Where they were trained.
 * @param data What on.
 * @param options How.
 * @param runs One an initialisation.
 */
export function comparisonOf(
  gpu: Gpu,
  { train, test }: Split,
  options: Omit<CompareOptions, "onEpoch">,
  runs: ComparedRun[],
): Comparison {
  const layers = [train.columns, ...options.hidden, train.classes];
  return {
    adapter: gpu.adapter.name,
    data: train.name,
    trainRows: train.rows,
    testRows: test.rows,
    layers,
    parameters: layers.slice(1).reduce((sum, outputs, i) => sum + outputs * (layers[i] + 1), 0),
    seed: options.key.seed,
    generator: options.key.generator,
    optimizer: `${options.optimizer}`,
    activation: options.activation ?? "relu",
    batch: options.batch,
    epochs: options.epochs,
    stepsPerEpoch: Math.ceil(train.rows / options.batch),
    runs,
  };
}

/**
 * Trains the network from one initialisation.
 *
 * @param gpu Where.
 * @param data Both parts of the data, on the device.
 * @param init The initialisation.
 * @param options Network and training.
 */
export async function trainFrom(
  gpu: Gpu,
  data: { train: DeviceData; test: DeviceData },
  init: Initializer,
  options: CompareOptions,
): Promise<ComparedRun> {
  const layers = [data.train.columns, ...options.hidden, data.train.classes];
  using network = new Mlp(gpu, layers, options.activation);
  await network.initialize(init, options.key);
  const shuffle = options.shuffle === false ? undefined : options.key;
  const training = { ...options, shuffle, nonFinite: "continue" } as const; // how it ends is what is compared
  const steps = options.epochs * Math.ceil(data.train.rows / options.batch);
  using watched = await WatchedTrainer.make(gpu, network, data.train, training, steps);
  return await run(gpu, network, watched, data, init, options);
}

async function run(
  gpu: Gpu,
  network: Mlp,
  watched: WatchedTrainer,
  data: { train: DeviceData; test: DeviceData },
  init: Initializer,
  options: CompareOptions,
): Promise<ComparedRun> {
  const began = performance.now();
  using onTrain = await Evaluator.make(gpu, network, data.train);
  using onTest = await Evaluator.make(gpu, network, data.test);
  const epochs: ComparedEpoch[] = [], stepLosses: (number | null)[] = [];
  const scalesBefore = await measureScales(gpu, network, data.train);
  for (let epoch = 0; epoch <= options.epochs; epoch++) {
    if (epoch > 0) { for (const loss of await watched.trainer.epoch()) stepLosses.push(finiteOrNull(loss)); }
    epochs.push(await measureEpoch(epoch, network, onTrain, onTest));
    options.onEpoch?.(init, epochs[epoch], options.key);
  }
  const last = epochs[epochs.length - 1];
  const measured = {
    init: `${init}`,
    finalLoss: last.loss,
    finalAccuracy: last.testAccuracy,
    distinctNeurons: last.distinctNeurons,
    epochs,
    stepLosses,
    scalesBefore,
    scalesAfter: await measureScales(gpu, network, data.train),
    symmetry: await watched.report(),
    seconds: (performance.now() - began) / 1000,
  };
  return { ...measured, ...judge(measured, options.hidden, data.train.classes) };
}

async function measureEpoch(
  epoch: number,
  network: Mlp,
  onTrain: Evaluator,
  onTest: Evaluator,
): Promise<ComparedEpoch> {
  const train = await onTrain.score(), test = await onTest.score();
  return {
    epoch,
    loss: finiteOrNull(train.loss),
    accuracy: train.accuracy,
    testLoss: finiteOrNull(test.loss),
    testAccuracy: test.accuracy,
    distinctNeurons: distinctNeurons(await network.read()),
  };
}
