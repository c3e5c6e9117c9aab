/**
 * What it costs to watch symmetry or updates while training: steps of 784-512-256-10 at batch 64 with a `SymmetryWatch` or an
 * `UpdateWatch` sampled every 20 steps, and without one, in turns.
 *
 * `deno run -A bench/watch_cost.ts [ROUNDS] [symmetry | updates]`
 *
 * @module
 */
import { SymmetryWatch, UpdateWatch } from "../src/diagnose/mod.ts";
import { Gpu } from "../src/gpu/mod.ts";
import { kaimingNormal } from "../src/init/mod.ts";
import { Mlp } from "../src/nn/mod.ts";
import { drawOnHost, key } from "../src/random/mod.ts";
import { DeviceData, sgd, Trainer } from "../src/train/mod.ts";

const WIDTHS = [784, 512, 256, 10], BATCH = 64, EVERY = 20, STEPS = 100, SAMPLES = 30;

const rounds = Number(Deno.args[0] ?? 9), rows = BATCH * STEPS, ofUpdates = Deno.args[1] === "updates";
using gpu = await Gpu.open();
const features = drawOnHost(key(0).stream("x"), { kind: "normal", mean: 0, std: 1 }, { count: rows * 784 });
const labels = Uint32Array.from({ length: rows }, (_, i) => i % 10);
const set = { name: "normal", features: features as Float32Array<ArrayBuffer>, labels };
using data = new DeviceData(gpu, { ...set, rows, columns: 784, classes: 10 });
using network = new Mlp(gpu, WIDTHS);
await network.initialize(kaimingNormal(), key(0));
const options = { optimizer: sgd({ lr: 0.01, momentum: 0.9 }), batch: BATCH };
using updates = await UpdateWatch.make(gpu, network);
const made: { symmetry?: SymmetryWatch } = {};
const hook = ofUpdates
  ? updates.hook(EVERY)
  : { every: EVERY, call: async (step: number) => await made.symmetry?.sample(step) };
using plain = await Trainer.make(gpu, network, data, options);
using watched = await Trainer.make(gpu, network, data, { ...options, hook });
using symmetry = made.symmetry = await SymmetryWatch.make(gpu, network, watched.gradients);

/** Is read to wait for what was submitted. */
using done = gpu.buffer("done", "u32", 1);

/** Milliseconds a step, over an epoch. */
async function time(trainer: Trainer): Promise<number> {
  const began = performance.now();
  await trainer.epoch();
  return (performance.now() - began) / STEPS;
}

/** A sample, and what prepares it. */
async function sample(): Promise<void> {
  if (!ofUpdates) return await symmetry.sample(0);
  updates.begin();
  await updates.sample(0);
}

/** Milliseconds a sample: their own cost, without what a submit between two steps costs them. */
async function timeSamples(): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < SAMPLES; i++) await sample();
  await gpu.read(done);
  return (performance.now() - began) / SAMPLES;
}

await time(plain);
await time(watched);
await timeSamples();
const ratios: number[] = [], steps: number[] = [], samples: number[] = [];
for (let round = 0; round < rounds; round++) {
  // Each goes first in turn.
  const order = round % 2 === 0 ? [plain, watched] : [watched, plain];
  const times = new Map<Trainer, number>();
  for (const trainer of order) times.set(trainer, await time(trainer));
  steps.push(times.get(plain)!);
  samples.push(await timeSamples() / times.get(plain)!);
  ratios.push(times.get(watched)! / times.get(plain)!);
}
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
const range = `${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}`;
console.log(`${gpu.adapter.name}: ${median(steps).toFixed(2)} ms a step without`);
console.log(
  `watched every ${EVERY} steps: ${median(ratios).toFixed(3)} times as long (${range}, ${rounds} rounds)`,
);
console.log(
  `a sample is worth ${median(samples).toFixed(2)} steps: ${
    (100 * median(samples) / EVERY).toFixed(1)
  }% of ${EVERY}`,
);
const seen = ofUpdates
  ? (await updates.report()).parameters.map(({ name, updateRatio }) =>
    `${name} ${updateRatio[0]?.toFixed(5)}`
  )
  : (await symmetry.report()).layers.map((layer) => `${layer.distinctNeurons.at(-1)} of ${layer.width}`);
console.log(`seen: ${seen.join(", ")}`);
