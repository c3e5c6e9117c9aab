import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fill, imageRows, MOST_TEXELS } from "../../kernels/mod.ts";
import { DisposedError, Gpu, LimitError, ShapeError } from "../../src/gpu/mod.ts";
import { Activations, Gradients, Mlp } from "../../src/nn/mod.ts";
import { f32, testGpu, u32 } from "../gpu_fixture.ts";

Deno.test("buffers are counted while they are open, and never twice", async () => {
  using gpu = await Gpu.open();
  assertEquals(gpu.memory, { buffers: 0, bytes: 0 });
  {
    using a = gpu.buffer("a", "f32", 10);
    using empty = gpu.buffer("empty", "u32", 0);
    assertEquals([a.byteLength, empty.byteLength], [40, 0]);
    assertEquals(gpu.memory, { buffers: 2, bytes: 40 });
    const open = gpu.openBuffers.map(({ label, bytes }) => ({ label, bytes }));
    assertEquals(open, [{ label: "a", bytes: 40 }, { label: "empty", bytes: 0 }]);
    const b = gpu.buffer("b", "i32", 5), view = a.view(0, 5);
    view[Symbol.dispose]();
    assertEquals(gpu.memory, { buffers: 3, bytes: 60 });
    b[Symbol.dispose]();
    b[Symbol.dispose]();
    assertEquals(gpu.memory, { buffers: 2, bytes: 40 });
    using program = await gpu.record("fill", (r) => r.dispatch(fill, { out: a }, { n: 10, value: 1 }));
    program.submit();
    await gpu.read(a);
    assertEquals(gpu.memory, { buffers: 2, bytes: 40 });
  }
  assertEquals([gpu.memory, gpu.openBuffers], [{ buffers: 0, bytes: 0 }, []]);
});

/** The line of this file that calls it, as a warning names it. */
const here = () => new Error().stack!.split("\n")[2].match(/(file:.*:\d+):\d+/)![1];

Deno.test("buffers left open are named when the device is closed, with the line that made them", async () => {
  const warnings: string[] = [];
  const line = await (async () => {
    using gpu = await Gpu.open({ warn: (message) => warnings.push(message) });
    using _released = gpu.buffer("released", "f32", 1);
    const [, at] = [gpu.buffer("left open", "f32", 3), here()];
    return at;
  })();
  assertEquals(warnings.length, 1);
  assert(
    warnings[0].startsWith(
      `fanin: 1 buffer was open when the device was closed: left open (12 bytes, made at ${line}:`,
    ),
    warnings[0],
  );
  assert(warnings[0].endsWith("); release each by `using`"), warnings[0]);
});

Deno.test("a network left open is named by the line that made the network; a long list is cut", async () => {
  const warnings: string[] = [];
  {
    using gpu = await Gpu.open({ warn: (message) => warnings.push(message) });
    const network = new Mlp(gpu, [3, 4, 4, 4, 4, 2]);
    assertEquals(gpu.memory.buffers, network.parameters.length);
    for (const { madeAt } of gpu.openBuffers) assert(madeAt.startsWith(import.meta.url), madeAt);
  }
  assert(warnings[0].includes("10 buffers were open"), warnings[0]);
  assert(warnings[0].includes("0.weight (48 bytes, made at "), warnings[0]);
  assert(warnings[0].includes(", 2 more; release"), warnings[0]);
});

Deno.test("a buffer holds zeros, or what it is given", async () => {
  const gpu = await testGpu();
  using a = gpu.buffer("a", "f32", 4, f32([1, 2]));
  using b = gpu.buffer("b", "i32", 2, Int32Array.of(-1, 2));
  using c = gpu.buffer("c", "u32", 0, u32([]));
  const [first, second, third] = await gpu.readAll([a, b, c] as const);
  assertEquals([first, second, third], [f32([1, 2, 0, 0]), Int32Array.of(-1, 2), u32([])]);
});

Deno.test("data longer than its buffer, and lengths that are none, are refused and leave nothing open", async () => {
  using gpu = await Gpu.open();
  assertThrows(() => gpu.buffer("short", "f32", 2, f32([1, 2, 3])), ShapeError, "3 elements");
  for (const length of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(
      () => gpu.buffer("odd", "f32", length),
      ShapeError,
      `buffer odd cannot have ${length} elements`,
    );
  }
  assertEquals(gpu.memory, { buffers: 0, bytes: 0 });
});

Deno.test("a buffer that the device does not have is a LimitError, and nothing is allocated", async () => {
  using gpu = await Gpu.open();
  const most = gpu.device.limits.maxBufferSize / 4;
  const error = assertThrows(
    () => gpu.buffer("huge", "f32", Math.floor(most) + 1),
    LimitError,
    "buffer huge needs",
  );
  assert(error.remedy !== "");
  assertEquals(gpu.memory, { buffers: 0, bytes: 0 });
  await gpu.idle(); // WebGPU was not even asked
});

