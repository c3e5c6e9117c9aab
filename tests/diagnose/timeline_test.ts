import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { WatchedTrainer, watchTraining } from "../../src/diagnose/mod.ts";
import { ArgumentError } from "../../src/gpu/mod.ts";
import { initializerByName } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { DeviceData, sgd, Trainer } from "../../src/train/mod.ts";
import { f32, testGpu, u32 } from "../gpu_fixture.ts";
import { changeNorms } from "../oracle/change.ts";
import { uniformInputs } from "../oracle/random.ts";

const ROWS = 22;
/** 22 rows in batches of 4: six steps an epoch, the last of two rows. */
const TRAINING = { optimizer: sgd({ lr: 0.1, momentum: 0.9 }), batch: 4, shuffle: key(5) };

async function made(init: string) {
  const gpu = await testGpu(), labels = u32(Array.from({ length: ROWS }, (_, i) => i % 3));
  const features = f32(uniformInputs(ROWS * 6, 3));
  const data = new DeviceData(gpu, { name: "random", features, labels, rows: ROWS, columns: 6, classes: 3 });
  const network = new Mlp(gpu, [6, 8, 5, 3]);
  await network.initialize(initializerByName(init), key(1));
  return { gpu, network, data, [Symbol.dispose]: () => (network[Symbol.dispose](), data[Symbol.dispose]()) };
}

Deno.test("watchTraining trains just so many steps, also in the midst of an epoch, and samples the last", async () => {
  for (const [steps, count] of [[1, 2], [5, 6], [6, 7], [14, 15], [83, 29]]) {
    using watched = await made("kaiming_normal");
    const { gpu, network, data } = watched, before = gpu.memory.buffers;
    const weights = [await network.read()],
      report = await watchTraining(gpu, network, data, { ...TRAINING, steps });
    assertEquals([report.steps.length, report.steps[0], report.steps.at(-1)], [count, 0, steps]);
    assertEquals(gpu.memory.buffers, before);
    using plain = await made("kaiming_normal");
    const call = async (step: number) => {
      weights.push(await plain.network.read());
      if (step === steps) throw new RangeError();
    };
    using trainer = await Trainer.make(gpu, plain.network, plain.data, {
      ...TRAINING,
      hook: { every: 1, call },
    });
    while (trainer.step < steps) await trainer.epoch().catch(() => {});
    assertEquals(await network.read(), weights[steps], `${steps} steps`);
    assertEquals(report.updates.steps, report.steps.slice(1), "no update before the first step");
    for (const { name, updateRatio } of report.updates.parameters) {
      report.updates.steps.forEach((step, i) => {
        const { change, size } = changeNorms(weights[step - 1].get(name)!, weights[step].get(name)!);
        assertAlmostEquals(updateRatio[i]!, change / size, 1e-4 * change / size, `${name}, step ${step}`);
      });
    }
  }
});

Deno.test("the timeline of ones is one neuron with one gradient; drawn weights stay apart", async () => {
  using ones = await made("ones");
  const clones = await watchTraining(ones.gpu, ones.network, ones.data, { ...TRAINING, steps: 12 });
  for (const { width, distinctNeurons, distinctGradients, largestCosine, classes } of clones.layers) {
    assert([...distinctNeurons, ...distinctGradients].every((n) => n === 1));
    assertEquals(largestCosine, new Array(13).fill(null));
    assertEquals(classes.map(({ neurons, verdict }) => [neurons.length, verdict]), [[width, "exact"]]);
  }
  using drawn = await made("torch_linear");
  const { layers } = await watchTraining(drawn.gpu, drawn.network, drawn.data, { ...TRAINING, steps: 12 });
  assert(layers.every(({ width, distinctNeurons }) => distinctNeurons.every((n) => n === width)));
  assert(layers.every(({ largestCosine }) => largestCosine.every((c) => c !== null && c < 1)));
});

Deno.test("watchTraining goes on where numbers explode, and refuses no steps", async () => {
  using watched = await made("normal:1e30");
  const { gpu, network, data } = watched;
  const { steps } = await watchTraining(gpu, network, data, { ...TRAINING, steps: 9 });
  assertEquals(steps.at(-1), 9);
  for (const none of [0, -1, 1.5, NaN]) {
    await assertRejects(
      () => watchTraining(gpu, network, data, { ...TRAINING, steps: none }),
      ArgumentError,
      `${none} steps to watch`,
    );
  }
});

Deno.test("a watched trainer samples 40 times at most, and the end only once", async () => {
  using watched = await made("kaiming_normal");
  const { gpu, network, data } = watched, before = gpu.memory.buffers;
  {
    using trained = await WatchedTrainer.make(gpu, network, data, TRAINING, 90);
    for (let epoch = 0; epoch < 15; epoch++) await trained.trainer.epoch();
    const { steps } = await trained.report();
    assertEquals(steps, Array.from({ length: 31 }, (_, i) => 3 * i));
    assertEquals((await trained.report()).steps, steps);
    await trained.trainer.epoch();
    assertEquals((await trained.report()).steps.slice(31), [93, 96]);
  }
  assertEquals(gpu.memory.buffers, before);
});
