/**
 * Draws the first weights of a network on the GPU, as PyTorch would bound them, and shows that any part of them can be made
 * again anywhere: here on the host, bit for bit.
 *
 *     deno run -A examples/hello_init.ts
 */
import { fillOnHost, Gpu, key, Mlp, torchLinear } from "@fanin/fanin";

using gpu = await Gpu.open();
using network = new Mlp(gpu, [784, 128, 10]);
const init = torchLinear();
await network.initialize(init, key(0));

const weights = await network.read();
for (const [name, values] of weights) {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  console.log(
    `${name.padEnd(8)}  ${values.length} numbers up to ${largest.toFixed(6)}, first ${values[0].toFixed(6)}`,
  );
}

// Element 100,000 of "0.weight", without the others: its number depends on the seed, the name and its place alone.
const onDevice = weights.get("0.weight")![100_000];
const [onHost] = fillOnHost(key(0).stream("0.weight"), init.weight([128, 784]), { start: 100_000, count: 1 });
console.log(`0.weight[100000] is ${onDevice} on the GPU and ${onHost} on the host`);