Deno.test("parts are written and read, and what lies past the end is refused", async () => {
  const gpu = await testGpu();
  using a = gpu.buffer("a", "f32", 5);
  gpu.write(a, f32([1, 2]), 3);
  gpu.write(a, f32([]), 5);
  assertEquals([...await gpu.read(a, 2, 2)], [0, 1]);
  assertEquals([...await gpu.read(a, 5)], []);
  for (const offset of [4, 6, -1, 0.5, NaN]) {
    assertThrows(() => gpu.write(a, f32([1, 2]), offset), ShapeError, "buffer a with 5");
  }
  const parts = [[0, 6], [6, 0], [-1, 1], [3, 3], [0, -1], [0.5, 1], [0, 0.5], [NaN, 1], [0, NaN]];
  for (const [offset, length] of parts) {
    await assertRejects(
      () => gpu.read(a, offset, length),
      ShapeError,
      "buffer a with 5",
      `${offset} ${length}`,
    );
  }
  assertEquals([...await gpu.read(a)], [0, 0, 0, 1, 2]);
});

Deno.test("views begin at multiples of 64 elements and stay inside", async () => {
  const gpu = await testGpu();
  using a = gpu.buffer("a", "f32", 200);
  for (const begin of [1, 63, -64, 64.5, NaN]) {
    assertThrows(() => a.view(begin, 1), ShapeError, `buffer a at ${begin}`);
  }
  for (const [begin, length] of [[0, 0], [0, 201], [192, 9], [256, 1], [0, 0.5], [0, NaN]]) {
    assertThrows(() => a.view(begin, length), ShapeError, "of buffer a with 200");
  }
  const view = a.view(128, 72);
  gpu.write(view, f32([7]), 71);
  assertEquals([...await gpu.read(a, 198)], [0, 7]);
  assertThrows(() => gpu.write(view, f32([1, 2]), 71), ShapeError);
  await assertRejects(() => gpu.read(view, 0, 73), ShapeError);
  assertThrows(() => view.view(64, 9), ShapeError);
});

Deno.test("a disposed buffer, and a view of it, cannot be read, written or bound", async () => {
  const gpu = await testGpu();
  const a = gpu.buffer("a", "f32", 64), view = a.view(0, 64);
  assertEquals([a.disposed, view.disposed], [false, false]);
  a[Symbol.dispose]();
  assertEquals([a.disposed, view.disposed], [true, true]);
  for (const buffer of [a, view]) {
    assertThrows(() => buffer.raw, DisposedError, "buffer a was used after");
    assertThrows(() => gpu.write(buffer, f32([1])), DisposedError);
    await assertRejects(() => gpu.read(buffer), DisposedError);
  }
  using b = gpu.buffer("b", "f32", 1, f32([4]));
  assertEquals([...await gpu.read(b)], [4], "the device goes on");
});

Deno.test("everything has its label", async () => {
  using gpu = await Gpu.open({ label: "mine" });
  using out = gpu.buffer("weights", "f32", 4);
  assertEquals([gpu.device.label, out.label, out.raw.label], ["mine", "weights", "weights"]);
  const { compute, layout } = await gpu.pipelines.get(fill);
  assertEquals([compute.label, layout.label], ["fill", "fill"]);
  using byDefault = await Gpu.open();
  assertEquals(byDefault.device.label, "fanin");
});

Deno.test("several buffers are made, or none: what is refused leaves nothing open", async () => {
  const gpu = await testGpu(), before = gpu.memory;
  const huge = Math.ceil(gpu.device.limits.maxBufferSize / 16) * 4; // elements of a buffer that is one too large
  const refused = [
    () => new Mlp(gpu, [4, 8, huge]),
    () => new Mlp(gpu, [4, 8, huge / 8, 3]),
  ];
  for (const make of refused) {
    assertThrows(make, LimitError, "make it smaller");
    assertEquals(gpu.memory, before);
  }
  {
    using network = new Mlp(gpu, [4, 8, 3]);
    const during = gpu.memory;
    assertThrows(() => new Activations(gpu, network, huge / 8), LimitError, "0.output needs");
    assertThrows(() => new Gradients(gpu, network, huge / 8), LimitError, "0.output.grad needs");
    assertEquals(gpu.memory, during);
  }
  assertEquals(gpu.memory, before);
  const kept = gpu.allOrNone(() => gpu.buffer("kept", "f32", 1));
  kept[Symbol.dispose]();
});

Deno.test("an image has room for its texels in rows that are no power of two, and no larger than every device has", () => {
  const texels = [0, 1, 4096, 4097, 3 * 4096, 3 * 4096 + 1, 5 * 4096, 7 * 4096 + 1, 25 * 4096, MOST_TEXELS];
  assertEquals(texels.map((n) => imageRows(n)), [3, 3, 3, 3, 3, 5, 5, 9, 25, 8191]);
});
