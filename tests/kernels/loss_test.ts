import { assert, assertEquals } from "@std/assert";
import { meanSquaredErrorGrad, softmaxCrossEntropy, softmaxCrossEntropyGrad } from "../../kernels/mod.ts";
import { assertBitsEqual, assertClose } from "../oracle/compare.ts";
import * as oracle from "../oracle/losses.ts";
import { ROUND_TO_NEAREST } from "../oracle/matmul.ts";
import { labelInputs, uniformInputs } from "../oracle/random.ts";
import { f32, type Output, runKernel, testGpu, u32 } from "../gpu_fixture.ts";
import { crossEntropyBound, DIVISION } from "./accuracy.ts";

type Logits = Float32Array<ArrayBuffer>;

/** Both kernels on the same rows: they must agree bit for bit. */
async function run(logits: Logits, labels: Uint32Array<ArrayBuffer>, classes: number) {
  const gpu = await testGpu(), n = labels.length, params = { n, classes };
  const inputs = { logits, labels, loss: n, correct: n, gradient: n * classes };
  const forward = await runKernel(gpu, softmaxCrossEntropy, inputs, params);
  const both = await runKernel(gpu, softmaxCrossEntropyGrad, inputs, params);
  assertBitsEqual(both.loss, forward.loss, "loss, forward against backward");
  assertEquals([...both.correct], [...forward.correct]);
  return both;
}

function assertRight(
  actual: Record<"loss" | "correct" | "gradient", Output>,
  logits: Logits,
  labels: Uint32Array,
  classes: number,
  label: string,
): void {
  const logP = oracle.logSoftmax(logits, classes), bound = crossEntropyBound(logits, labels, classes);
  assertClose(
    actual.loss,
    [...labels].map((y, row) => -logP[row * classes + y]),
    bound.loss,
    `${label} loss`,
  );
  const { gradient } = oracle.softmaxCrossEntropy(logits, labels, classes);
  assertClose(actual.gradient, gradient, bound.gradient, `${label} gradient`);
  const correct = [...labels].map((y, row) => {
    const values = [...logits.subarray(row * classes, (row + 1) * classes)];
    return values.indexOf(Math.max(...values)) === y ? 1 : 0;
  });
  assertEquals([...actual.correct], correct, `${label} correct`);
}

Deno.test("softmax cross-entropy: losses, gradients and hits at odd sizes", async () => {
  let seed = 0;
  for (const rows of [0, 1, 3, 63, 64, 65, 129]) {
    for (const classes of [1, 2, 3, 10, 17, 129]) {
      const logits = f32(uniformInputs(rows * classes, ++seed).map((x) => 8 * x));
      const labels = u32(labelInputs(rows, ++seed, classes));
      assertRight(await run(logits, labels, classes), logits, labels, classes, `${rows}x${classes}`);
    }
  }
});

Deno.test("softmax cross-entropy: logits of ±1e4 neither overflow nor lose the loss", async () => {
  const logits = f32([
    1e4,
    -1e4,
    0,
    -1e4,
    1e4,
    1e4,
    1e4,
    1e4,
    1e4,
    -1e4,
    -1e4,
    -1e4 + 1,
    88,
    89,
    90,
    3e38,
    -1,
    0,
  ]);
  for (const label of [0, 1, 2]) {
    const labels = u32(new Array(6).fill(label));
    const actual = await run(logits, labels, 3);
    assert([...actual.loss, ...actual.gradient].every(Number.isFinite), String([...actual.loss]));
    assertRight(actual, logits, labels, 3, `label ${label}`);
  }
});

Deno.test("softmax cross-entropy: of equal logits the first counts as the prediction, and equal logits get equal gradients", async () => {
  const logits = f32([0.3, 0.3, 0.3, 0.3, 0.3, 0.3]);
  const { correct, gradient, loss } = await run(logits, u32([0, 1]), 3);
  assertEquals([...correct], [1, 0]);
  assertClose(loss, [Math.log(3), Math.log(3)], crossEntropyBound(logits, [0, 1], 3).loss, "log 3");
  assertEquals([gradient[1], gradient[3], gradient[3]], [gradient[2], gradient[5], gradient[1]]);
});

Deno.test("softmax cross-entropy: a NaN or infinite logit shows in its row's loss, and in no other", async () => {
  const logits = f32([1, NaN, 1, 2, Infinity, 0, 1, 2, NaN, 5, 1, 0]);
  const { loss } = await run(logits, u32([0, 1, 0, 1, 0, 0]), 2);
  assertEquals([...loss].map(Number.isFinite), [false, true, false, true, false, true]);
});

Deno.test("mean squared error: terms and gradients at odd sizes", async () => {
  for (const n of [0, 1, 2, 255, 256, 257, 1009]) {
    const prediction = f32(uniformInputs(n, 1)), expected = f32(uniformInputs(n, 2));
    const inputs = { prediction, expected, squared: n, gradient: n };
    const { squared, gradient } = await runKernel(await testGpu(), meanSquaredErrorGrad, inputs, { n });
    const difference = Float64Array.from(prediction, (x, i) => x - expected[i]);
    // The difference is rounded, and its square: three roundings.
    const terms = difference.map((d) => d * d);
    assertClose(squared, terms, terms.map((x) => 3.01 * ROUND_TO_NEAREST * x), `squared ${n}`);
    const reference = oracle.meanSquaredError(prediction, expected).gradient;
    // The difference is rounded, and the quotient; doubling is exact.
    const bound = reference.map((g) => Math.abs(g) * (1.01 * ROUND_TO_NEAREST + DIVISION));
    assertClose(gradient, reference, bound, `gradient ${n}`);
  }
});
