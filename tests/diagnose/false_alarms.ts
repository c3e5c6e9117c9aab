/**
 * False alarms: how often a healthy network of a usual shape gets anything but `ok`.
 *
 * `deno run -A tests/diagnose/false_alarms.ts 200` makes 200 networks of each shape and prints a table, and with `784-32-10` after it
 * those of that shape; the exit status is 1 if one of them raised an alarm. The suite makes one of each combination.
 *
 * @module
 */
import { diagnose, type Diagnosis, type SignalBatch } from "../../src/diagnose/mod.ts";
import { Gpu } from "../../src/gpu/mod.ts";
import { initializerByName } from "../../src/init/mod.ts";
import { type ActivationName, Mlp } from "../../src/nn/mod.ts";
import { drawOnHost, key } from "../../src/random/mod.ts";
import { adam, sgd } from "../../src/train/mod.ts";

/** Shapes that people train. */
export const USUAL: readonly (readonly number[])[] = [
  [784, 128, 64, 10],
  [784, 512, 256, 10],
  [4, 16, 3],
  [32, 64, 64, 64, 2],
  [784, 32, 10],
  [10, 10, 10, 10, 2],
  [256, 256, 256, 10],
  [64, 8, 4],
  [100, 200, 50, 5],
  [784, 128, 128, 128, 10],
];

/** Initialisers that keep the signal, with the activations that they are used with. */
export const HEALTHY: readonly (readonly [init: string, activation: ActivationName])[] = [
  ["torch_linear", "relu"],
  ["kaiming_normal", "relu"],
  ["kaiming_uniform", "relu"],
  ["xavier_uniform", "relu"],
  ["orthogonal", "relu"],
  ["xavier_uniform", "tanh"],
  ["orthogonal", "tanh"],
];

const ROWS = 256;

/** What would train them, in turn: the defaults of `fanin train`. */
const OPTIMIZERS = [sgd({ lr: 0.05, momentum: 0.9 }), adam({ lr: 1e-3 })];

/** Standard normal inputs and labels drawn at random. */
export function randomBatch(
  widths: readonly number[],
  seed: number,
): Required<Pick<SignalBatch, "features" | "labels">> {
  const classes = widths[widths.length - 1], count = ROWS * widths[0];
  const features = drawOnHost(key(seed).stream("inputs"), { kind: "normal", mean: 0, std: 1 }, { count });
  const labels = drawOnHost(key(seed).stream("labels"), { kind: "integers", low: 0, high: classes }, {
    count: ROWS,
  });
  return { features: features as Float32Array<ArrayBuffer>, labels: Uint32Array.from(labels) };
}

/** Diagnoses a network that is as it was drawn, with the first step of an optimiser. */
export async function diagnoseDrawn(
  gpu: Gpu,
  widths: readonly number[],
  [init, activation]: readonly [string, ActivationName],
  seed: number,
): Promise<Diagnosis> {
  const initializer = initializerByName(init);
  using network = new Mlp(gpu, widths, activation);
  await network.initialize(initializer, key(seed));
  const optimizer = OPTIMIZERS[seed % OPTIMIZERS.length];
  return await diagnose(gpu, network, randomBatch(widths, seed), { initializer, optimizer });
}

/** A table of shapes and initialisers: how many of the trials were ok. */
async function main(perShape: number, shapes: readonly (readonly number[])[]): Promise<boolean> {
  using gpu = await Gpu.open();
  const names = HEALTHY.map(([init, activation]) => `${init}, ${activation}`);
  console.log(`| shape | ${names.join(" | ")} |\n| --- |${" --- |".repeat(names.length)}`);
  const alarms: string[] = [];
  let total = 0;
  for (const widths of shapes) {
    const row: string[] = [];
    for (const [i, healthy] of HEALTHY.entries()) {
      // As even as it goes; no seed is used twice for a shape.
      const trials = Math.floor((perShape * (i + 1)) / HEALTHY.length) -
        Math.floor(perShape * i / HEALTHY.length);
      let ok = 0;
      for (let trial = 0; trial < trials; trial++) {
        const seed = 1000 + trial * HEALTHY.length + i;
        const { verdict, findings } = await diagnoseDrawn(gpu, widths, healthy, seed);
        if (verdict === "ok") ok++;
        else alarms.push(`${widths.join("-")} ${healthy} seed ${seed}: ${findings.map((f) => f.message)}`);
      }
      total += trials;
      row.push(`${ok} of ${trials}`);
    }
    console.log(`| ${widths.join("-")} | ${row.join(" | ")} |`);
  }
  console.log(`\n${total - alarms.length} of ${total} ok${alarms.map((alarm) => `\n${alarm}`).join("")}`);
  return alarms.length === 0;
}

if (import.meta.main) {
  const perShape = Number(Deno.args[0] ?? HEALTHY.length);
  if (!Number.isSafeInteger(perShape) || perShape < 1) {
    console.error(`error: ${Deno.args[0]} trials; give a whole number from 1 on: 200`);
    Deno.exit(2);
  }
  const shapes = USUAL.filter((widths) => [undefined, widths.join("-")].includes(Deno.args[1]));
  if (!await main(perShape, shapes)) Deno.exit(1);
}
