import { assert, assertEquals, assertRejects } from "@std/assert";
import { UpdateWatch } from "../../src/diagnose/mod.ts";
import { ArgumentError } from "../../src/gpu/mod.ts";
import { torchLinear, zeros } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import {
  adam,
  adamw,
  DeviceData,
  type Optimizer,
  sgd,
  Trainer,
  type TrainHook,
} from "../../src/train/mod.ts";
import { f32, testGpu, u32 } from "../gpu_fixture.ts";
import { loadMlpTrace } from "../golden/load.ts";
import { changeNorms } from "../oracle/change.ts";
import { uniformInputs } from "../oracle/random.ts";

const trace = loadMlpTrace(), runs = trace.runs.filter(({ dtype }) => dtype === "torch.float32");
const KEYS = ["W1", "b1", "W2", "b2"] as const, ROWS = trace.Y.length;

/** Both norms are within a relative 2^-15 / 2 of float64's, as the kernel's test has it. */
const BOUND = 2 ** -15 + 2 ** -21;

/** PyTorch's weights are met to within this. */
const TRACE_BOUND = 2e-6;

function expectedRatio(before: ArrayLike<number>, after: ArrayLike<number>): number | null {
  const { change, size } = changeNorms(before, after);
  return size === 0 ? null : change / size;
}

function assertClose(found: number | null, expected: number | null, slack: number, what: string): void {
  if (expected === null || found === null) return assertEquals(found, expected, what);
  assert(Math.abs(found - expected) <= BOUND * expected + slack, `${what}: ${found}, not ${expected}`);
}

Deno.test("UpdateWatch: the ratios between PyTorch's weights, step by step", async () => {
  const gpu = await testGpu();
  using network = new Mlp(gpu, [4, 8, 3]);
  using watch = await UpdateWatch.make(gpu, network, { capacity: 16 });
  const write = (weights: Record<typeof KEYS[number], number[]>) =>
    network.parameters.forEach(({ name }, i) => network.write(name, f32(weights[KEYS[i]])));
  const expected: (number | null)[][] = [];
  for (const { weights } of runs) {
    for (let step = 1; step < weights.length; step++) {
      write(weights[step - 1]);
      watch.begin();
      write(weights[step]);
      await watch.sample(step);
      expected.push(KEYS.map((name) => expectedRatio(weights[step - 1][name], weights[step][name])));
    }
  }
  const { steps, parameters } = await watch.report();
  assertEquals(steps.length, 20 * runs.length);
  assertEquals(parameters.map(({ name }) => name), ["0.weight", "0.bias", "2.weight", "2.bias"]);
  parameters.forEach(({ name, updateRatio }, i) =>
    updateRatio.forEach((ratio, k) => assertClose(ratio, expected[k][i], 0, `${name}, sample ${k}`))
  );
  assert(expected.flat().filter((ratio) => ratio === null).length > 20, "zeros are among them");
});

for (const run of runs) {
  const title = `${run.init} ${run.optimizer} momentum ${run.momentum} decay ${run.weight_decay}`;
  Deno.test(`UpdateWatch: every step of a training as PyTorch has it: ${title}`, async () => {
    const gpu = await testGpu(), { lr, weight_decay: weightDecay, momentum, nesterov, weights } = run;
    const features = f32(trace.X), labels = u32(trace.Y);
    using data = new DeviceData(gpu, { name: "trace", features, labels, rows: ROWS, columns: 4, classes: 3 });
    using network = new Mlp(gpu, [4, 8, 3]);
    network.parameters.forEach(({ name }, i) => network.write(name, f32(weights[0][KEYS[i]])));
    const optimizer = run.optimizer === "adam"
      ? adam({ lr, weightDecay })
      : sgd({ lr, momentum: momentum!, weightDecay, nesterov });
    using watch = await UpdateWatch.make(gpu, network, { capacity: 7 });
    using trainer = await Trainer.make(gpu, network, data, { optimizer, batch: ROWS, hook: watch.hook(1) });
    for (let step = 1; step <= 20; step++) await trainer.epoch();
    const { steps, parameters } = await watch.report();
    assertEquals(steps, Array.from({ length: 20 }, (_, i) => i + 1));
    parameters.forEach(({ name, updateRatio }, i) =>
      updateRatio.forEach((ratio, k) => {
        const [before, after] = [weights[k][KEYS[i]], weights[k + 1][KEYS[i]]];
        const { size } = changeNorms(before, after), off = TRACE_BOUND * Math.sqrt(before.length);
        // Where PyTorch's weights are no larger than what may differ from them, theirs and ours may be zero or not.
        if (size <= off) return;
        const expected = expectedRatio(before, after)!;
        assertClose(ratio, expected, off * (2 + expected) / (size - off), `${name}, step ${k + 1}`);
      })
    );
  });
}

