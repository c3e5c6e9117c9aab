import { assertEquals } from "@std/assert";
import { columnSum } from "../../kernels/mod.ts";
import { biasGrad } from "../oracle/activation.ts";
import { assertBitsEqual, assertClose } from "../oracle/compare.ts";
import { gamma, ROUND_TO_NEAREST } from "../oracle/matmul.ts";
import { integerInputs, uniformInputs } from "../oracle/random.ts";
import { ODD_SIZES } from "../oracle/shapes.ts";
import { f32, runCases, runKernel, testGpu } from "../gpu_fixture.ts";

Deno.test("column_sum: within the bound of a sum, for every pair of odd sizes", async () => {
  const sizes = ODD_SIZES.flatMap((rows, i) =>
    [0, 3, 7, 11].map((by) => ({ rows, n: ODD_SIZES[(i + by) % ODD_SIZES.length] }))
  );
  const x = sizes.map(({ rows, n }, i) => f32(uniformInputs(rows * n, i)));
  const cases = sizes.map(({ rows, n }, i) => ({
    kernel: columnSum,
    inputs: { x: x[i], out: n },
    params: { rows, n },
  }));
  const results = await runCases(await testGpu(), cases);
  sizes.forEach(({ rows, n }, i) => {
    const magnitudes = biasGrad(x[i].map(Math.abs), n);
    const bound = magnitudes.map((sum) => gamma(rows, ROUND_TO_NEAREST) * sum);
    assertClose(results[i].out, biasGrad(x[i], n), bound, `${rows}x${n}`);
  });
});

Deno.test("column_sum: equal columns have equal sums, bit for bit", async () => {
  const rows = 1009, n = 67, x = f32(uniformInputs(rows * n, 5)), twins = [0, 1, 31, 32, 63, 64, 66];
  for (let r = 0; r < rows; r++) for (const c of twins) x[r * n + c] = x[r * n];
  const out = (await runKernel(await testGpu(), columnSum, { x, out: n }, { rows, n })).out;
  assertEquals(new Set(twins.map((c) => out[c])).size, 1);
  assertEquals(new Set(out).size, n - twins.length + 1, "the others differ");
});

Deno.test("sums of whole numbers are exact", async () => {
  const gpu = await testGpu(), rows = 129, n = 33, x = f32(integerInputs(rows * n, 3));
  const { out } = await runKernel(gpu, columnSum, { x, out: n }, { rows, n });
  assertBitsEqual(out, f32(biasGrad(x, n)), "columns");
});
