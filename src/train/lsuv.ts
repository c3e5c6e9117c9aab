/**
 * LSUV: an initialisation that looks at the data, layer by layer.
 *
 * @module
 */
import type { GpuBuffer } from "../gpu/buffer.ts";
import { ArgumentError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { orthogonal } from "../init/orthogonal.ts";
import { Activations, type LinearLayer, type Mlp } from "../nn/mlp.ts";
import type { Key } from "../random/key.ts";
import { assertFits, type DeviceData } from "./device_data.ts";

/** How {@linkcode lsuv} works. */
export interface LsuvOptions {
  /** Rows that the variance is measured on, the first of the data; 256 unless given, or all if fewer. */
  rows?: number;
  /** How far a variance may be from 1; 0.01 unless given. */
  tolerance?: number;
  /** Most times that a layer is scaled; 10 unless given. */
  attempts?: number;
}

/** What became of a layer. */
export interface LsuvLayer {
  /** Its name: "0", "2". */
  name: string;
  /** Variance of its output before the activation, at the end. 0 where nothing reaches it. */
  variance: number;
  /** How often it was scaled. */
  attempts: number;
}

/**
 * Layer-sequential unit-variance initialisation: orthogonal weights and zero biases, then from the first layer on each weight is
 * divided by the standard deviation of the layer's output before its activation, until its variance on real data is 1.
 *
 * D. Mishkin, J. Matas, "All you need is a good init", 2016, algorithm 1. The variance is taken over the rows and the neurons
 * together, in float64 on the host. A layer that nothing reaches (all outputs equal) is left as it is.
 *
 * @param gpu Where.
 * @param network Its parameters are overwritten.
 * @param data Real inputs.
 * @param key Seed of the orthogonal weights.
 * @param options Rows, tolerance, attempts.
 * @returns What became of each layer.
 * @throws {ShapeError} when network and data do not fit. {@linkcode ArgumentError} when an option is out of range.
 */
export async function lsuv(
  gpu: Gpu,
  network: Mlp,
  data: DeviceData,
  key: Key,
  options: LsuvOptions = {},
): Promise<LsuvLayer[]> {
  assertFits(network, data);
  const { tolerance = 0.01, attempts = 10 } = options, rows = Math.min(options.rows ?? 256, data.rows);
  if (!(Number.isInteger(rows) && rows >= 1)) {
    throw new ArgumentError(`rows = ${options.rows}`, "give 1 or more");
  }
  if (!(tolerance > 0)) throw new ArgumentError(`tolerance = ${tolerance}`, "give a number above 0");
  if (!(Number.isInteger(attempts) && attempts >= 1)) {
    throw new ArgumentError(`attempts = ${attempts}`, "give a whole number from 1 on");
  }
  await network.initialize(orthogonal(), key);
  using activations = new Activations(gpu, network, rows, true);
  using forward = await gpu.record("lsuv", (r) => network.recordForward(r, data.features, rows, activations));
  const results: LsuvLayer[] = [];
  for (const [i, layer] of network.layers.entries()) {
    const measure = () => {
      forward.submit();
      return measuredVariance(gpu, activations.preactivations![i]);
    };
    results.push(await scaleToUnit(layer, measure, tolerance, attempts));
  }
  return results;
}

async function scaleToUnit(
  layer: LinearLayer,
  measure: () => Promise<number>,
  tolerance: number,
  most: number,
): Promise<LsuvLayer> {
  let variance = await measure(), attempts = 0;
  while (Math.abs(variance - 1) > tolerance && variance > 0 && attempts < most) {
    const weight = await layer.weight.read(), deviation = Math.sqrt(variance);
    layer.weight.write(weight.map((w) => w / deviation));
    variance = await measure();
    attempts++;
  }
  return { name: layer.name, variance, attempts };
}

async function measuredVariance(gpu: Gpu, z: GpuBuffer<"f32">): Promise<number> {
  const values = await gpu.read(z);
  let sum = 0, squares = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  for (const value of values) squares += (value - mean) ** 2;
  return squares / values.length;
}
