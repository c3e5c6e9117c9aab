import { assert, assertEquals } from "@std/assert";
import { testGpu } from "../gpu_fixture.ts";
import { BYTES_A_NEURON, networkWith, searched } from "./large_layer.ts";
import { plantedLayer } from "./planted_layer.ts";
import { countReadBack } from "./read_back.ts";

Deno.test("findClones: 2048 neurons of width 2048, whole, in parts and in a network; the weights stay on the device", async () => {
  const gpu = await testGpu(), width = 2048, planted = plantedLayer(width, width, width);
  using network = networkWith(gpu, planted);
  // Parts of 700 rows: the last one is shorter, and the copies lie in all of them.
  for (const [source, partBytes] of [[undefined], [undefined, 700 * width * 4], [network]] as const) {
    const { found, read } = await searched(gpu, planted, source, partBytes);
    assertEquals(found, planted.expected);
    assert(read <= BYTES_A_NEURON * width, `${read} bytes came back`);
    assert(read < 2 * 4 * width * width / 300, "a small part of the weights");
  }
});

Deno.test("findClones: a wide and a narrow layer of odd sizes, with planted copies", async () => {
  const gpu = await testGpu();
  for (const [width, inputs, outputs] of [[211, 1031, 3], [1031, 67, 131]]) {
    const planted = plantedLayer(width, inputs, outputs);
    for (const partBytes of [undefined, 50 * 4 * inputs]) {
      assertEquals((await searched(gpu, planted, undefined, partBytes)).found, planted.expected);
    }
  }
});

Deno.test("countReadBack sees every read, and nothing after it is disposed of", async () => {
  const gpu = await testGpu();
  using x = gpu.buffer("x", "f32", 1000);
  using y = gpu.buffer("y", "u32", 10);
  const count = countReadBack(gpu);
  await gpu.read(x);
  assertEquals(count.bytes, 4000);
  await gpu.readAll([x, y]);
  assertEquals(count.bytes, 4000 + 4040);
  count[Symbol.dispose]();
  await gpu.read(x);
  assertEquals(count.bytes, 4000 + 4040);
});
