/**
 * Does a long run keep what it should have released? Opens and closes networks and trains for many steps, and looks at the allocator's
 * count and at the size of the process.
 *
 * `deno run -A --v8-flags=--expose-gc tests/faults/soak.ts [networks] [steps] [--chart FILE.svg]`, 1,000 and 10,000 unless given.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import * as Plot from "@observablehq/plot";
import { draw } from "../../src/report/plot.ts";
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
  /** Bytes that V8 holds for such objects, most of them empty. */
  readonly reserved: number;
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
  const { rss, heapUsed: heap, heapTotal: reserved } = Deno.memoryUsage();
  return { done, rss, heap, reserved };
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

/** A figure of the process over the run: its size, and that of JavaScript's objects. */
function chart({ networks, steps }: Soak): string {
  const last = (looks: readonly Look[]) => looks[looks.length - 1].done.toLocaleString("en");
  const phases = {
    [`${last(networks)} networks, opened and closed`]: networks,
    [`${last(steps)} steps of one network`]: steps,
  };
  const points = Object.entries(phases).flatMap(([phase, looks]) =>
    looks.flatMap(({ done, rss, heap, reserved }) => {
      const share = done / looks[looks.length - 1].done;
      return [
        { phase, share, what: "process", mib: rss / 2 ** 20 },
        { phase, share, what: "V8's heap", mib: reserved / 2 ** 20 },
        { phase, share, what: "JavaScript's objects", mib: heap / 2 ** 20 },
      ];
    })
  );
  // A name each, at the right.
  const named = points.filter(({ phase }) => phase === Object.keys(phases)[1]);
  const places = { x: "share", y: "mib", fx: "phase", z: "what" };
  const svg = draw({
    width: 820,
    height: 300,
    marginRight: 130,
    x: { label: "share of the run", percent: true, ticks: 4 },
    y: { label: "MiB", grid: true, zero: true },
    fx: { domain: Object.keys(phases), label: null },
    marks: [
      Plot.lineY(points, { ...places, stroke: "what", strokeWidth: 2 }),
      Plot.text(named, Plot.selectLast({ ...places, text: "what", dx: 6, textAnchor: "start" })),
    ],
  }, "Size of the process and of JavaScript's objects over networks opened and closed, and over steps");
  const page = 'xmlns="http://www.w3.org/2000/svg" style="background:#fff;color:#222;font:12px sans-serif"';
  return svg.replace(/^<svg/, `<svg ${page}`);
}

function print({ open, ...looks }: Soak): void {
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  for (const [what, each] of Object.entries(looks)) {
    for (const share of [0.1, 0.5, 1]) {
      const { done, rss, heap, reserved } = each[Math.ceil(share * each.length) - 1];
      console.log(
        `${done} ${what}: process ${mib(rss)}, V8's heap ${mib(reserved)}, JavaScript's objects ${mib(heap)}`,
      );
    }
  }
  console.log(`${open} buffers open at the end`);
}

if (import.meta.main) {
  const { _: [networks = 1000, steps = 10_000], json, chart: path } = parseArgs(Deno.args, {
    boolean: ["json"],
    string: ["chart"],
  });
  const result = await soak(Number(networks), Number(steps));
  if (json) console.log(JSON.stringify(result));
  else print(result);
  if (path !== undefined) Deno.writeTextFileSync(path, chart(result));
}
