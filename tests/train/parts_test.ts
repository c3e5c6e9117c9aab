/**
 * Networks and data that are larger than one binding: every number is the one that a device gives which binds them whole.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { diagnose, findClones, SymmetryWatch, UpdateWatch } from "../../src/diagnose/mod.ts";
import { type Gpu, LimitError } from "../../src/gpu/mod.ts";
import { heNormal, ones, torchLinear } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { drawOnHost, key } from "../../src/random/mod.ts";
import { parseSafetensors } from "../../src/tensor/mod.ts";
import {
  adam,
  adamw,
  DeviceData,
  encodeCheckpoint,
  Evaluator,
  type Optimizer,
  restoreCheckpoint,
  sgd,
  Trainer,
} from "../../src/train/mod.ts";
import { openSmall } from "../gpu/small_binding.ts";
import { bitsOf, testGpu } from "../gpu_fixture.ts";

/** Bytes of a binding: 64 rows of 256 numbers, as many as are scored together, and a group of the sums of changes. */
const SMALL = 65_600;
const ROWS = 600, BATCH = 16, CLASSES = 5;
const NETWORKS: Record<string, number[]> = { odd: [131, 250, 97, CLASSES], fours: [132, 256, 100, 8] };
const OPTIMIZERS: Record<string, Optimizer> = {
  sgd: sgd({ lr: 0.1, weightDecay: 0.01 }),
  momentum: sgd({ lr: 0.1, momentum: 0.9 }),
  nesterov: sgd({ lr: 0.1, momentum: 0.9, nesterov: true }),
  adam: adam({ lr: 0.01 }),
  adamw: adamw({ lr: 0.01, weightDecay: 0.1 }),
};

function dataset(columns: number) {
  const features = drawOnHost(key(1).stream("x"), { kind: "bounded", bound: 2 }, { count: ROWS * columns });
  const labels = Uint32Array.from({ length: ROWS }, (_, i) => (i * 7 + i % 3) % CLASSES);
  return {
    name: "rows",
    features: features as Float32Array<ArrayBuffer>,
    labels,
    rows: ROWS,
    columns,
    classes: CLASSES,
  };
}

/** A network, its data and a trainer, on any device. */
async function withTrainer<T>(
  gpu: Gpu,
  widths: readonly number[],
  optimizer: Optimizer,
  body: (network: Mlp, trainer: Trainer, data: DeviceData) => Promise<T>,
): Promise<T> {
  using data = new DeviceData(gpu, dataset(widths[0]));
  using network = new Mlp(gpu, widths, "tanh");
  await network.initialize(torchLinear(), key(3));
  using trainer = await Trainer.make(gpu, network, data, {
    optimizer,
    batch: BATCH,
    shuffle: key(4),
    nonFinite: "continue",
  });
  return await body(network, trainer, data);
}

/** All that an epoch leaves behind, as bits, and what is measured of it. */
async function trained(gpu: Gpu, widths: readonly number[], optimizer: Optimizer) {
  return await withTrainer(gpu, widths, optimizer, async (network, trainer, data) => {
    using updates = await UpdateWatch.make(gpu, network);
    using symmetry = await SymmetryWatch.make(gpu, network, trainer.gradients, { cosineWidth: 100 });
    using evaluator = await Evaluator.make(gpu, network, data);
    const losses = await trainer.epoch();
    await updates.sample(trainer.step);
    await symmetry.sample(trainer.step, true);
    const state = await Promise.all(trainer.state.map(({ tensor }) => tensor.read()));
    const parameters = await Promise.all(
      [...network.parameters, ...trainer.gradients.parameters].map(({ tensor }) => tensor.read()),
    );
    return {
      numbers: [losses, ...state, ...parameters].map((values) => bitsOf(values)),
      nonFinite: trainer.nonFinite,
      score: await evaluator.score(),
      updates: await updates.report(),
      symmetry: await symmetry.report(),
    };
  });
}

/** Which of the arrays differ, and where first: an assertion over all elements would show them all. */
function differing(actual: readonly Uint32Array[], expected: readonly Uint32Array[]): string[] {
  assertEquals(actual.map(({ length }) => length), expected.map(({ length }) => length));
  return actual.flatMap((bits, i) => {
    const at = bits.findIndex((word, j) => word !== expected[i][j]);
    return at < 0 ? [] : [`array ${i} from element ${at} on`];
  });
}

for (const [kind, widths] of Object.entries(NETWORKS)) {
  for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
    Deno.test(`${name}, ${kind} layers in parts: the bits of an epoch, its score, updates and symmetry`, async () => {
      using small = await openSmall(SMALL);
      const [parts, whole] = [
        await trained(small, widths, optimizer),
        await trained(await testGpu(), widths, optimizer),
      ];
      assertEquals(differing(parts.numbers, whole.numbers), []);
      assertEquals({ ...parts, numbers: [] }, { ...whole, numbers: [] });
      assertEquals(whole.nonFinite, undefined);
    });
  }
}

Deno.test("parameters in parts: NaN is found in the step and the parameter in which it is", async () => {
  using small = await openSmall(SMALL);
  for (const widths of Object.values(NETWORKS)) {
    const found = [];
    for (const gpu of [small, await testGpu()]) {
      found.push(
        await withTrainer(gpu, widths, sgd({ lr: 1e38, momentum: 0.9 }), async (_, trainer) => {
          await trainer.epoch();
          return trainer.nonFinite;
        }),
      );
    }
    assertEquals(found[0], found[1]);
    assert(found[0] !== undefined);
  }
});

