import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import {
  activation,
  type ElementType,
  elementwise,
  fill,
  type Kernel,
  matmul,
  matmulUniform,
  reads,
  sgd,
  writes,
} from "../../kernels/mod.ts";
import {
  ArgumentError,
  type Call,
  DisposedError,
  DtypeError,
  Gpu,
  type GpuBuffer,
  KernelError,
  Recorder,
} from "../../src/gpu/mod.ts";
import { f32, testGpu } from "../gpu_fixture.ts";

/** `out[i] += by`: tells how often it ran. */
const add: Kernel<"out", "n" | "by"> = elementwise({
  name: "add",
  bindings: [writes("out")],
  params: { by: "f32" },
  statement: "  out[i] += p.by;",
});

/** `out[i] = x[i] + y[i]` without any parameter. */
const bare: Kernel<"x" | "out"> = {
  name: "bare",
  bindings: [reads("x"), writes("out")],
  params: {},
  body: "@compute @workgroup_size(1) fn main() { out[0] = x[0] + 1.0; }",
  workgroups: () => [1, 1, 1],
};

Deno.test("a program runs as often as it is submitted, each dispatch after the one before", async () => {
  const gpu = await testGpu();
  using out = gpu.buffer("out", "f32", 3);
  using program = await gpu.record("twice", (r) => {
    r.dispatch(add, { out }, { n: 3, by: 1 });
    r.dispatch(add, { out }, { n: 1, by: 10 });
  });
  assertEquals([program.length, program.label], [2, "twice"]);
  assertEquals([...await gpu.read(out)], [0, 0, 0], "recording runs nothing");
  program.submit(3);
  assertEquals([...await gpu.read(out)], [33, 3, 3]);
  program.submit();
  program.submit(0);
  assertEquals([...await gpu.read(out)], [44, 4, 4]);
  program.submit(996); // several command buffers, in order
  assertEquals([...await gpu.read(out)], [11_000, 1000, 1000]);
});

Deno.test("a dispatch sees what the one before it wrote", async () => {
  const gpu = await testGpu();
  using x = gpu.buffer("x", "f32", 1);
  using out = gpu.buffer("out", "f32", 1);
  using program = await gpu.record("chain", (r) => {
    r.dispatch(bare, { x, out }, {});
    r.dispatch(bare, { x: out, out: x }, {});
  });
  program.submit(5);
  assertEquals([...await gpu.read(x)], [10]);
});

Deno.test("a copy stands between two dispatches, and goes where it is told, through a view too", async () => {
  const gpu = await testGpu();
  using x = gpu.buffer("x", "f32", 4);
  using out = gpu.buffer("out", "f32", 70, new Float32Array(70).fill(7));
  using program = await gpu.record("copies", (r) => {
    r.dispatch(add, { out: x }, { n: 4, by: 1 });
    r.copy(x, out, 1, 2);
    r.dispatch(add, { out: x }, { n: 4, by: 1 });
    r.copy(x, out.view(64, 6), 5, 1);
    r.dispatch(add, { out }, { n: 70, by: 10 });
  });
  program.submit();
  const expected = Array(70).fill(17).with(1, 11).with(2, 11).with(69, 12);
  assertEquals([...await gpu.read(out)], expected);
  assertEquals(program.length, 5);
});

Deno.test("a copy of what is not there, or to where there is no room, is refused when it is recorded", async () => {
  const gpu = await testGpu();
  using x = gpu.buffer("x", "f32", 4);
  using out = gpu.buffer("out", "f32", 8);
  using words = gpu.buffer("words", "u32", 8);
  using r = new Recorder(gpu);
  for (const [at, count] of [[0, 5], [5, 4], [-1, 1], [0.5, 1], [0, 0], [0, 1.5], [NaN, 1]]) {
    assertThrows(
      () => r.copy(x, out, at, count),
      ArgumentError,
      `a copy of ${count} elements of buffer x with 4`,
    );
  }
  assertThrows(() => r.copy(out, out, 4, 4), ArgumentError, "another buffer");
  assertThrows(
    () => r.copy<ElementType>(x, words, 0, 4),
    DtypeError,
    "from f32 in buffer x to u32 in buffer words",
  );
  assertEquals(r.calls.length, 0);
});

