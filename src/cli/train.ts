/**
 * `fanin train`: trains a multilayer perceptron and keeps its weights.
 *
 * @module
 */
import type { Split } from "../data/split.ts";
import { finiteOrNull } from "../diagnose/signal.ts";
import { ArgumentError, DeviceLostError, NonFiniteError } from "../gpu/errors.ts";
import { Gpu } from "../gpu/gpu.ts";
import type { Initializer } from "../init/initializer.ts";
import { INITIALIZER_NAMES, initializerByName } from "../init/names.ts";
import { type ActivationName, Mlp } from "../nn/mod.ts";
import { figure, percent, plain } from "../report/format.ts";
import { encodeSafetensors } from "../tensor/safetensors.ts";
import { DeviceData } from "../train/device_data.ts";
import { Evaluator } from "../train/evaluator.ts";
import type { Optimizer } from "../train/optimizer.ts";
import { Trainer, type TrainOptions } from "../train/trainer.ts";
import { VERSION } from "../version.ts";
import {
  type Checkpoint,
  dataHash,
  type EpochResult,
  readCheckpoint,
  type Settings,
  writeCheckpoint,
} from "./checkpoint_file.ts";
import { printJson, printResult, say, showProgress } from "./console.ts";
import { loadSplit } from "./data_source.ts";
import { assertWritable, removeLeftovers, writeWhole } from "./files.ts";
import { COMMON, helpText, type Options, type OptionSpecs, parseOptions } from "./options.ts";
import {
  assertKnown,
  chosenActivation,
  chosenHidden,
  chosenKey,
  chosenOptimizer,
  TRAINING_OPTIONS,
} from "./training_options.ts";

const OPTIONS = {
  init: {
    kind: "text",
    value: "NAME",
    help: `initialisation: ${INITIALIZER_NAMES.join(", ")}; numbers after a colon: normal:1`,
    default: "torch_linear",
  },
  ...TRAINING_OPTIONS,
  out: { kind: "text", value: "FILE.safetensors", help: "where the trained weights go" },
  "checkpoint-every": {
    kind: "integer",
    value: "STEPS",
    help: "also write --out every so many steps, with all that training goes on from",
    least: 1,
  },
  retries: {
    kind: "integer",
    value: "N",
    help: "when the device is lost, open another and go on from the last checkpoint, so many times",
    default: 0,
    least: 0,
  },
  "non-finite": {
    kind: "text",
    value: "stop|continue",
    help: "what to do when NaN or an infinity appears",
    default: "stop",
  },
  resume: {
    kind: "flag",
    help: "go on from the checkpoint at --out, with the options that it was made with",
  },
  ...COMMON,
} as const satisfies OptionSpecs;

/** What training works on, made once. */
interface Job {
  readonly options: Options<typeof OPTIONS>;
  readonly initializer: Initializer;
  readonly optimizer: Optimizer;
  readonly activation: ActivationName;
  readonly data: Split;
  readonly hidden: readonly number[];
  /** What the run depends on. */
  readonly settings: Settings;
}

/**
 * Trains a network, prints its progress and writes its weights.
 *
 * @param args The arguments after the command's name.
 * @param open Opens a device; the system's unless given.
 * @returns The exit status.
 */
export async function train(args: string[], open: () => Promise<Gpu> = () => Gpu.open()): Promise<number> {
  const options = parseOptions(args, OPTIONS);
  if (options.help) {
    printResult(helpText("fanin train [options]", "Trains a multilayer perceptron.", OPTIONS));
    return 0;
  }
  await checkFiles(options);
  const job = await jobOf(options);
  const result = await runWithRetries(job, open);
  if (options.json) printJson(result);
  else printResult(resultLine(result.epochs[result.epochs.length - 1], result.seconds));
  return 0;
}

/** What can be said of the files before any work. */
async function checkFiles({ out, resume, "checkpoint-every": every }: Job["options"]): Promise<void> {
  if (out !== undefined) {
    await assertWritable(out);
    if (resume) await removeLeftovers(out);
  } else if (resume || every !== undefined) {
    throw new ArgumentError(
      `${resume ? "--resume" : "--checkpoint-every"} without --out`,
      "name the checkpoint: --out FILE.safetensors",
    );
  }
}

async function jobOf(options: Job["options"]): Promise<Job> {
  assertKnown("non-finite", options["non-finite"], ["stop", "continue"]);
  const initializer = initializerByName(options.init), { generator, batch, shuffle } = options;
  const optimizer = chosenOptimizer(options), activation = chosenActivation(options);
  const data = await loadSplit(options), hidden = chosenHidden(options, data);
  const settings = {
    layers: [data.train.columns, ...hidden, data.train.classes].join(),
    activation,
    init: options.init,
    generator,
    seed: options.seed,
    optimizer: `${optimizer}`,
    batch: `${batch}`,
    shuffle: `${shuffle}`,
    data: `${data.train.name} ${dataHash(data)}`,
  };
  return { options, initializer, optimizer, activation, data, hidden, settings };
}

async function runWithRetries(job: Job, open: () => Promise<Gpu>): Promise<Result> {
  const { retries, resume } = job.options, saved = { checkpoint: resume };
  for (let left = retries;; left--) {
    // A file that this run has not written is another run's, unless --resume says otherwise.
    const checkpoint = saved.checkpoint ? await checkpointOf(job) : undefined;
    saved.checkpoint = checkpoint !== undefined;
    try {
      using gpu = await open();
      return await run(gpu, job, checkpoint, saved);
    } catch (error) {
      if (error instanceof NonFiniteError && saved.checkpoint) throw withCheckpoint(error, job.options.out!);
      if (!(error instanceof DeviceLostError) || left === 0) throw error;
      say(
        `${plain(error.problem)}: opening another, attempt ${retries - left + 2} of ${retries + 1}`,
      );
    }
  }
}

