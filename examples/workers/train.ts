/**
 * The worker of `web_worker.ts`: opens the GPU, trains, and posts a line an epoch.
 *
 * @module
 */
import { adam, DeviceData, distinctNeurons, Gpu, kaimingNormal, key, Mlp, Trainer } from "@fanin/fanin";

const scope = globalThis as unknown as { onmessage: unknown; postMessage(message: unknown): void };

/** A spiral of two arms, one class each. */
function spiral(rows: number): ConstructorParameters<typeof DeviceData>[1] {
  const features = new Float32Array(2 * rows), labels = Uint32Array.from({ length: rows }, (_, i) => i % 2);
  for (let i = 0; i < rows; i++) {
    const radius = i / rows, angle = 6 * radius + Math.PI * labels[i];
    features.set([radius * Math.cos(angle), radius * Math.sin(angle)], 2 * i);
  }
  return { name: "spiral", features, labels, rows, columns: 2, classes: 2 };
}

/** Trains, posting a line an epoch; returns how many neurons are distinct in the end. */
async function train(epochs: number, seed: number): Promise<number> {
  using gpu = await Gpu.open();
  using data = new DeviceData(gpu, spiral(1024));
  using network = new Mlp(gpu, [2, 64, 2], "tanh");
  await network.initialize(kaimingNormal(), key(seed));
  const optimizer = adam({ lr: 0.02 });
  using trainer = await Trainer.make(gpu, network, data, { optimizer, batch: 32, shuffle: key(seed) });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const losses = await trainer.epoch();
    scope.postMessage({ epoch, loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length });
  }
  return distinctNeurons(await network.read())[0];
}

// Said last, when the GPU is released: whoever hears it may end the process, and a driver may not survive that in the midst of its work.
scope.onmessage = async ({ data: { epochs, seed } }: MessageEvent<{ epochs: number; seed: number }>) => {
  scope.postMessage({ distinct: await train(epochs, seed) });
};
