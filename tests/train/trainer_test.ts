import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { ACTIVATION_NAMES } from "../../kernels/mod.ts";
import { ArgumentError, Gpu, ShapeError } from "../../src/gpu/mod.ts";
import { torchLinear } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { type Key, key, permutation } from "../../src/random/mod.ts";
import { adam, DeviceData, sgd, Trainer, type TrainOptions } from "../../src/train/mod.ts";
import { assertBitsEqual, assertClose } from "../oracle/compare.ts";
import { type Architecture, type Batch, lossAndGradients, type Parameters, trainMlp } from "../oracle/mlp.ts";
import { labelInputs, uniformInputs } from "../oracle/random.ts";
import { sgd as sgdOracle } from "../oracle/sgd.ts";
import { f32, testGpu, u32 } from "../gpu_fixture.ts";
import { networkBound } from "./mlp_bound.ts";

/** Data of the given size; always the same. */
function dataset(rows: number, columns: number, classes: number) {
  const features = f32(uniformInputs(rows * columns, 1)), labels = u32(labelInputs(rows, 2, classes));
  return { name: "test", features, labels, rows, columns, classes };
}

async function parametersOf(network: Mlp): Promise<Parameters> {
  return Object.fromEntries([...await network.read()].map(([name, data]) => [name, Float64Array.from(data)]));
}

function batchOf(data: ReturnType<typeof dataset>, rows: ArrayLike<number>): Batch {
  const { features, labels, columns } = data, chosen = Array.from(rows);
  return {
    inputs: chosen.flatMap((row) => [...features.subarray(row * columns, (row + 1) * columns)]),
    targets: chosen.map((row) => labels[row]),
    rows: chosen.length,
  };
}

/** The batches of one epoch: pieces of the order, the last one with what is left. */
function batches(data: ReturnType<typeof dataset>, order: ArrayLike<number>, size: number): Batch[] {
  const rows = Array.from(order);
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => {
    return batchOf(data, rows.slice(i * size, (i + 1) * size));
  });
}

/** Trains a fresh network for some epochs. */
async function train(
  gpu: Gpu,
  data: ReturnType<typeof dataset>,
  options: TrainOptions,
  epochs: number,
): Promise<{ losses: Float32Array[]; parameters: Map<string, Float32Array>; start: Parameters }> {
  using device = new DeviceData(gpu, data);
  using network = new Mlp(gpu, [data.columns, 8, data.classes]);
  await network.initialize(torchLinear(), key(3));
  const start = await parametersOf(network), losses: Float32Array[] = [];
  using trainer = await Trainer.make(gpu, network, device, options);
  assertEquals(trainer.epochs, 0);
  for (let i = 0; i < epochs; i++) losses.push(await trainer.epoch());
  assertEquals([trainer.epochs, trainer.stepsPerEpoch], [epochs, losses[0].length]);
  return { losses, parameters: await network.read(), start };
}

// golden/README.md: over 20 steps of a network of this size float32 stays within 4.6e-7 of float64.
const BOUND = 2e-6;

/** Runs the trainer and the oracle over the same batches. */
async function assertFollowsOracle(rows: number, batch: number, shuffle?: Key): Promise<void> {
  const data = dataset(rows, 4, 3), epochs = 3, options = { lr: 0.1, momentum: 0.9, weightDecay: 0.01 };
  const { losses, parameters, start } = await train(await testGpu(), data, {
    optimizer: sgd(options),
    batch,
    shuffle,
  }, epochs);
  const all = Array.from({ length: epochs }, (_, epoch) => {
    const order = shuffle === undefined
      ? [...new Array(rows).keys()]
      : permutation(shuffle.stream("order").stream(`epoch ${epoch}`), rows);
    return batches(data, order, batch);
  });
  const network: Architecture = { sizes: [4, 8, 3], activation: "relu", loss: "cross_entropy" };
  const expected = trainMlp(network, start, all.flat(), sgdOracle(options));
  assertEquals(losses.map((epoch) => epoch.length), all.map((epoch) => epoch.length));
  assertClose(losses.flatMap((epoch) => [...epoch]), expected.steps.map((s) => s.loss), BOUND, "losses");
  for (const [name, values] of parameters) assertClose(values, expected.parameters[name], BOUND, name);
}

Deno.test("batches that divide the data", () => assertFollowsOracle(12, 4));
Deno.test("a last batch with what is left", () => assertFollowsOracle(10, 4));
Deno.test("a last batch of one row", () => assertFollowsOracle(9, 4));
Deno.test("a batch larger than the data is the data", () => assertFollowsOracle(5, 100));
Deno.test("batches of one row", () => assertFollowsOracle(7, 1));
Deno.test("more steps in an epoch than in a submit", () => assertFollowsOracle(20, 1));
Deno.test("shuffled batches are the permutation's, anew in every epoch", () =>
  assertFollowsOracle(10, 4, key(5)));

/** The losses of single rows in the order in which they are visited; the weights hardly move. */
async function visits(shuffle: Key | undefined, epochs: number): Promise<number[][]> {
  const options = { optimizer: sgd({ lr: 1e-30 }), batch: 1, shuffle };
  const { losses } = await train(await testGpu(), dataset(30, 4, 3), options, epochs);
  return losses.map((epoch) => [...epoch]);
}

