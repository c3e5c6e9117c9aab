import { assert, assertEquals, assertRejects } from "@std/assert";
import { roundingBound, SymmetryWatch } from "../../src/diagnose/watch.ts";
import { ArgumentError } from "../../src/gpu/mod.ts";
import { ones, torchLinear } from "../../src/init/mod.ts";
import { Gradients, Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { adam, DeviceData, sgd, Trainer } from "../../src/train/mod.ts";
import { f32, testGpu, u32 } from "../gpu_fixture.ts";
import { loadMlpTrace } from "../golden/load.ts";
import { uniformInputs } from "../oracle/random.ts";

const trace = loadMlpTrace(), runs = trace.runs.filter(({ dtype }) => dtype === "torch.float32");
const KEYS = ["W1", "b1", "W2", "b2"] as const, ROWS = trace.Y.length;

for (const run of runs) {
  const title = `${run.init} ${run.optimizer} momentum ${run.momentum} decay ${run.weight_decay}`;
  Deno.test(`SymmetryWatch counts the distinct neurons and gradients that PyTorch has: ${title}`, async () => {
    const gpu = await testGpu(), { lr, weight_decay: weightDecay, momentum, nesterov } = run;
    const features = f32(trace.X), labels = u32(trace.Y);
    using data = new DeviceData(gpu, { name: "trace", features, labels, rows: ROWS, columns: 4, classes: 3 });
    using network = new Mlp(gpu, [4, 8, 3]);
    network.parameters.forEach(({ name }, i) => network.write(name, f32(run.weights[0][KEYS[i]])));
    const optimizer = run.optimizer === "adam"
      ? adam({ lr, weightDecay })
      : sgd({ lr, momentum: momentum!, weightDecay, nesterov });
    using trainer = await Trainer.make(gpu, network, data, { optimizer, batch: ROWS });
    // Less than there are samples, so that the log is read on the way.
    using watch = await SymmetryWatch.make(gpu, network, trainer.gradients, { capacity: 7 });
    await watch.sample(0);
    for (let step = 1; step <= 20; step++) {
      await trainer.epoch();
      await watch.sample(step);
    }
    const { steps, layers: [layer, ...none] } = await watch.report();
    assertEquals(none, []);
    assertEquals(steps, Array.from({ length: 21 }, (_, i) => i));
    // There gradients are zero but for rounding, which every program does its own way (golden/README.md).
    if (run.init === "zeroW_randombias") return;
    assertEquals(layer.distinctNeurons, run.distinct_hidden_rows);
    // The gradients that led to step k are those of the weights before it.
    assertEquals(layer.distinctGradients.slice(1), run.distinct_grad_rows.slice(0, 20));
    const classes = layer.classes.map(({ neurons, verdict, splitAt, largestDifference }) => {
      assertEquals([verdict, splitAt, largestDifference], ["exact", null, 0]);
      return neurons.length;
    });
    const distinct = run.distinct_hidden_rows[0];
    assertEquals(classes, distinct === 8 ? [] : distinct === 7 ? [2] : [8]);
    layer.largestCosine.forEach((cosine, step) => {
      const expected = largestCosine(run.weights[step].W1, distinct, run.init === "dup_rows");
      if (expected === null) assertEquals(cosine, null, `step ${step}`);
      else assert(Math.abs(cosine! - expected) < 1e-5, `step ${step}: ${cosine}, not ${expected}`);
    });
  });
}

/** In float64, between rows 0 to 7; of one neuron copied there is none, and the copy 1 of 0 is left out. */
function largestCosine(weights: number[], distinct: number, isCopied: boolean): number | null {
  if (distinct === 1) return null;
  const rows = Array.from({ length: 8 }, (_, i) => weights.slice(4 * i, 4 * i + 4));
  if (isCopied) rows.splice(1, 1);
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const cosines = rows.flatMap((a, i) =>
    rows.slice(i + 1).map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)))
  );
  return Math.max(...cosines);
}

