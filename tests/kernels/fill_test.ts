import { assertEquals } from "@std/assert";
import { fill, MAX_WORKGROUPS } from "../../kernels/mod.ts";
import { ODD_SIZES } from "../oracle/shapes.ts";
import { bitsOf, runCases, runKernel, testGpu } from "../gpu_fixture.ts";

Deno.test("fill writes n elements and not one more, for every odd size", async () => {
  const gpu = await testGpu();
  const sizes = [...ODD_SIZES, 255, 256, 257, 1009];
  const results = await runCases(
    gpu,
    sizes.map((n) => ({ kernel: fill, inputs: { out: n + 3 }, params: { n, value: 7.5 } })),
  );
  sizes.forEach((n, i) => {
    assertEquals([...results[i].out], [...new Array(n).fill(7.5), 0, 0, 0], `n = ${n}`);
  });
});

Deno.test("fill writes the float32 nearest to the value, with the sign of zero and infinities", async () => {
  const gpu = await testGpu();
  for (const value of [0.1, -0, Infinity, -Infinity, 2 ** -126, 3.4028234663852886e38]) {
    const { out } = await runKernel(gpu, fill, { out: 2 }, { n: 2, value });
    assertEquals([...bitsOf(out)], [...bitsOf(Float32Array.of(value, value))], String(value));
  }
});

Deno.test("a grid folds past 65535 workgroups: 64 MiB are filled from end to end", async () => {
  const gpu = await testGpu();
  const n = MAX_WORKGROUPS * 256 + 1001, window = 1024;
  using out = gpu.buffer("large", "f32", n + 1);
  using program = await gpu.record("large", (r) => r.dispatch(fill, { out }, { n, value: 3 }));
  program.submit();
  const boundary = MAX_WORKGROUPS * 256 - window / 2;
  for (const start of [0, (n >> 1) - window, boundary, n - window]) {
    assertEquals(new Set(await gpu.read(out, start, window)), new Set([3]), `from ${start} on`);
  }
  assertEquals([...await gpu.read(out, n - 1, 2)], [3, 0], "the element past the end stays");
});
