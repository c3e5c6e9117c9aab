import { assert, assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "./compare.ts";
import { meanSquaredError, softmax, softmaxCrossEntropy } from "./losses.ts";

// Rows whose exponentials are whole numbers: softmax is 1/6, 2/6, 3/6 and 1/3, 1/3, 1/3.
const LOGITS = [0, Math.log(2), Math.log(3), 5, 5, 5];

Deno.test("softmax and cross entropy worked out by hand", () => {
  assertClose(softmax(LOGITS, 3), [1 / 6, 2 / 6, 3 / 6, 1 / 3, 1 / 3, 1 / 3], 2e-16, "softmax");
  const { loss, gradient } = softmaxCrossEntropy(LOGITS, [2, 0], 3);
  assertClose([loss], [(Math.log(2) + Math.log(3)) / 2], 2e-16, "loss");
  assertClose(gradient, [1 / 12, 2 / 12, -3 / 12, -2 / 6, 1 / 6, 1 / 6], 2e-16, "gradient");
});

Deno.test("cross entropy is stable where exp is not", () => {
  const { loss, gradient } = softmaxCrossEntropy([1000, 0, 0, -1000], [0, 0], 2);
  assertEquals(loss, 0);
  assertEquals([...gradient], [0, 0, 0, 0]);
  assertEquals(softmaxCrossEntropy([1000, 0], [1], 2).loss, 1000);
  assertEquals([...softmaxCrossEntropy([1000, 0], [1], 2).gradient], [1, -1]);
  const small = softmaxCrossEntropy([40, 0], [0], 2).loss;
  assert(Math.abs(small - Math.log1p(Math.exp(-40))) < 1e-15);
});

Deno.test("mean squared error is over elements, not rows", () => {
  const { loss, gradient } = meanSquaredError([1, 2, 3, 4], [0, 2, 5, 4]);
  assertEquals(loss, 5 / 4);
  assertEquals([...gradient], [0.5, 0, -1, 0]);
});

Deno.test("an empty batch has no mean, a label has its range", () => {
  assertEquals(softmaxCrossEntropy([], [], 3).loss, NaN);
  assertEquals(meanSquaredError([], []).loss, NaN);
  assertThrows(() => softmaxCrossEntropy([0, 0], [2], 2), RangeError, "label 2 of row 0");
});