/** A watch over a network 5-6-4-3 of clones, whose weights the test changes as a training would. */
async function watched(
  change: (network: Mlp, step: number) => void,
  steps: number,
): Promise<Awaited<ReturnType<SymmetryWatch["report"]>>> {
  const gpu = await testGpu();
  using network = new Mlp(gpu, [5, 6, 4, 3]);
  await network.initialize(ones(), key(0));
  using gradients = new Gradients(gpu, network, 1);
  using watch = await SymmetryWatch.make(gpu, network, gradients, { capacity: 3 });
  for (let step = 1; step <= steps; step++) {
    change(network, step);
    await watch.sample(step);
  }
  return await watch.report();
}

Deno.test("SymmetryWatch: a last bit that differs is rounding, the same every step is too, more is broken", async () => {
  const parted = (by: number) => (network: Mlp, step: number) => {
    if (step >= 3) network.write("0.weight", f32(new Array(30).fill(1).map((x, i) => i === 7 ? x + by : x)));
  };
  const cases = [[2 ** -23, "rounding-broken"], [8 * 2 ** -23, "rounding-broken"], [
    2 ** -18,
    "broken",
  ]] as const;
  for (const [by, verdict] of cases) {
    const { layers: [first, second] } = await watched(parted(by), 5);
    assertEquals(first.classes, [{
      neurons: [0, 1, 2, 3, 4, 5],
      verdict,
      splitAt: 3,
      largestDifference: by,
    }]);
    assertEquals(first.distinctNeurons, [1, 1, 2, 2, 2]);
    assertEquals(second.classes.map((one) => one.verdict), ["exact"]);
    assertEquals(first.largestCosine.slice(0, 2), [null, null]);
    assert(Math.abs(first.largestCosine[4]! - 1) < 1e-6);
  }
});

Deno.test("SymmetryWatch: a zero that changed its sign is rounding, a NaN is broken, outgoing weights count", async () => {
  const set = (name: string, at: number, value: number, rest: number) => (network: Mlp) => {
    const { size } = network.parameters.find((p) => p.name === name)!.tensor;
    network.write(name, f32(Array.from({ length: size }, (_, i) => i === at ? value : rest)));
  };
  const judged = async (change: (network: Mlp) => void) => {
    const { layers: [{ classes: [{ verdict, largestDifference }] }] } = await watched(change, 2);
    return [verdict, largestDifference];
  };
  assertEquals(await judged(set("0.bias", 2, -0, 0)), ["rounding-broken", 0]);
  assertEquals(await judged(set("0.weight", 9, NaN, 1)), ["broken", null]);
  assertEquals(await judged(set("2.weight", 9, 1.5, 1)), ["broken", 0.5]);
  assertEquals(await judged(set("2.weight", 9, 1, 1)), ["exact", 0]);
});

Deno.test("SymmetryWatch: random weights, wide layers and a wrong capacity", async () => {
  const gpu = await testGpu();
  using network = new Mlp(gpu, [20, 40, 30, 2]);
  await network.initialize(torchLinear(), key(1));
  using gradients = new Gradients(gpu, network, 1);
  using watch = await SymmetryWatch.make(gpu, network, gradients, { cosineWidth: 30 });
  assertEquals((await watch.report()).layers.map((layer) => layer.distinctNeurons), [[], []]);
  await watch.sample(0);
  const { layers } = await watch.report();
  assertEquals(layers.map((l) => [l.distinctNeurons, l.distinctGradients, l.classes]), [
    [[40], [1], []],
    [[30], [1], []],
  ]);
  assertEquals(layers[0].largestCosine, [null]);
  assert(layers[1].largestCosine[0]! > 0.2 && layers[1].largestCosine[0]! < 1);
  await assertRejects(
    () => SymmetryWatch.make(gpu, network, gradients, { capacity: 0 }),
    ArgumentError,
    "capacity = 0",
  );
  await assertRejects(
    () => SymmetryWatch.make(gpu, network, gradients, { cosineEvery: 1.5 }),
    ArgumentError,
    "cosineEvery = 1.5",
  );
});