const OPTIMIZERS: readonly Optimizer[] = [
  sgd({ lr: 0.05 }),
  sgd({ lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  adam({ lr: 1e-3 }),
  adamw({ lr: 1e-3 }),
];

/** Trains 70 rows in batches of 16, five steps an epoch, the last one short; 23 inputs, so that sizes are odd and even. */
async function train<T>(
  optimizer: Optimizer,
  epochs: number,
  hookOf: (network: Mlp) => Promise<{ hook: TrainHook; end: () => Promise<T> }>,
): Promise<T> {
  const gpu = await testGpu(), labels = u32(Array.from({ length: 70 }, (_, i) => i % 4));
  const set = { name: "random", features: f32(uniformInputs(70 * 23, 3)), labels };
  using data = new DeviceData(gpu, { ...set, rows: 70, columns: 23, classes: 4 });
  using network = new Mlp(gpu, [23, 31, 16, 4]);
  await network.initialize(torchLinear(), key(2));
  const { hook, end } = await hookOf(network);
  using trainer = await Trainer.make(gpu, network, data, { optimizer, batch: 16, shuffle: key(1), hook });
  for (let epoch = 0; epoch < epochs; epoch++) await trainer.epoch();
  return await end();
}

/** The parameters before the first step and after each. */
function history(optimizer: Optimizer, epochs: number): Promise<Map<string, Float32Array>[]> {
  return train(optimizer, epochs, async (network) => {
    const seen = [await network.read()];
    return {
      hook: { every: 1, call: async () => void seen.push(await network.read()) },
      end: () => Promise.resolve(seen),
    };
  });
}

for (const optimizer of OPTIMIZERS) {
  Deno.test(`UpdateWatch: single steps, within an epoch and at its end: ${optimizer}`, async () => {
    const gpu = await testGpu(), seen = await history(optimizer, 4);
    for (const every of [1, 2, 5, 7, 20]) {
      const before = gpu.memory.buffers;
      const { report, last } = await train(optimizer, 4, async (network) => {
        const watch = await UpdateWatch.make(gpu, network);
        return {
          hook: watch.hook(every),
          end: async () => {
            using watched = watch;
            return { report: await watched.report(), last: await network.read() };
          },
        };
      });
      assertEquals(gpu.memory.buffers, before, "all is released");
      assertEquals(last, seen[20], "watching changes no bit");
      assertEquals(report.steps, Array.from({ length: Math.floor(20 / every) }, (_, i) => (i + 1) * every));
      for (const { name, updateRatio } of report.parameters) {
        report.steps.forEach((step, k) => {
          const expected = expectedRatio(seen[step - 1].get(name)!, seen[step].get(name)!);
          assertClose(updateRatio[k], expected, 0, `${name}, step ${step}`);
        });
      }
    }
  });
}

Deno.test("UpdateWatch: zeros have no ratio until they move, a NaN has none, and nothing moved is 0", async () => {
  const gpu = await testGpu();
  using network = new Mlp(gpu, [3, 5, 2]);
  await network.initialize(zeros(), key(0));
  using watch = await UpdateWatch.make(gpu, network);
  await watch.sample(1);
  network.write("0.weight", f32(new Array(15).fill(0.5)));
  await watch.sample(2);
  watch.begin();
  await watch.sample(3);
  network.write("0.weight", f32(new Array(15).fill(0.625)));
  await watch.sample(4);
  network.write("0.weight", f32([NaN, ...new Array(14).fill(1)]));
  await watch.sample(5);
  const { parameters } = await watch.report();
  assertEquals(parameters[0].updateRatio, [null, null, 0, 0.25, null]);
  assertEquals(parameters[1].updateRatio, new Array(5).fill(null));
});

Deno.test("UpdateWatch: a wrong capacity and a wrong distance are refused", async () => {
  const gpu = await testGpu();
  using network = new Mlp(gpu, [3, 5, 2]);
  const before = gpu.memory.buffers;
  await assertRejects(() => UpdateWatch.make(gpu, network, { capacity: 0 }), ArgumentError, "capacity = 0");
  assertEquals(gpu.memory.buffers, before);
  using watch = await UpdateWatch.make(gpu, network);
  assertEquals((await watch.report()).parameters.map(({ updateRatio }) => updateRatio), [[], [], [], []]);
  const made = train(
    sgd({ lr: 1 }),
    1,
    () => Promise.resolve({ hook: watch.hook(0.5), end: () => Promise.resolve() }),
  );
  await assertRejects(() => made, ArgumentError, "hook every 0.5 steps");
});
