/**
 * What it costs to watch symmetry or updates while training: steps of 784-512-256-10 at batch 64 with a `SymmetryWatch` or an
 * `UpdateWatch` sampled every 20 steps, and without one, in turns.
 *
 * `deno run -A bench/watch_cost.ts [ROUNDS] [symmetry | updates]`
 *
 * @module
 */
import { cpuUsage } from "node:process";
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

/** Milliseconds a step, over an epoch: on the wall, and of the process on all cores, which other processes disturb less. */
interface Times {
  readonly wall: number;
  readonly cores: number;
}

async function time(trainer: Trainer): Promise<Times> {
  const began = performance.now(), used = cpuUsage();
  await trainer.epoch();
  const { user, system } = cpuUsage(used);
  return { wall: (performance.now() - began) / STEPS, cores: (user + system) / 1000 / STEPS };
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
const walls: number[] = [], cores: number[] = [], steps: number[] = [], samples: number[] = [];
for (let round = 0; round < rounds; round++) {
  // Each goes first in turn.
  const order = round % 2 === 0 ? [plain, watched] : [watched, plain];
  const times = new Map<Trainer, Times>();
  for (const trainer of order) times.set(trainer, await time(trainer));
  const without = times.get(plain)!, withWatch = times.get(watched)!;
  steps.push(without.wall);
  samples.push(await timeSamples() / without.wall);
  walls.push(withWatch.wall / without.wall);
  cores.push(withWatch.cores / without.cores);
}
const quantile = (values: number[], p: number) =>
  values.toSorted((a, b) => a - b)[Math.min(Math.floor(values.length * p), values.length - 1)];
const median = (values: number[]) => quantile(values, 0.5);
console.log(`${gpu.adapter.name}: ${median(steps).toFixed(2)} ms a step without, ${rounds} pairs`);
for (const [name, ratios] of [["on the wall", walls], ["of all cores", cores]] as const) {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((p) => quantile(ratios, p).toFixed(3));
  console.log(
    `watched every ${EVERY} steps: ${middle} times the time ${name} (half of the pairs ${low} to ${high})`,
  );
}
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
