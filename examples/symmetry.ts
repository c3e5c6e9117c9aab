/**
 * The seed of it all: zeros, ones and bounded uniform side by side. Neurons that begin equal get equal gradients and stay one
 * neuron for ever; neurons that begin different learn different things.
 *
 *     deno run -A examples/symmetry.ts
 */
import {
  DeviceData,
  distinctNeurons,
  Evaluator,
  Gpu,
  type Initializer,
  key,
  Mlp,
  ones,
  sgd,
  torchLinear,
  Trainer,
  zeros,
} from "@fanin/fanin";

// Two rings, one around the other: no straight line parts them, so that hidden neurons are needed.
const rows = 256;
const features = new Float32Array(2 * rows), labels = new Uint32Array(rows);
for (let i = 0; i < rows; i++) {
  const angle = 2 * Math.PI * i / rows, ring = i % 2;
  features.set([(1 + ring) * Math.cos(angle), (1 + ring) * Math.sin(angle)], 2 * i);
  labels[i] = ring;
}

using gpu = await Gpu.open();
using data = new DeviceData(gpu, { name: "rings", features, labels, rows, columns: 2, classes: 2 });

async function show(init: Initializer): Promise<void> {
  using network = new Mlp(gpu, [2, 16, 2]);
  await network.initialize(init, key(0));
  using evaluator = await Evaluator.make(gpu, network, data);
  const optimizer = sgd({ lr: 0.1, momentum: 0.9 });
  using trainer = await Trainer.make(gpu, network, data, { optimizer, batch: 32, shuffle: key(0) });
  for (let epoch = 0; epoch < 40; epoch++) await trainer.epoch();
  const { accuracy } = await evaluator.score();
  const [distinct] = distinctNeurons(await network.read());
  console.log(`${init}: ${distinct} of 16 neurons distinct, accuracy ${(100 * accuracy).toFixed(1)}%`);
}

for (const init of [zeros(), ones(), torchLinear()]) await show(init);