Deno.test("what has been copied into is packed anew", async () => {
  const gpu = await testGpu();
  using x = gpu.buffer("x", "f32", 8);
  using y = gpu.buffer("y", "f32", 8);
  using r = new Recorder(gpu);
  const image = r.image(x, 2, 4);
  assertEquals([r.image(x, 2, 4) === image, r.calls.length], [true, 1]);
  r.copy(y, x, 0, 4);
  assertEquals([r.image(x, 2, 4) === image, r.calls.length], [true, 3]);
});

Deno.test("an empty program runs", async () => {
  const gpu = await testGpu();
  using program = await gpu.record("empty", () => {});
  program.submit(2);
  await gpu.idle();
  assertEquals(program.length, 0);
});

Deno.test("parameters change for the runs after, number of elements included", async () => {
  const gpu = await testGpu();
  using out = gpu.buffer("out", "f32", 1000);
  let call!: Call;
  using program = await gpu.record("set", (r) => {
    call = r.dispatch(add, { out }, { n: 1, by: 1 });
  });
  program.submit();
  program.set(call, { by: 5 });
  program.submit();
  program.set(call, { n: 1000 });
  program.submit();
  program.set(call, { n: 0 });
  program.submit();
  const values = await gpu.read(out);
  assertEquals([values[0], values[1], values[999]], [11, 5, 5]);
});

Deno.test("parameters that are unknown or out of range, and calls of others, cannot be set", async () => {
  const gpu = await testGpu();
  using out = gpu.buffer("out", "f32", 4);
  let call!: Call;
  using program = await gpu.record("set", (r) => {
    call = r.dispatch(add, { out }, { n: 1, by: 1 });
  });
  assertThrows(() => program.set(call, { n: -1 }), ArgumentError, "n = -1");
  assertThrows(() => program.set(call, { value: 3 }), ArgumentError, "value");
  assertThrows(() => program.set({ ...call }, { n: 1 }), ArgumentError, "no such call");
  program.submit();
  assertEquals([...await gpu.read(out)], [1, 0, 0, 0], "a refused change changes nothing");
});

Deno.test("a buffer that is missing, of another type or too short for a uniform is refused when it is recorded", async () => {
  const gpu = await testGpu();
  using out = gpu.buffer("words", "u32", 4);
  using z = gpu.buffer("z", "f32", 4);
  const r = new Recorder(gpu);
  assertThrows(
    () => r.dispatch(fill, {} as { out: GpuBuffer }, { n: 1, value: 1 }),
    ArgumentError,
    "no buffer out",
  );
  assertThrows(
    () => r.dispatch(fill, { out }, { n: 1, value: 1 }),
    DtypeError,
    "needs f32 in out and buffer words holds u32",
  );
  assertThrows(() => r.dispatch(activation("relu"), { z, h: out }, { n: 1 }), DtypeError, "words");
  const small = { m: 1, n: 4, k: 8 }, uniform = matmulUniform("nt", "none", small);
  assertThrows(
    () => r.dispatch(uniform, { a: z, b: z, out: z }, small),
    ArgumentError,
    "declares 32 elements of b and buffer z has",
  );
  assertEquals(r.calls.length, 0);
});

Deno.test("a result that is an operand as well is refused when it is recorded, through a view too", async () => {
  const gpu = await testGpu();
  using z = gpu.buffer("z", "f32", 256);
  const r = new Recorder(gpu);
  assertThrows(() => r.dispatch(activation("relu"), { z, h: z }, { n: 4 }), ArgumentError, "the same buffer");
  assertThrows(
    () => r.dispatch(activation("relu"), { z, h: z.view(64, 64) }, { n: 4 }),
    ArgumentError,
    "the same buffer",
  );
  assertThrows(
    () => r.dispatch(sgd(1), { gradient: z, weight: z }, { n: 4, lr: 1, weight_decay: 0 }),
    ArgumentError,
  );
  using out = gpu.buffer("out", "f32", 4);
  r.dispatch(matmul("nt", "none"), { a: z, b: z, out }, { m: 2, n: 2, k: 2 }); // two operands may be one buffer
});

