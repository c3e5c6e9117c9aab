import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { elementwise, fill, type Kernel, wgsl, writes } from "../../kernels/mod.ts";
import { Gpu, KernelError } from "../../src/gpu/mod.ts";
import { testGpu } from "../gpu_fixture.ts";

/** A kernel that stores one expression; `as` makes its text, and so its pipeline, its own. */
function storing(expression: string, name: string): Kernel<"out", "n"> {
  return elementwise({
    name,
    bindings: [writes("out")],
    statement: `\n  let here = ${expression};\n  out[i] = here;`,
  });
}

Deno.test("a kernel is compiled once, however many ask for it at the same time", async () => {
  using gpu = await Gpu.open();
  assertEquals(gpu.pipelines.compiled, 0);
  const asked = await Promise.all([1, 2, 3, 4].map(() => gpu.pipelines.get(fill)));
  assertEquals(new Set(asked).size, 1);
  using out = gpu.buffer("out", "f32", 4);
  const programs = await Promise.all([1, 2, 3].map((value) =>
    gpu.record("fills", (r) => {
      r.dispatch(fill, { out }, { n: 4, value });
      r.dispatch(fill, { out }, { n: 2, value: -value });
    })
  ));
  assertEquals(gpu.pipelines.compiled, 1);
  for (const program of programs) program[Symbol.dispose]();
});

Deno.test("kernels with the same text share a pipeline, others do not", async () => {
  using gpu = await Gpu.open();
  await gpu.pipelines.get(storing("1.0", "one"));
  await gpu.pipelines.get(storing("1.0", "also one"));
  assertEquals(gpu.pipelines.compiled, 1);
  await gpu.pipelines.get(storing("2.0", "two"));
  assertEquals(gpu.pipelines.compiled, 2);
});

const BROKEN = [
  { what: "an unknown name", expression: "nowhere + 1.0", found: "nowhere" },
  { what: "a wrong type", expression: "1.0 + 1u", found: "" },
  { what: "a wrong token", expression: "1.0 +;", found: "" },
];

for (const { what, expression, found } of BROKEN) {
  Deno.test(`${what} is a KernelError with the kernel's name, the line and the text`, async () => {
    const kernel = storing(expression, "broken_kernel"), source = wgsl(kernel);
    const error = await assertRejects(async () => await (await testGpu()).pipelines.get(kernel), KernelError);
    assertInstanceOf(error, KernelError);
    assertEquals([error.kernel, error.source, error.name], ["broken_kernel", source, "KernelError"]);
    assertStringIncludes(error.message, "broken_kernel");
    assertStringIncludes(error.message, found);
    const line = source.split("\n").findIndex((text) => text.includes(expression)) + 1;
    assert(new RegExp(`(wgsl:|line )${line}\\b`).test(error.message), `line ${line}: ${error.message}`);
    assert(!error.message.includes("\n"), "one line");
  });
}

Deno.test("a kernel that does not compile harms nothing else, and fails again when asked again", async () => {
  using gpu = await Gpu.open();
  const kernel = storing("nowhere", "broken_kernel");
  await assertRejects(() => gpu.pipelines.get(kernel), KernelError);
  using out = gpu.buffer("out", "f32", 1);
  await assertRejects(
    () => gpu.record("broken", (r) => void r.dispatch(kernel, { out }, { n: 1 })),
    KernelError,
  );
  assertEquals(gpu.pipelines.compiled, 2);
  using program = await gpu.record("sound", (r) => r.dispatch(fill, { out }, { n: 1, value: 2 }));
  program.submit();
  assertEquals([...await gpu.read(out)], [2]);
});
