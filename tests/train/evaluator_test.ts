import { assert, assertEquals, assertRejects } from "@std/assert";
import { Gpu, ShapeError } from "../../src/gpu/mod.ts";
import { normal, torchLinear } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { DeviceData, Evaluator } from "../../src/train/mod.ts";
import { logSoftmax } from "../oracle/losses.ts";
import { type Architecture, forward } from "../oracle/mlp.ts";
import { labelInputs, uniformInputs } from "../oracle/random.ts";
import { f32, testGpu, u32 } from "../gpu_fixture.ts";
import { networkBound } from "./mlp_bound.ts";

const WIDTHS = [5, 9, 4], CLASSES = 4;

function dataset(rows: number) {
  const features = f32(uniformInputs(rows * 5, 3)), labels = u32(labelInputs(rows, 4, CLASSES));
  return { name: "test", features, labels, rows, columns: 5, classes: CLASSES };
}

for (const rows of [1, 2, 1023, 1024, 1025, 2049]) {
  Deno.test(`loss and accuracy over ${rows} rows`, async () => {
    const gpu = await testGpu(), data = dataset(rows);
    using device = new DeviceData(gpu, data);
    using network = new Mlp(gpu, WIDTHS);
    await network.initialize(torchLinear(), key(1));
    using evaluator = await Evaluator.make(gpu, network, device);
    const { loss, accuracy } = await evaluator.score();

    const entries = [...await network.read()].map(([name, x]) => [name, Float64Array.from(x)]);
    const parameters = Object.fromEntries(entries);
    const architecture: Architecture = { sizes: WIDTHS, activation: "relu", loss: "cross_entropy" };
    const batch = { inputs: data.features, targets: data.labels, rows };
    const { logits } = forward(architecture, parameters, batch.inputs, rows),
      logP = logSoftmax(logits, CLASSES);
    const bound = networkBound(architecture, parameters, batch);
    let total = 0, hits = 0;
    data.labels.forEach((label, row) => {
      const at = row * CLASSES, values = [...logits.subarray(at, at + CLASSES)];
      const [first, second] = values.toSorted((a, b) => b - a);
      const doubt = Math.max(...bound.logits.subarray(at, at + CLASSES));
      assert(first - second > 2 * doubt, `row ${row}: rounding decides which logit is the largest`);
      total -= logP[at + label];
      hits += values.indexOf(first) === label ? 1 : 0;
    });
    const allowed = bound.rowLoss.reduce((a, b) => a + b) / rows;
    assert(Math.abs(loss - total / rows) <= allowed, `loss ${loss}, not ${total / rows} within ${allowed}`);
    assertEquals(accuracy, hits / rows);
  });
}

Deno.test("the score is that of the parameters as they are when it is asked", async () => {
  const gpu = await testGpu();
  using device = new DeviceData(gpu, dataset(100));
  using network = new Mlp(gpu, WIDTHS);
  using evaluator = await Evaluator.make(gpu, network, device);
  // Without weights every class is as likely.
  assert(Math.abs((await evaluator.score()).loss - Math.log(CLASSES)) < 1e-6);
  await network.initialize(normal(1), key(1));
  const other = await evaluator.score();
  assert(Math.abs(other.loss - Math.log(CLASSES)) > 1e-3);
  assertEquals(await evaluator.score(), other);
});

Deno.test("a network that has exploded has a loss of NaN or Infinity", async () => {
  const gpu = await testGpu();
  using device = new DeviceData(gpu, dataset(10));
  using network = new Mlp(gpu, WIDTHS);
  network.write("2.weight", new Float32Array(36).fill(NaN));
  network.write("0.bias", new Float32Array(9).fill(1));
  using evaluator = await Evaluator.make(gpu, network, device);
  assert(!Number.isFinite((await evaluator.score()).loss));
});

Deno.test("an evaluator refuses what does not fit, and releases all that it made", async () => {
  using gpu = await Gpu.open();
  using device = new DeviceData(gpu, dataset(10));
  using none = new DeviceData(gpu, dataset(0));
  using network = new Mlp(gpu, WIDTHS);
  using wrong = new Mlp(gpu, [6, 9, 4]);
  const before = gpu.memory;
  await assertRejects(() => Evaluator.make(gpu, wrong, device), ShapeError, "6 inputs");
  await assertRejects(() => Evaluator.make(gpu, network, none), ShapeError, "no rows");
  const evaluator = await Evaluator.make(gpu, network, device);
  await evaluator.score();
  evaluator[Symbol.dispose]();
  assertEquals(gpu.memory, before);
});
