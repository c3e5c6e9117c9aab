import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DisposedError, Gpu, LimitError, ShapeError } from "../../src/gpu/mod.ts";
import { sizeOf, Tensor } from "../../src/tensor/mod.ts";
import { f32, testGpu, u32 } from "../gpu_fixture.ts";

Deno.test("the size of a shape is the product of its dimensions; a scalar has one element", () => {
  const cases: [number[], number][] = [[[], 1], [[5], 5], [[2, 3, 4], 24], [[0], 0], [[7, 0, 3], 0], [[
    2 ** 26,
    2 ** 26,
  ], 2 ** 52]];
  for (const [shape, size] of cases) assertEquals(sizeOf(shape), size, `[${shape}]`);
});

Deno.test("a shape with a size that is no whole number from 0 on is refused by its value", () => {
  for (const n of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => sizeOf([2, n]), ShapeError, `no whole number from 0 on: ${n}`);
  }
  assertThrows(() => sizeOf([2 ** 27, 2 ** 27]), ShapeError, "more than 2^53");
});

Deno.test("what is written is read back, row-major, in every element type and shape", async () => {
  const gpu = await testGpu();
  using a = Tensor.make(gpu, "a", "f32", [2, 3], f32([1, 2, 3, 4, 5, 6]));
  using b = Tensor.make(gpu, "b", "u32", [2], u32([1, 2 ** 32 - 1]));
  using c = Tensor.make(gpu, "c", "i32", [], Int32Array.of(-5));
  using empty = Tensor.make(gpu, "empty", "f32", [3, 0]);
  using zeros = Tensor.make(gpu, "zeros", "f32", [2, 2]);
  assertEquals([a.shape, a.size, c.shape, c.size, empty.size], [[2, 3], 6, [], 1, 0]);
  assertEquals(await a.read(), f32([1, 2, 3, 4, 5, 6]));
  assertEquals(await b.read(), u32([1, 2 ** 32 - 1]));
  assertEquals(await c.read(), Int32Array.of(-5));
  assertEquals(await empty.read(), f32([]));
  assertEquals(await zeros.read(), f32([0, 0, 0, 0]));
  a.write(f32([6, 5, 4, 3, 2, 1]));
  assertEquals(await a.read(), f32([6, 5, 4, 3, 2, 1]));
});

Deno.test("rows are sliced along the first dimension", async () => {
  const gpu = await testGpu();
  using a = Tensor.make(gpu, "a", "f32", [3, 2, 2], f32([...new Array(12).keys()]));
  assertEquals([...await a.slice(0, 3)], [...new Array(12).keys()]);
  assertEquals([...await a.slice(1, 2)], [4, 5, 6, 7]);
  assertEquals([...await a.slice(3, 3)], []);
  for (const [begin, end] of [[-1, 1], [2, 1], [0, 4], [0.5, 1], [0, NaN], [4, 4]]) {
    await assertRejects(() => a.slice(begin, end), ShapeError, `rows ${begin} to ${end}`);
  }
  using scalar = Tensor.make(gpu, "scalar", "f32", []);
  await assertRejects(() => scalar.slice(0, 1), ShapeError, "rows 0 to 1 of a tensor of shape []");
});

Deno.test("data that does not fit the shape is refused and leaves nothing open", async () => {
  using gpu = await Gpu.open();
  assertThrows(
    () => Tensor.make(gpu, "w", "f32", [2, 3], f32([1])),
    ShapeError,
    "tensor w of shape [2,3] needs 6",
  );
  assertThrows(() => Tensor.make(gpu, "w", "f32", [2, -3]), ShapeError, "-3");
  assertThrows(() => Tensor.make(gpu, "w", "f32", [2 ** 20, 2 ** 20]), LimitError, "buffer w");
  assertEquals(gpu.memory, { buffers: 0, bytes: 0 });
  using w = Tensor.make(gpu, "w", "f32", [2, 3]);
  for (const length of [0, 5, 7]) {
    assertThrows(() => w.write(new Float32Array(length)), ShapeError, `was given ${length} elements`);
  }
  using buffer = gpu.buffer("five", "f32", 5);
  assertThrows(() => new Tensor(gpu, [2, 3], buffer), ShapeError, "buffer five has 5");
});

Deno.test("a tensor keeps its own copy of the shape", async () => {
  const shape = [2, 3];
  using w = Tensor.make(await testGpu(), "w", "f32", shape);
  shape[0] = 9;
  assertEquals(w.shape, [2, 3]);
});

Deno.test("a tensor releases its buffer, and cannot be used afterwards", async () => {
  using gpu = await Gpu.open();
  const w = Tensor.make(gpu, "w", "f32", [2, 3]);
  assertEquals(gpu.memory, { buffers: 1, bytes: 24 });
  w[Symbol.dispose]();
  w[Symbol.dispose]();
  assertEquals(gpu.memory, { buffers: 0, bytes: 0 });
  assert(w.buffer.disposed);
  await assertRejects(() => w.read(), DisposedError, "buffer w");
  assertThrows(() => w.write(f32([1, 2, 3, 4, 5, 6])), DisposedError, "buffer w");
});
