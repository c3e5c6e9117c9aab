import { assertEquals } from "@std/assert";
import { Gpu } from "../../src/gpu/mod.ts";
import { fillOnHost, initializerByName } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { assertBitsEqual } from "../oracle/compare.ts";
import { testGpu } from "../gpu_fixture.ts";

const NAMES = [
  "zeros",
  "constant:0.1",
  "uniform:-0.3,0.7",
  "normal:1",
  "torch_linear",
  "kaiming_normal",
  "orthogonal",
];

for (const name of NAMES) {
  Deno.test(`${name}: each parameter of a network comes from the stream of its own name, bit for bit`, async () => {
    const gpu = await testGpu(), initializer = initializerByName(name), seed = key(42);
    using network = new Mlp(gpu, [13, 7, 5]);
    await network.initialize(initializer, seed);
    const parameters = await network.read();
    assertEquals([...parameters.keys()], ["0.weight", "0.bias", "2.weight", "2.bias"]);
    network.layers.forEach((layer, i) => {
      const place = { first: i === 0, last: i === 1 }, { shape } = layer.weight;
      const fillings = { weight: initializer.weight(shape, place), bias: initializer.bias(shape, place) };
      for (const [part, filling] of Object.entries(fillings)) {
        const named = `${layer.name}.${part}`, actual = parameters.get(named)!;
        assertBitsEqual(actual, fillOnHost(seed.stream(named), filling, { count: actual.length }), named);
      }
    });
  });
}

Deno.test("a layer's weights do not depend on the layers before or behind it", async () => {
  const gpu = await testGpu(), initializer = initializerByName("normal:1");
  const read = async (widths: number[]): Promise<Map<string, Float32Array>> => {
    using network = new Mlp(gpu, widths);
    await network.initialize(initializer, key(1));
    return await network.read();
  };
  const [small, wide, deep] = [await read([4, 6, 3]), await read([9, 6, 3]), await read([4, 6, 3, 2])];
  assertBitsEqual(wide.get("2.weight")!, small.get("2.weight")!, "another first layer");
  assertBitsEqual(deep.get("2.weight")!, small.get("2.weight")!, "one layer more");
});

Deno.test("initialising leaves nothing open but the parameters", async () => {
  using gpu = await Gpu.open();
  using network = new Mlp(gpu, [4, 6, 3]);
  const before = gpu.memory;
  await network.initialize(initializerByName("torch_linear"), key(0));
  await network.initialize(initializerByName("normal"), key(0));
  assertEquals(gpu.memory, before);
});