Deno.test("every epoch visits every row once, in an order that the key alone decides", async () => {
  const [inOrder] = await visits(undefined, 1), sorted = inOrder.toSorted();
  assertEquals(new Set(inOrder).size, 30, "the losses tell the rows apart");
  const [first, again, other] = [await visits(key(1), 3), await visits(key(1), 3), await visits(key(2), 3)];
  for (const epoch of [...first, ...other]) assertEquals(epoch.toSorted(), sorted);
  assertEquals(again, first);
  assertNotEquals(other[0], first[0]);
  assertEquals(new Set([inOrder, ...first].map(String)).size, 4, "each epoch has an order of its own");
  assertEquals((await visits(undefined, 2))[1], inOrder, "without a key the rows stay in their order");
});

Deno.test("the same run twice has the same bits", async () => {
  const data = dataset(50, 4, 3);
  for (const optimizer of [sgd({ lr: 0.1, momentum: 0.9, nesterov: true }), adam({ lr: 0.01 })]) {
    const options = { optimizer, batch: 16, shuffle: key(7) };
    const [one, two] = [
      await train(await testGpu(), data, options, 3),
      await train(await testGpu(), data, options, 3),
    ];
    one.losses.forEach((losses, i) => assertBitsEqual(two.losses[i], losses, `losses of epoch ${i}`));
    for (const [name, values] of one.parameters) assertBitsEqual(two.parameters.get(name)!, values, name);
  }
});

Deno.test("losses and gradients of a deep network with odd widths are within the bound of their rounding", async () => {
  const gpu = await testGpu(), widths = [7, 13, 9, 5, 3], data = dataset(11, 7, 3);
  using device = new DeviceData(gpu, data);
  using network = new Mlp(gpu, widths);
  await network.initialize(torchLinear(), key(1));
  const parameters = await parametersOf(network), batch = batchOf(data, [...new Array(11).keys()]);
  const architecture: Architecture = { sizes: widths, activation: "relu", loss: "cross_entropy" };
  const expected = lossAndGradients(architecture, parameters, batch);
  const bound = networkBound(architecture, parameters, batch);
  using trainer = await Trainer.make(gpu, network, device, { optimizer: sgd({ lr: 0.1 }), batch: 11 });
  const losses = await trainer.epoch(), allowed = bound.rowLoss.reduce((a, b) => a + b) / 11 + 11 * 2 ** -23;
  assertClose(losses, [expected.loss], allowed, "loss");
  assertEquals(trainer.gradients.parameters.map((p) => p.name), Object.keys(parameters));
  for (const { name, tensor } of trainer.gradients.parameters) {
    assertClose(await tensor.read(), expected.gradients[name], bound.gradients[name], name);
    const largest = bound.gradients[name].reduce((a, b) => Math.max(a, b));
    assert(largest < 1e-5, `the bound says little: ${largest}`);
  }
});

for (const activation of ACTIVATION_NAMES) {
  Deno.test(`gradients and losses under ${activation} are the oracle's`, async () => {
    const gpu = await testGpu(), sizes = [4, 9, 7, 3], data = dataset(13, 4, 3);
    using device = new DeviceData(gpu, data);
    using network = new Mlp(gpu, sizes, activation);
    await network.initialize(torchLinear(), key(2));
    const parameters = await parametersOf(network), batch = batchOf(data, [...new Array(13).keys()]);
    const expected = lossAndGradients({ sizes, activation, loss: "cross_entropy" }, parameters, batch);
    using trainer = await Trainer.make(gpu, network, device, { optimizer: sgd({ lr: 0.1 }), batch: 13 });
    assertClose(await trainer.epoch(), [expected.loss], BOUND, "loss");
    for (const { name, tensor } of trainer.gradients.parameters) {
      assertClose(await tensor.read(), expected.gradients[name], BOUND, name);
    }
  });
}

Deno.test("networks and data that do not fit are refused, and nothing stays open", async () => {
  using gpu = await Gpu.open();
  using device = new DeviceData(gpu, dataset(6, 4, 3));
  using none = new DeviceData(gpu, dataset(0, 4, 3));
  using network = new Mlp(gpu, [4, 8, 3]);
  using narrow = new Mlp(gpu, [5, 8, 3]);
  using few = new Mlp(gpu, [4, 8, 2]);
  const before = gpu.memory, optimizer = sgd({ lr: 0.1 });
  const options = { optimizer, batch: 2 };
  await assertRejects(
    () => Trainer.make(gpu, narrow, device, options),
    ShapeError,
    "5 inputs and the data has 4",
  );
  await assertRejects(
    () => Trainer.make(gpu, few, device, options),
    ShapeError,
    "2 outputs and the data has 3",
  );
  await assertRejects(() => Trainer.make(gpu, network, none, options), ShapeError, "no rows");
  for (const batch of [0, -1, 0.5, NaN, Infinity]) {
    await assertRejects(
      () => Trainer.make(gpu, network, device, { optimizer, batch }),
      ArgumentError,
      `batch = ${batch}`,
    );
  }
  assertEquals(gpu.memory, before);
  using more = new Mlp(gpu, [4, 8, 5]); // more outputs than classes are no error
  using trainer = await Trainer.make(gpu, more, device, options);
  assertEquals((await trainer.epoch()).length, 3);
});

