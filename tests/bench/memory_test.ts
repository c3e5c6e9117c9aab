import { assert, assertEquals } from "@std/assert";
import { IMAGE_WIDTH, imageRows, imageTexels } from "../../kernels/image.ts";
import { memoryReports } from "../../src/bench/memory.ts";
import { Gpu } from "../../src/gpu/mod.ts";
import { memoryTable } from "../../src/report/memory_table.ts";

/** Of GPUBufferUsage. */
const STORAGE = 0x80;

/** Bytes of all storage buffers, and of all textures of four float32, that a device makes from now on. */
function counting(device: GPUDevice): { buffers: number; textures: number } {
  const bytes = { buffers: 0, textures: 0 };
  const { createBuffer, createTexture } = device;
  device.createBuffer = (descriptor) => {
    if ((descriptor.usage & STORAGE) !== 0) bytes.buffers += descriptor.size;
    return createBuffer.call(device, descriptor);
  };
  device.createTexture = (descriptor) => {
    const [width, height] = descriptor.size as number[];
    if (descriptor.format === "rgba32float") bytes.textures += 16 * width * height;
    return createTexture.call(device, descriptor);
  };
  return bytes;
}

/** Bytes of a matrix as an image: whole rows of 4096 texels, as many as an image has. */
const imageBytes = (rows: number, columns: number): number =>
  16 * IMAGE_WIDTH * imageRows(imageTexels(rows, columns));

Deno.test("memory: parameters, gradients, optimiser state and activations are what the network says, to the byte", async () => {
  using gpu = await Gpu.open();
  const device = counting(gpu.device);
  const reports = await memoryReports(gpu, [12, 16, 8, 4]);
  const parameters = 4 * (16 * 13 + 8 * 17 + 4 * 9), outputs = 4 * 64 * (16 + 8 + 4);
  reports.forEach(({ parts, bytes }, slots) => {
    const of = Object.fromEntries(parts.map((use) => [use.part, use.bytes]));
    assertEquals(of.parameters, parameters);
    assertEquals(of.gradients, parameters + outputs);
    assertEquals(of["optimiser state"], slots * parameters); // SGD none, momentum one, Adam two
    assertEquals(of.activations, outputs);
    assertEquals(of["data set"], 4 * (256 * 12 + 256));
    assertEquals(of["mini-batch"], 4 * (64 * 12 + 3 * 64)); // features, and label, loss, correctness of each row
    for (const { bytes, expected } of parts) if (expected !== null) assertEquals(bytes, expected);
    assertEquals(bytes, parts.reduce((sum, use) => sum + use.bytes, 0));
  });
  assertEquals(gpu.memory, { buffers: 0, bytes: 0 });
  // What the device was asked for: nothing that the allocator does not know, and nothing for a while.
  const all = reports.reduce((sum, { bytes }) => sum + bytes, 0);
  // But the schedule of each SGD is empty, and a buffer that is empty has room for one number: WebGPU binds no other.
  assertEquals(device.buffers + device.textures, all + 2 * 4);
});

Deno.test("memory: no operand has two images", async () => {
  using gpu = await Gpu.open();
  const [{ parts }] = await memoryReports(gpu, [784, 512, 256, 10]);
  const images = parts.find(({ part }) => part === "operands as images")!;
  const operands = [[64, 784], [512, 784], [64, 512], [256, 512], [64, 256], [10, 256]];
  const gradients = [[64, 512], [64, 256], [64, 10]];
  const all = [...operands, ...gradients];
  const most = all.reduce((sum, [rows, columns]) => sum + imageBytes(rows, columns), 0);
  // Which products read images, and which read buffers, is chosen by adapter and shape.
  assert(images.buffers <= all.length && images.bytes <= most, JSON.stringify(images));
});

Deno.test("memory: the table has a line a part, and the sum", () => {
  const text = memoryTable({
    training: "12-4, batch 64, SGD",
    parts: [
      { part: "parameters", buffers: 2, bytes: 1234, expected: 1234 },
      { part: "bookkeeping", buffers: 1, bytes: 8, expected: null },
    ],
    bytes: 1242,
  });
  assertEquals(text.split("\n").map((line) => line.replaceAll(/ +/g, " ")), [
    "12-4, batch 64, SGD",
    "part buffers bytes 4 bytes a number",
    "parameters 2 1,234 1,234",
    "bookkeeping 1 8 –",
    "all 3 1,242",
  ]);
});