Deno.test("a parameter out of its type's range is refused when it is recorded", async () => {
  const gpu = await testGpu();
  using out = gpu.buffer("out", "f32", 4);
  const r = new Recorder(gpu);
  for (
    const n of [-1, 0.5, NaN, Infinity, 2 ** 32, undefined as unknown as number, "1" as unknown as number]
  ) {
    assertThrows(() => r.dispatch(fill, { out }, { n, value: 1 }), ArgumentError, `n = ${n}`);
  }
  const text = "1" as unknown as number;
  assertThrows(() => r.dispatch(fill, { out }, { n: 1, value: text }), ArgumentError, "value = 1");
  r.dispatch(fill, { out }, { n: 2 ** 32 - 1, value: NaN });
});

Deno.test("a disposed program or buffer is refused at once, by name", async () => {
  const gpu = await testGpu();
  const out = gpu.buffer("out", "f32", 4);
  let call!: Call;
  const program = await gpu.record("fills", (r) => {
    call = r.dispatch(fill, { out }, { n: 4, value: 1 });
  });
  program.submit();
  out[Symbol.dispose]();
  assertThrows(() => program.submit(), DisposedError, "buffer out was used after it had been disposed of");
  assertThrows(
    () => new Recorder(gpu).dispatch(fill, { out }, { n: 4, value: 1 }),
    DisposedError,
    "buffer out",
  );
  program[Symbol.dispose]();
  program[Symbol.dispose]();
  assertThrows(() => program.submit(), DisposedError, "program fills was used");
  assertThrows(() => program.set(call, { value: 2 }), DisposedError, "program fills was used");
  await gpu.idle(); // none of it reached the device
});

Deno.test("what WebGPU refuses of a first run is an error at the next read, by the program's name", async () => {
  using gpu = await Gpu.open();
  using out = gpu.buffer("out", "f32", 4);
  using program = await gpu.record("doomed", (r) => r.dispatch(fill, { out }, { n: 4, value: 1 }));
  out.raw.destroy(); // behind fanin's back
  program.submit();
  using other = gpu.buffer("other", "f32", 1);
  const error = await assertRejects(() => gpu.read(other), KernelError, "doomed");
  assertStringIncludes(error.source, "fn main");
});

Deno.test("what WebGPU refuses of a later run is an error at the next read as well", async () => {
  using gpu = await Gpu.open();
  using out = gpu.buffer("out", "f32", 4);
  using program = await gpu.record("doomed", (r) => r.dispatch(fill, { out }, { n: 4, value: 1 }));
  program.submit();
  await gpu.idle();
  out.raw.destroy();
  program.submit();
  using other = gpu.buffer("other", "f32", 1);
  await assertRejects(() => gpu.read(other), ArgumentError, "WebGPU refused a call");
});

Deno.test("a kernel whose text needs other bindings than it declares is a KernelError", async () => {
  const kernel: Kernel<"out"> = {
    name: "one_too_many",
    bindings: [writes("out")],
    params: {},
    body: `@group(0) @binding(7) var<storage, read> extra: array<f32>;
@compute @workgroup_size(1) fn main() { out[0] = extra[0]; }`,
    workgroups: () => [1, 1, 1],
  };
  const gpu = await testGpu();
  using out = gpu.buffer("out", "f32", 1);
  const error = await assertRejects(
    () => gpu.record("bad", (r) => r.dispatch(kernel, { out }, {})),
    KernelError,
    "one_too_many",
  );
  assert(!error.message.includes("\n"), error.message);
});

Deno.test("a view binds a part of a buffer", async () => {
  const gpu = await testGpu();
  using whole = gpu.buffer("whole", "f32", 300, f32(new Float32Array(300).fill(-1)));
  using program = await gpu.record("part", (r) => {
    r.dispatch(add, { out: whole.view(64, 100) }, { n: 100, by: 3 });
    r.dispatch(add, { out: whole.view(128, 172).view(64, 10) }, { n: 10, by: 5 });
  });
  program.submit();
  const expected = Array.from(
    { length: 300 },
    (_, i) => i >= 192 && i < 202 ? 4 : i >= 164 || i < 64 ? -1 : 2,
  );
  assertEquals([...await gpu.read(whole)], expected);
  assertEquals([...await gpu.read(whole.view(192, 12), 9)], [4, -1, -1]);
});
