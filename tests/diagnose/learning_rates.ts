/**
 * How the ratio of an update to the weights goes with learning: the same networks trained on digits at learning rates from far too small
 * to far too large, with the ratio of the first step as `diagnose` measures it, and what became of them.
 *
 * `deno run -A tests/diagnose/learning_rates.ts` prints the table in LEARNING_RATES.md; with `784-10 adam` after it the lines of
 * networks and optimisers whose names begin so.
 *
 * @module
 */
import { loadDigits } from "../../src/data/digits.ts";
import { split } from "../../src/data/split.ts";
import { measureSignal } from "../../src/diagnose/mod.ts";
import { Gpu } from "../../src/gpu/mod.ts";
import { initializerByName } from "../../src/init/mod.ts";
import { type ActivationName, Mlp } from "../../src/nn/mod.ts";
import { key, permutation } from "../../src/random/mod.ts";
import { figure, percent } from "../../src/report/format.ts";
import { adam, DeviceData, Evaluator, type Optimizer, sgd, Trainer } from "../../src/train/mod.ts";

const EPOCHS = 4, BATCH = 64, ROWS = 256;

const NETWORKS: readonly (readonly [widths: readonly number[], init: string, activation: ActivationName])[] =
  [
    [[784, 10], "torch_linear", "relu"],
    [[784, 128, 64, 10], "torch_linear", "relu"],
    [[784, 128, 64, 10], "kaiming_normal", "relu"],
    [[784, 128, 64, 10], "xavier_uniform", "tanh"],
    [[784, 64, 64, 64, 64, 64, 10], "kaiming_normal", "relu"],
  ];

const OPTIMIZERS: readonly Optimizer[] = [
  ...[1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5, 1, 3, 10].map((lr) => sgd({ lr, momentum: 0.9 })),
  ...[1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1].map((lr) => adam({ lr })),
];

/** A network as the table names it. */
function nameOf([widths, init, activation]: typeof NETWORKS[number]): string {
  return `${widths.join("-")} ${init}, ${activation}`;
}

/** Prints the lines of networks and optimisers whose names begin so. */
async function main(networkName: string, optimizerName: string): Promise<void> {
  using gpu = await Gpu.open();
  const { train, test } = split(await loadDigits(), 0.2, (n) => permutation(key(0).stream("split"), n));
  using data = new DeviceData(gpu, train);
  using held = new DeviceData(gpu, test);
  const features = train.features.slice(0, ROWS * train.columns) as Float32Array<ArrayBuffer>;
  const labels = train.labels.slice(0, ROWS) as Uint32Array<ArrayBuffer>;
  console.log("| network | optimiser | first update / weight, layer by layer | loss | test accuracy |");
  console.log("| --- | --- | --- | --- | --- |");
  for (const described of NETWORKS.filter((one) => nameOf(one).startsWith(networkName))) {
    const [widths, init, activation] = described;
    for (const optimizer of OPTIMIZERS.filter((one) => `${one}`.startsWith(optimizerName))) {
      using network = new Mlp(gpu, widths, activation);
      await network.initialize(initializerByName(init), key(1));
      const { parameters } = await measureSignal(gpu, network, { features, labels }, { optimizer });
      const ratios = parameters.filter(({ name }) => name.endsWith(".weight")).map((p) => p.updateRatio);
      const options = { optimizer, batch: BATCH, shuffle: key(2), nonFinite: "continue" } as const;
      using trainer = await Trainer.make(gpu, network, data, options);
      for (let epoch = 0; epoch < EPOCHS; epoch++) await trainer.epoch();
      using onTest = await Evaluator.make(gpu, network, held);
      const { loss, accuracy } = await onTest.score(), all = ratios.map((r) => figure(r, 2)).join(" ");
      console.log(
        `| ${nameOf(described)} | ${optimizer} | ${all} | ${figure(loss)} | ${percent(accuracy)} |`,
      );
    }
  }
}

if (import.meta.main) await main(Deno.args[0] ?? "", Deno.args[1] ?? "");
