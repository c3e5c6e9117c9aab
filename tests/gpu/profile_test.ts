import { assert, assertEquals, assertRejects } from "@std/assert";
import { elementwise, type Kernel, writes } from "../../kernels/mod.ts";
import { DisposedError, Gpu, LimitError } from "../../src/gpu/mod.ts";
import { testGpu } from "../gpu_fixture.ts";

const add: Kernel<"out", "n"> = elementwise({
  name: "add",
  bindings: [writes("out")],
  statement: "  out[i] += 1.0;",
});

/** A long chain for each element, to be told from `add`. */
const work: Kernel<"out", "n"> = elementwise({
  name: "work",
  bindings: [writes("out")],
  statement: "  var x = out[i];\n  for (var j = 0u; j < 2000u; j++) { x = x * 0.5 + 1.0; }\n  out[i] = x;",
});

Deno.test("a profile runs the program as often as asked, and has a time for each dispatch in order", async () => {
  using gpu = await Gpu.open({ optionalFeatures: ["timestamp-query"] });
  assert(gpu.device.features.has("timestamp-query"), "the adapter that the tests need has timestamps");
  using out = gpu.buffer("out", "f32", 5);
  using program = await gpu.record("adds", (r) => {
    for (const n of [5, 0, 2]) r.dispatch(add, { out }, { n });
  });
  // 1500 runs of two dispatches are more than one query set holds.
  const times = await program.profile(1500);
  assertEquals(times.length, 3000, "what has no work has no time");
  assert(times.every(({ kernel, seconds }) => kernel === "add" && seconds >= 0 && seconds < 10));
  assertEquals([...await gpu.read(out)], [3000, 3000, 1500, 1500, 1500]);
  assertEquals(gpu.memory.buffers, 1);
});

Deno.test("without timestamps a profile is refused, before anything runs", async () => {
  const gpu = await testGpu();
  using out = gpu.buffer("out", "f32", 1);
  using program = await gpu.record("adds", (r) => r.dispatch(add, { out }, { n: 1 }));
  await assertRejects(() => program.profile(), LimitError, 'features: ["timestamp-query"]');
  assertEquals([...await gpu.read(out)], [0]);
});

Deno.test("the clock tells a long dispatch from a short one, on any device", async () => {
  const gpu = await testGpu();
  using out = gpu.buffer("out", "f32", 1 << 16);
  const program = await gpu.record("works", (r) => {
    r.dispatch(add, { out }, { n: 0 });
    r.dispatch(add, { out }, { n: 8 });
    r.dispatch(work, { out }, { n: 1 << 16 });
  });
  const [short, long] = await program.clock(0.01);
  assertEquals([short.kernel, long.kernel], ["add", "work"]);
  assert(long.seconds > 5 * short.seconds, `${long.seconds} and ${short.seconds}`);
  program[Symbol.dispose]();
  await assertRejects(() => program.clock(), DisposedError);
});
