/**
 * Symmetry at full size: copies planted among 8192 neurons of width 8192, found without reading the weights back.
 *
 * `deno run -A tests/diagnose/large_layer.ts 8192` prints a line of the table in LARGE_LAYER.md; the exit status is 1 if anything but what
 * was planted is found, or more comes back from the device than a few words a neuron. The suite does the same at 2048.
 *
 * @module
 */
import { findClones, type LayerClones, type NamedArray } from "../../src/diagnose/mod.ts";
import { Gpu, LimitError } from "../../src/gpu/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { type PlantedLayer, plantedLayer, withExactFactors } from "./planted_layer.ts";
import { countReadBack } from "./read_back.ts";

/**
 * Bytes that a search may read for each neuron: two hashes of 8, six words that scaling leaves alone, and of the planted pairs, a few for
 * each 64 neurons, 16 for each comparison.
 */
export const BYTES_A_NEURON = 2 * 8 + 6 * 4 + 16;

/** A search. */
export interface Searched {
  /** What was found, with exact factors. */
  readonly found: LayerClones;
  /** Seconds that it took, with the upload of weights from the host. */
  readonly seconds: number;
  /** Bytes that came back from the device. */
  readonly read: number;
}

/** Searches a layer, and counts what comes back. */
export async function searched(
  gpu: Gpu,
  { arrays, expected }: PlantedLayer,
  source: Mlp | readonly NamedArray[] = arrays,
  partBytes?: number,
): Promise<Searched> {
  using count = countReadBack(gpu);
  const began = performance.now(), [found] = await findClones(gpu, source, { partBytes });
  const seconds = (performance.now() - began) / 1000;
  return { found: withExactFactors(found, expected), seconds, read: count.bytes };
}

/** A network with the layer; undefined where a parameter is larger than the device binds. */
export function networkWith(gpu: Gpu, { arrays }: PlantedLayer): Mlp | undefined {
  const [[width, inputs], , [outputs]] = arrays.map(({ shape }) => shape);
  try {
    const network = new Mlp(gpu, [inputs, width, outputs]);
    for (const { name, data } of arrays) network.write(name, data as Float32Array<ArrayBuffer>);
    return network;
  } catch (error) {
    if (error instanceof LimitError) return undefined;
    throw error;
  }
}

async function main(width: number): Promise<boolean> {
  using gpu = await Gpu.open();
  const planted = plantedLayer(width, width, width), weights = 2 * 4 * width * width;
  using network = networkWith(gpu, planted);
  const sources = [["arrays from the host", planted.arrays], ["a network on the device", network]] as const;
  console.log(`${gpu.adapter.name}, binds ${gpu.device.limits.maxStorageBufferBindingSize} bytes at most`);
  let isRight = true;
  for (const [name, source] of sources) {
    if (source === undefined) {
      console.log(`| ${width} | ${name} | a parameter is larger than the device binds |`);
      continue;
    }
    const { found, seconds, read } = await searched(gpu, planted, source);
    const isFound = JSON.stringify(found) === JSON.stringify(planted.expected);
    isRight &&= isFound && read <= BYTES_A_NEURON * width;
    console.log(
      `| ${width} | ${name} | ${isFound ? "all, and nothing else" : JSON.stringify(found)} | ${
        seconds.toFixed(1)
      } s | ${weights} | ${read} | ${(read / width).toFixed(1)} |`,
    );
  }
  return isRight;
}

if (import.meta.main) {
  const width = Number(Deno.args[0] ?? 8192);
  if (!Number.isSafeInteger(width) || width < 64) {
    console.error(`error: ${Deno.args[0]} neurons; give a whole number from 64 on: 8192`);
    Deno.exit(2);
  }
  if (!await main(width)) Deno.exit(1);
}
