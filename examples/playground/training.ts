/**
 * One network's way from its first weights to the last, told as it goes.
 *
 * @module
 */
import type { Split } from "@fanin/fanin/data";
import {
  type ComparedEpoch,
  diagnose,
  orderBySimilarity,
  SymmetryWatch,
  type WatchReport,
  type WeightView,
} from "@fanin/fanin/diagnose";
import type { Gpu } from "@fanin/fanin/gpu";
import { initializerByName } from "@fanin/fanin/init";
import { Mlp } from "@fanin/fanin/nn";
import { key } from "@fanin/fanin/random";
import { type DeviceData, Evaluator, type Optimizer, sgd, Trainer } from "@fanin/fanin/train";
import type { CloneFate, News, Side } from "./protocol.ts";
import type { Settings } from "./settings.ts";

/** What a network is trained with. */
export interface Lesson {
  readonly gpu: Gpu;
  /** On the host, for the diagnosis. */
  readonly split: Split;
  readonly train: DeviceData;
  readonly test: DeviceData;
  readonly batch: number;
  readonly settings: Settings;
  /** Whether training is to end; it is asked between steps. */
  readonly isStopped: () => boolean;
}

/** Steps after which a word from the page is listened for. */
const LISTEN_EVERY = 8;

/** Thrown by the hook: the person has pressed the stop button. */
class Stopped extends Error {}

/**
 * Trains one network. Whoever stops asking for more news releases its buffers by `return`.
 *
 * @param lesson What with.
 * @param side Which of the two networks.
 */
export async function* train(lesson: Lesson, side: Side): AsyncGenerator<News> {
  const { gpu, split, settings } = lesson, initializer = initializerByName(settings.inits[side]);
  using network = new Mlp(gpu, widthsOf(split, settings), settings.activation);
  await network.initialize(initializer, key(settings.seed));
  const { features, labels } = split.train as {
    features: Float32Array<ArrayBuffer>;
    labels: Uint32Array<ArrayBuffer>;
  };
  yield {
    kind: "drawn",
    side,
    diagnosis: await diagnose(gpu, network, { features, labels }, {
      initializer,
      optimizer: optimizerOf(settings),
    }),
  };
  using trainer = await makeTrainer(lesson, network);
  using watch = await SymmetryWatch.make(gpu, network, trainer.gradients);
  using onTrain = await Evaluator.make(gpu, network, lesson.train);
  using onTest = await Evaluator.make(gpu, network, lesson.test);
  for (let epoch = 0; epoch <= settings.epochs; epoch++) {
    const losses = epoch === 0 ? [] : await stepLosses(trainer);
    if (losses === undefined) break;
    await watch.sample(trainer.step);
    const measured = { epoch, ...await scores(onTrain, onTest), ...distinct(await watch.report()) };
    yield { kind: "epoch", side, epoch: measured, stepLosses: losses, weights: await weightsOf(network) };
  }
  yield { kind: "ended", side, clones: cloneFate(await watch.report(), trainer.step) };
}

/** Widths from the inputs to the outputs. */
export function widthsOf({ train: { columns, classes } }: Split, { hidden }: Settings): number[] {
  return [columns, ...hidden, classes];
}

/** What both networks are trained with. */
export function optimizerOf({ lr }: Settings): Optimizer {
  return sgd({ lr, momentum: 0.9 });
}

async function makeTrainer(
  { gpu, train, batch, settings, isStopped }: Lesson,
  network: Mlp,
): Promise<Trainer> {
  const call = async () => {
    await new Promise((resolve) => setTimeout(resolve)); // a message from the page can arrive
    if (isStopped()) throw new Stopped();
  };
  return await Trainer.make(gpu, network, train, {
    optimizer: optimizerOf(settings),
    batch,
    shuffle: key(settings.seed),
    nonFinite: "continue", // how it ends is what is shown
    hook: { every: LISTEN_EVERY, call },
  });
}

/** The losses of one epoch; undefined where it was stopped. */
async function stepLosses(trainer: Trainer): Promise<(number | null)[] | undefined> {
  try {
    return Array.from(await trainer.epoch(), finiteOrNull);
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}

async function scores(
  onTrain: Evaluator,
  onTest: Evaluator,
): Promise<Omit<ComparedEpoch, "epoch" | "distinctNeurons">> {
  const train = await onTrain.score(), test = await onTest.score();
  return {
    loss: finiteOrNull(train.loss),
    accuracy: train.accuracy,
    testLoss: finiteOrNull(test.loss),
    testAccuracy: test.accuracy,
  };
}

function distinct({ layers }: WatchReport): Pick<ComparedEpoch, "distinctNeurons"> {
  return { distinctNeurons: layers.map(({ distinctNeurons }) => distinctNeurons.at(-1)!) };
}

/** Without singular values, which would take longer than the epoch. */
async function weightsOf(network: Mlp): Promise<WeightView[]> {
  const values = await network.read();
  return network.layers.map(({ name, outputs, inputs }) => {
    const data = values.get(`${name}.weight`)!;
    return { name, outputs, inputs, data, ...orderBySimilarity(data, outputs, inputs), spectrum: null };
  });
}

function cloneFate({ layers }: WatchReport, steps: number): CloneFate | null {
  const classes = layers.flatMap((layer) => layer.classes);
  if (classes.length === 0) return null;
  const neurons = classes.reduce((sum, one) => sum + one.neurons.length, 0);
  return { neurons, stillEqual: classes.every(({ verdict }) => verdict === "exact"), steps };
}

function finiteOrNull(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}
