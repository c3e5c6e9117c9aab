/**
 * A small training whose whole outcome is a few bytes, for comparisons.
 *
 * @module
 */
import type { Gpu } from "../../src/gpu/mod.ts";
import { torchLinear } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { adam, DeviceData, Evaluator, sgd, Trainer } from "../../src/train/mod.ts";

/** What is trained, and how. */
export interface Job {
  readonly seed: number;
  readonly layers: readonly number[];
  readonly batch: number;
  readonly epochs: number;
  readonly optimizer: "sgd" | "adam";
}

const ROWS = 50;

/**
 * Trains.
 *
 * @param gpu Where.
 * @param job What.
 * @returns The bytes of every loss, of the score after each epoch and of the parameters at the end.
 */
export async function bytesOfJob(
  gpu: Gpu,
  { seed, layers, batch, epochs, optimizer }: Job,
): Promise<Uint8Array> {
  const columns = layers[0], classes = layers[layers.length - 1];
  const features = Float32Array.from({ length: ROWS * columns }, (_, i) => Math.sin(0.37 * i + seed));
  const labels = Uint32Array.from({ length: ROWS }, (_, i) => (i * 7 + seed) % classes);
  using data = new DeviceData(gpu, { name: `job ${seed}`, features, labels, rows: ROWS, columns, classes });
  using network = new Mlp(gpu, layers);
  await network.initialize(torchLinear(), key(seed));
  using trainer = await Trainer.make(gpu, network, data, {
    optimizer: optimizer === "sgd" ? sgd({ lr: 0.1, momentum: 0.9 }) : adam({ lr: 0.01 }),
    batch,
    shuffle: key(seed),
  });
  using evaluator = await Evaluator.make(gpu, network, data);
  const results: Float32Array[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    results.push(await trainer.epoch());
    const { loss, accuracy } = await evaluator.score();
    results.push(Float32Array.of(loss, accuracy));
  }
  results.push(...(await network.read()).values());
  return Uint8Array.from(
    results.flatMap((values) => [...new Uint8Array(values.buffer, 0, values.byteLength)]),
  );
}