/** The error, with the file from before it, which is as it was. */
function withCheckpoint(error: NonFiniteError, path: string): NonFiniteError {
  const remedy = `${error.remedy}: the last good checkpoint is ${path}`;
  return new NonFiniteError(error.problem, remedy, { cause: error });
}

/** The checkpoint to go on from; none where the run before ended too early for one. */
async function checkpointOf({ options, settings, data }: Job): Promise<Checkpoint | undefined> {
  const checkpoint = await readCheckpoint(options.out!, settings);
  if (checkpoint === undefined) {
    say(`no checkpoint ${options.out} yet: training begins at step 0`);
    return undefined;
  }
  const { step } = checkpoint, last = options.epochs * Math.ceil(data.train.rows / options.batch);
  if (step > last) {
    throw new ArgumentError(
      `${options.out} has trained ${step} steps, and --epochs ${options.epochs} are ${last}`,
      "give more epochs",
    );
  }
  return checkpoint;
}

interface Result {
  readonly adapter: string;
  readonly parameters: number;
  readonly epochs: readonly EpochResult[];
  readonly seconds: number;
}

async function run(
  gpu: Gpu,
  job: Job,
  checkpoint: Checkpoint | undefined,
  saved: { checkpoint: boolean },
): Promise<Result> {
  const { options, data } = job, seed = chosenKey(options), began = performance.now();
  using network = new Mlp(gpu, [data.train.columns, ...job.hidden, data.train.classes], job.activation);
  if (checkpoint === undefined) await network.initialize(job.initializer, seed);
  using trainData = new DeviceData(gpu, data.train);
  const epochs = [...checkpoint?.epochs ?? []], every = options["checkpoint-every"];
  const save = async () => {
    await trainer.assertFinite();
    const progress = { step: trainer.step, epochs, settings: job.settings };
    await writeCheckpoint(options.out!, gpu, network, trainer, progress, metadata(job, trainer.epochs));
    saved.checkpoint = true;
  };
  using trainer: Trainer = await Trainer.make(gpu, network, trainData, {
    optimizer: job.optimizer,
    batch: options.batch,
    shuffle: options.shuffle ? seed : undefined,
    nonFinite: options["non-finite"] as TrainOptions["nonFinite"],
    hook: every === undefined ? undefined : { every, call: save },
  });
  if (checkpoint !== undefined) {
    checkpoint.restore(network, trainer);
    say(`resuming ${options.out} at step ${trainer.step} of ${options.epochs * trainer.stepsPerEpoch}`);
  }
  await runEpochs(gpu, network, trainer, trainData, job, epochs);
  const seconds = (performance.now() - began) / 1000;
  if (options.out !== undefined) {
    // Weights alone for other programs; with checkpoints all that further epochs take.
    if (every !== undefined || options.resume) await save();
    else await writeWeights(options.out, network, metadata(job, trainer.epochs));
    say(`weights: ${options.out}`);
  }
  return { adapter: gpu.adapter.name, parameters: network.size, epochs, seconds };
}

async function runEpochs(
  gpu: Gpu,
  network: Mlp,
  trainer: Trainer,
  trainData: DeviceData,
  { data, options }: Job,
  results: EpochResult[],
): Promise<void> {
  using stack = new DisposableStack();
  const onTrain = stack.use(await Evaluator.make(gpu, network, trainData));
  // Without held-out rows there is nothing to test on.
  const onTest = data.test.rows === 0
    ? undefined
    : stack.use(await Evaluator.make(gpu, network, stack.use(new DeviceData(gpu, data.test))));
  const bar = stack.use(showProgress(options.epochs));
  bar.tick(results.length);
  while (results.length < options.epochs) {
    const epoch = results.length + 1;
    // A checkpoint of an epoch's last step comes before the epoch's score.
    if (trainer.epochs < epoch) await trainer.epoch();
    const { loss, accuracy } = await onTrain.score(), test = await onTest?.score();
    const onHeldOut = test && { testLoss: finiteOrNull(test.loss), testAccuracy: test.accuracy };
    results.push({ epoch, loss: finiteOrNull(loss), accuracy, ...onHeldOut });
    bar.tick(1);
    bar.line(`epoch ${epoch} of ${options.epochs}: ${describe(results[results.length - 1])}`);
  }
}

function describe({ loss, accuracy, testAccuracy }: EpochResult): string {
  const tested = testAccuracy === undefined ? "" : `, on the test set ${percent(testAccuracy)}`;
  return `loss ${figure(loss)}, accuracy ${percent(accuracy)}${tested}`;
}

function resultLine(last: EpochResult, seconds: number): string {
  return `trained in ${seconds.toFixed(1)} s: ${describe(last)}`;
}

/** What a file of weights says of itself. */
function metadata({ settings }: Job, epochs: number): Record<string, string> {
  const { init, generator, seed, optimizer, batch } = settings;
  return { format: "pt", fanin: VERSION, init, generator, seed, optimizer, epochs: `${epochs}`, batch };
}

/** The weights by PyTorch's names, and nothing else. */
async function writeWeights(path: string, network: Mlp, about: Record<string, string>): Promise<void> {
  const values = await network.read();
  const tensors = network.parameters.map(({ name, tensor }) =>
    [name, { dtype: "F32", shape: [...tensor.shape], data: values.get(name)! }] as const
  );
  await writeWhole(path, encodeSafetensors(tensors, about));
}