Deno.test("a trainer releases all that it made, whatever the optimiser keeps", async () => {
  using gpu = await Gpu.open();
  for (const optimizer of [sgd({ lr: 0.1 }), sgd({ lr: 0.1, momentum: 0.9 }), adam({ lr: 0.1 })]) {
    using device = new DeviceData(gpu, dataset(6, 4, 3));
    using network = new Mlp(gpu, [4, 8, 3]);
    const before = gpu.memory;
    const trainer = await Trainer.make(gpu, network, device, { optimizer, batch: 4 });
    await trainer.epoch();
    assert(gpu.memory.buffers > before.buffers);
    trainer[Symbol.dispose]();
    assertEquals(gpu.memory, before);
  }
  assertEquals(gpu.memory, { buffers: 0, bytes: 0 });
});

Deno.test("training allocates nothing after it has begun", async () => {
  using gpu = await Gpu.open();
  using device = new DeviceData(gpu, dataset(10, 4, 3));
  using network = new Mlp(gpu, [4, 8, 3]);
  using trainer = await Trainer.make(gpu, network, device, { optimizer: adam({ lr: 0.1 }), batch: 4 });
  const before = gpu.memory, compiled = gpu.pipelines.compiled;
  for (let i = 0; i < 3; i++) await trainer.epoch();
  assertEquals([gpu.memory, gpu.pipelines.compiled], [before, compiled]);
});

Deno.test("a hook is called every so many steps, across epochs and short batches, and changes no bit", async () => {
  const gpu = await testGpu(), data = dataset(70, 5, 3); // 5 steps an epoch, the last with 6 rows
  const options = { optimizer: sgd({ lr: 0.1, momentum: 0.9 }), batch: 16, shuffle: key(1) };
  const plain = await train(gpu, data, options, 4);
  for (const every of [1, 2, 3, 5, 7, 20, 21]) {
    const due = Array.from({ length: Math.floor(20 / every) }, (_, i) => (i + 1) * every);
    for (const hasBefore of [false, true]) {
      const steps: number[] = [], told: number[] = [];
      const call = (step: number) => void steps.push(step),
        before = (step: number) => {
          assertEquals(steps.length, told.push(step) - 1, "before the call, and after the last one");
        };
      const hook = hasBefore ? { every, call, before } : { every, call };
      const hooked = await train(gpu, data, { ...options, hook }, 4);
      assertEquals(steps, due);
      assertEquals(told, hasBefore ? due.map((step) => step - 1) : []);
      for (const [name, values] of plain.parameters) {
        assertBitsEqual(hooked.parameters.get(name)!, values, name);
      }
    }
  }
  const wrong = { ...options, hook: { every: 0, call: () => {} } };
  await assertRejects(() => train(gpu, data, wrong, 1), ArgumentError, "hook every 0 steps");
});

Deno.test("a hook finds the parameters of its step", async () => {
  const gpu = await testGpu(), data = dataset(64, 5, 3);
  const options = { optimizer: sgd({ lr: 0.1 }), batch: 16 };
  using device = new DeviceData(gpu, data);
  using network = new Mlp(gpu, [5, 8, 3]);
  await network.initialize(torchLinear(), key(3));
  const seen: Float32Array[] = [];
  const hook = { every: 2, call: async () => void seen.push((await network.read()).get("0.weight")!) };
  using trainer = await Trainer.make(gpu, network, device, { ...options, hook });
  await trainer.epoch();
  // Half the data is half the steps.
  const half = {
    ...data,
    features: data.features.slice(0, 32 * 5),
    labels: data.labels.slice(0, 32),
    rows: 32,
  };
  const { parameters } = await train(gpu, half, options, 1);
  assertBitsEqual(seen[0], parameters.get("0.weight")!, "after two of four steps");
});

Deno.test("steps that are timed are steps like others: the same bits, from the same place", async () => {
  using gpu = await Gpu.open({ features: ["timestamp-query"] });
  const results: Float32Array[][] = [];
  for (const timed of [false, true]) {
    using data = new DeviceData(gpu, dataset(18, 3, 2));
    using network = new Mlp(gpu, [3, 8, 2]);
    await network.initialize(torchLinear(), key(3));
    const options = { optimizer: adam({ lr: 0.01 }), batch: 4, shuffle: key(1) };
    using trainer = await Trainer.make(gpu, network, data, options);
    await trainer.epoch();
    if (timed) {
      assertEquals((await trainer.profile(3)).length % 3, 0);
      assertEquals(trainer.step, 8);
      await assertRejects(() => trainer.profile(2), ArgumentError, "a whole number from 1 to 1");
    }
    await trainer.epoch();
    results.push([...(await network.read()).values()]);
  }
  results[0].forEach((values, i) => assertBitsEqual(results[1][i], values, `parameter ${i}`));
});
