/**
 * `fanin train`: trains a multilayer perceptron and keeps its weights.
 *
 * @module
 */
import type { Split } from "../data/split.ts";
import { finiteOrNull } from "../diagnose/signal.ts";
import { Gpu } from "../gpu/gpu.ts";
import { INITIALIZER_NAMES, initializerByName } from "../init/names.ts";
import { Mlp } from "../nn/mlp.ts";
import { figure, percent } from "../report/format.ts";
import { encodeSafetensors } from "../tensor/safetensors.ts";
import { DeviceData } from "../train/device_data.ts";
import { Evaluator } from "../train/evaluator.ts";
import { Trainer } from "../train/trainer.ts";
import { VERSION } from "../version.ts";
import { printJson, printResult, say, showProgress } from "./console.ts";
import { loadSplit } from "./data_source.ts";
import { assertWritable, writeWhole } from "./files.ts";
import { COMMON, helpText, type Options, type OptionSpecs, parseOptions } from "./options.ts";
import {
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
  ...COMMON,
} as const satisfies OptionSpecs;

/** One line of the result: over the whole training set, and over the test set where there is one. */
interface EpochResult {
  epoch: number;
  loss: number | null;
  accuracy: number;
  testLoss?: number | null;
  testAccuracy?: number;
}

/**
 * Trains a network, prints its progress and writes its weights.
 *
 * @param args The arguments after the command's name.
 * @returns The exit status.
 */
export async function train(args: string[]): Promise<number> {
  const options = parseOptions(args, OPTIONS);
  if (options.help) {
    printResult(helpText("fanin train [options]", "Trains a multilayer perceptron.", OPTIONS));
    return 0;
  }
  if (options.out !== undefined) await assertWritable(options.out);
  const initializer = initializerByName(options.init), seed = chosenKey(options);
  const optimizer = chosenOptimizer(options), activation = chosenActivation(options);
  const data = await loadSplit(options), hidden = chosenHidden(options, data);

  using gpu = await Gpu.open();
  using network = new Mlp(gpu, [data.train.columns, ...hidden, data.train.classes], activation);
  await network.initialize(initializer, seed);
  const began = performance.now();
  using trainData = new DeviceData(gpu, data.train);
  using trainer = await Trainer.make(gpu, network, trainData, {
    optimizer,
    batch: options.batch,
    shuffle: options.shuffle ? seed : undefined,
  });
  const epochs = await runEpochs(gpu, network, trainer, trainData, data, options.epochs);
  const seconds = (performance.now() - began) / 1000;
  if (options.out !== undefined) await save(options.out, network, { ...options, optimizer: `${optimizer}` });
  if (options.json) printJson({ adapter: gpu.adapter.name, parameters: network.size, epochs, seconds });
  else printResult(resultLine(epochs[epochs.length - 1], seconds));
  return 0;
}

async function runEpochs(
  gpu: Gpu,
  network: Mlp,
  trainer: Trainer,
  trainData: DeviceData,
  data: Split,
  count: number,
): Promise<EpochResult[]> {
  using stack = new DisposableStack();
  const onTrain = stack.use(await Evaluator.make(gpu, network, trainData));
  // Without held-out rows there is nothing to test on.
  const onTest = data.test.rows === 0
    ? undefined
    : stack.use(await Evaluator.make(gpu, network, stack.use(new DeviceData(gpu, data.test))));
  const bar = stack.use(showProgress(count));
  const results: EpochResult[] = [];
  for (let epoch = 1; epoch <= count; epoch++) {
    await trainer.epoch();
    const { loss, accuracy } = await onTrain.score(), test = await onTest?.score();
    const onHeldOut = test && { testLoss: finiteOrNull(test.loss), testAccuracy: test.accuracy };
    results.push({ epoch, loss: finiteOrNull(loss), accuracy, ...onHeldOut });
    bar.tick(1);
    bar.line(`epoch ${epoch} of ${count}: ${describe(results[results.length - 1])}`);
  }
  return results;
}

function describe({ loss, accuracy, testAccuracy }: EpochResult): string {
  const tested = testAccuracy === undefined ? "" : `, on the test set ${percent(testAccuracy)}`;
  return `loss ${figure(loss)}, accuracy ${percent(accuracy)}${tested}`;
}

function resultLine(last: EpochResult, seconds: number): string {
  return `trained in ${seconds.toFixed(1)} s: ${describe(last)}`;
}

/** The weights by PyTorch's names, with how they came about. */
async function save(path: string, network: Mlp, options: Options<typeof OPTIONS>): Promise<void> {
  const values = await network.read();
  const tensors = network.parameters.map(({ name, tensor }) =>
    [name, { dtype: "F32", shape: [...tensor.shape], data: values.get(name)! }] as const
  );
  const { init, generator, seed, optimizer, epochs, batch } = options;
  await writeWhole(
    path,
    encodeSafetensors(tensors, {
      format: "pt",
      fanin: VERSION,
      init,
      generator,
      seed,
      optimizer,
      epochs: `${epochs}`,
      batch: `${batch}`,
    }),
  );
  say(`weights: ${path}`);
}