Deno.test("a checkpoint of parameters in parts is the file of the whole, and training goes on from it", async () => {
  using small = await openSmall(SMALL);
  const widths = NETWORKS.odd, optimizer = OPTIMIZERS.adam;
  const twoEpochs = (gpu: Gpu) =>
    withTrainer(gpu, widths, optimizer, async (network, trainer) => {
      await trainer.epoch();
      const file = await new Blob(await encodeCheckpoint(gpu, network, trainer, {}) as BlobPart[]).bytes();
      await trainer.epoch();
      return { file, step: trainer.stepsPerEpoch, end: await bitsOfNetwork(network) };
    });
  const [parts, whole] = [await twoEpochs(small), await twoEpochs(await testGpu())];
  assertEquals(differing(parts.end, whole.end), []);
  assert(parts.file.every((byte, i) => byte === whole.file[i]) && parts.file.length === whole.file.length);
  const resumed = await withTrainer(small, widths, optimizer, async (network, trainer) => {
    restoreCheckpoint(parseSafetensors(parts.file), parts.step, network, trainer);
    await trainer.epoch();
    return await bitsOfNetwork(network);
  });
  assertEquals(differing(resumed, parts.end), []);
});

async function bitsOfNetwork(network: Mlp) {
  return [...(await network.read()).values()].map((values) => bitsOf(values));
}

Deno.test("a diagnosis of parameters in parts says what that of the whole says", async () => {
  using small = await openSmall(SMALL);
  const gpu = await testGpu();
  for (const widths of Object.values(NETWORKS)) {
    for (const initializer of [ones(), heNormal()]) {
      const judged = async (on: Gpu) => {
        using network = new Mlp(on, widths);
        await network.initialize(initializer, key(5));
        const { features, labels } = dataset(widths[0]);
        // As many rows as one binding has activations of.
        const some = { features: features.slice(0, BATCH * widths[0]), labels: labels.slice(0, BATCH) };
        const clones = await findClones(on, network);
        return {
          clones,
          found: await diagnose(on, network, some, {
            initializer,
            classes: CLASSES,
            optimizer: OPTIMIZERS.adam,
          }),
        };
      };
      assertEquals(await judged(small), await judged(gpu));
    }
  }
});

Deno.test("a batch whose outputs are larger than a binding is refused by name, and nothing is left open", async () => {
  using small = await openSmall(SMALL);
  using data = new DeviceData(small, dataset(131));
  using network = new Mlp(small, [131, 64, 90]);
  const before = small.memory;
  await assertRejects(
    () => Trainer.make(small, network, data, { optimizer: OPTIMIZERS.sgd, batch: 200 }),
    LimitError,
    "at most 65600",
  );
  assertEquals(small.memory, before);
});

Deno.test("a layer of 144 MB, more than Mesa binds: its rows are drawn, summed and stepped like any others", async () => {
  const gpu = await testGpu(), width = 6000, lr = 0.5, { features, labels, ...data } = dataset(4);
  using onDevice = new DeviceData(gpu, {
    ...data,
    rows: BATCH,
    features: features.slice(0, 4 * BATCH),
    labels: labels.slice(0, BATCH),
  });
  using network = new Mlp(gpu, [4, width, width, CLASSES], "tanh");
  await network.initialize(torchLinear(), key(6));
  const { weight, name } = network.layers[1], rows = [0, 1, 5591, 5592, 5593, width - 1]; // 128 MiB end in row 5592
  const readRows = () => Promise.all(rows.map((row) => weight.slice(row, row + 1))),
    before = await readRows();
  const bound = Math.fround(1 / Math.sqrt(width)), stream = key(6).stream(`${name}.weight`);
  const drawn = rows.map((row) =>
    drawOnHost(stream, { kind: "bounded", bound }, { start: row * width, count: width }) as Float32Array<
      ArrayBuffer
    >
  );
  assertEquals(differing(before.map((row) => bitsOf(row)), drawn.map((row) => bitsOf(row))), []);
  using trainer = await Trainer.make(gpu, network, onDevice, { optimizer: sgd({ lr }), batch: BATCH });
  const [loss] = await trainer.epoch();
  assert(Math.abs(loss - Math.log(CLASSES)) < 0.2, `loss ${loss}`);
  const after = await readRows(), h = await gpu.read(trainer.activations.outputs[0]);
  const dz = await gpu.read(trainer.gradients.outputs[1]),
    below = await gpu.read(trainer.gradients.outputs[0]);
  rows.forEach((row, i) => {
    let largest = 0, moved = 0;
    for (let c = 0; c < width; c++) {
      let gradient = 0;
      for (let b = 0; b < BATCH; b++) gradient += dz[b * width + row] * h[b * width + c];
      largest = Math.max(largest, Math.abs(after[i][c] - (before[i][c] - lr * gradient)));
      moved = Math.max(moved, Math.abs(lr * gradient));
    }
    assert(largest < 2 ** -26 && moved > 2 ** -20, `row ${row} is off by ${largest} of ${moved}`);
  });
  assert(below.some((g) => g !== 0) && below.every(Number.isFinite));
});