Deno.test("SymmetryWatch: cosines are measured where it is their turn, or when asked for; by default they are cheap", async () => {
  const gpu = await testGpu();
  using network = new Mlp(gpu, [20, 40, 2]);
  await network.initialize(torchLinear(), key(1));
  using gradients = new Gradients(gpu, network, 1);
  const measured = async (cosineEvery: number | undefined, asked?: boolean) => {
    using watch = await SymmetryWatch.make(gpu, network, gradients, { cosineEvery, capacity: 2 });
    for (let step = 0; step < 7; step++) await watch.sample(step, asked);
    const { layers: [{ largestCosine, distinctNeurons }] } = await watch.report();
    assertEquals(distinctNeurons, new Array(7).fill(40));
    assertEquals(new Set(largestCosine.filter((c) => c !== null)).size, asked === false ? 0 : 1);
    return largestCosine.flatMap((c, step) => c === null ? [] : [step]);
  };
  assertEquals(await measured(3), [0, 3, 6]);
  assertEquals(await measured(undefined), [0, 1, 2, 3, 4, 5, 6]);
  assertEquals(await measured(3, true), [0, 1, 2, 3, 4, 5, 6]);
  assertEquals(await measured(1, false), []);
  using wide = new Mlp(gpu, [784, 512, 256, 10]);
  await wide.initialize(torchLinear(), key(1));
  using batch = new Gradients(gpu, wide, 64);
  using watch = await SymmetryWatch.make(gpu, wide, batch);
  for (let step = 0; step < 12; step++) await watch.sample(step);
  const { layers } = await watch.report();
  assertEquals(layers[0].largestCosine.flatMap((c, step) => c === null ? [] : [step]), [0, 10]);
});

Deno.test("SymmetryWatch: the largest cosine is found wherever its rows are, within a block or across blocks", async () => {
  const gpu = await testGpu(), width = 200, inputs = 9;
  using network = new Mlp(gpu, [inputs, width, 2]);
  await network.initialize(torchLinear(), key(3));
  using gradients = new Gradients(gpu, network, 1);
  using watch = await SymmetryWatch.make(gpu, network, gradients);
  const weights = uniformInputs(width * inputs, 4), expected: number[] = [];
  for (const [i, j] of [[0, 199], [63, 64], [64, 127], [130, 131], [5, 70], [127, 192], [198, 199]]) {
    const near = weights.slice();
    for (let c = 0; c < inputs; c++) {
      near[j * inputs + c] = 3 * near[i * inputs + c] + (c === 0 ? 1e-3 * j : 0);
    }
    network.write("0.weight", f32(near));
    await watch.sample(expected.length);
    const row = (at: number) => [...near.subarray(at * inputs, (at + 1) * inputs)];
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, c) => sum + x * b[c], 0);
    expected.push(dot(row(i), row(j)) / Math.sqrt(dot(row(i), row(i)) * dot(row(j), row(j))));
  }
  const { layers: [{ largestCosine }] } = await watch.report();
  expected.forEach((cosine, k) =>
    assert(Math.abs(largestCosine[k]! - cosine) < 2e-6, `${largestCosine[k]}, not ${cosine}`)
  );
});

Deno.test("SymmetryWatch: a disposed one has released all it made, and sampling changes no training", async () => {
  const gpu = await testGpu(), rows = 32;
  const features = f32(uniformInputs(rows * 6, 3)),
    labels = u32(Array.from({ length: rows }, (_, i) => i % 3));
  using data = new DeviceData(gpu, { name: "random", features, labels, rows, columns: 6, classes: 3 });
  const train = async (isWatched: boolean) => {
    using network = new Mlp(gpu, [6, 9, 3]);
    await network.initialize(torchLinear(), key(2));
    using trainer = await Trainer.make(gpu, network, data, { optimizer: sgd({ lr: 0.1 }), batch: 8 });
    const before = gpu.memory.buffers;
    {
      using watch = await SymmetryWatch.make(gpu, network, trainer.gradients);
      for (let epoch = 1; epoch <= 3; epoch++) {
        await trainer.epoch();
        if (isWatched) await watch.sample(4 * epoch);
      }
      await watch.report();
    }
    assertEquals(gpu.memory.buffers, before);
    return await network.read();
  };
  assertEquals(await train(true), await train(false));
});

Deno.test("roundingBound grows like the root of the steps", () => {
  assertEquals(roundingBound(0), 8 * 2 ** -23);
  assertEquals(roundingBound(400), 20 * roundingBound(1));
});
