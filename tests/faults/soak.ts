/**
 * Does a long run keep what it should have released? Opens and closes networks and trains for many steps, and looks at the allocator's
 * count and at the size of the process.
 *
 * `deno run -A --v8-flags=--expose-gc tests/faults/soak.ts [networks] [steps]`, 1,000 and 10,000 unless given.
 *
 * @module
 */
import { Gpu } from "../../src/gpu/mod.ts";
import { torchLinear } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { adam, DeviceData, Evaluator, Trainer } from "../../src/train/mod.ts";

/** A look at the process. */
export interface Look {
  /** Networks opened and closed, or steps done. */
  readonly done: number;
  /** Bytes of the process that are in memory. */
  readonly rss: number;
  /** Bytes of JavaScript's objects, after their garbage was collected. */
  readonly heap: number;
}

/** What a run has shown. */
export interface Soak {
  /** After every hundredth of the networks, and of the steps. */
  readonly networks: readonly Look[];
  readonly steps: readonly Look[];
  /** Buffers that the allocator still counts at the end. */
  readonly open: number;
}

const ROWS = 320, BATCH = 32;

function dataOn(gpu: Gpu): DeviceData {
  const features = Float32Array.from({ length: ROWS * 16 }, (_, i) => Math.sin(i * 0.7));
  const labels = Uint32Array.from({ length: ROWS }, (_, i) => i % 5);
  return new DeviceData(gpu, { name: "soak", features, labels, rows: ROWS, columns: 16, classes: 5 });
}

async function oneNetwork(gpu: Gpu, data: DeviceData, seed: number): Promise<void> {
  using network = new Mlp(gpu, [16, 64, 32, 5]);
  await network.initialize(torchLinear(), key(seed));
  using trainer = await Trainer.make(gpu, network, data, { optimizer: adam({ lr: 1e-3 }), batch: BATCH });
  using evaluator = await Evaluator.make(gpu, network, data);
  await trainer.epoch();
  await evaluator.score();
}

async function longRun(
  gpu: Gpu,
  data: DeviceData,
  steps: number,
  look: (done: number) => void,
): Promise<void> {
  using network = new Mlp(gpu, [16, 64, 32, 5]);
  await network.initialize(torchLinear(), key(0));
  const options = { optimizer: adam({ lr: 1e-4 }), batch: BATCH, shuffle: key(1) };
  using trainer = await Trainer.make(gpu, network, data, options);
  while (trainer.step < steps) {
    await trainer.epoch();
    look(trainer.step);
  }
}

/** The size of the process when its garbage is collected. */
function look(done: number): Look {
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed: heap } = Deno.memoryUsage();
  return { done, rss, heap };
}

/**
 * Runs it.
 *
 * @param networks How many are opened and closed, one after the other.
 * @param steps How many one trainer does.
 */
export async function soak(networks: number, steps: number): Promise<Soak> {
  const result = { networks: [] as Look[], steps: [] as Look[] };
  const every = (total: number) => Math.max(1, Math.floor(total / 100));
  using gpu = await Gpu.open();
  {
    using data = dataOn(gpu);
    for (let i = 1; i <= networks; i++) {
      await oneNetwork(gpu, data, i);
      if (i % every(networks) === 0) result.networks.push(look(i));
    }
    await longRun(gpu, data, steps, (done) => {
      if (done % every(steps) === 0) result.steps.push(look(done));
    });
  }
  return { ...result, open: gpu.memory.buffers };
}

if (import.meta.main) {
  const [networks = 1000, steps = 10_000] = Deno.args.map(Number);
  const { open, ...looks } = await soak(networks, steps);
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  for (const [what, each] of Object.entries(looks)) {
    const tenth = each[Math.floor(each.length / 10)], last = each[each.length - 1];
    console.log(
      `${what}: ${mib(tenth.rss)} MiB after ${tenth.done}, ${mib(last.rss)} MiB after ${last.done}`,
    );
  }
  console.log(`${open} buffers open at the end`);
}
