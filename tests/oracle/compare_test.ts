import { assert, assertEquals, assertThrows } from "@std/assert";
import { assertBitsEqual, assertClose, firstMismatches } from "./compare.ts";

Deno.test("nothing to say about what is within its bound", () => {
  assertEquals(firstMismatches([1, 2], [1, 2.5], 0.5), "");
  assertEquals(firstMismatches([1, 2], [1, 2.5], [0, 0.5]), "");
  assertEquals(firstMismatches([NaN, Infinity, -0], [NaN, Infinity, 0], 0), "");
  assertEquals(firstMismatches([], [], 0), "");
});

Deno.test("what is outside is listed, with the worst at the end", () => {
  const text = firstMismatches([1, 2, 7, 4], [1, 3, 3, 4.5], 0.25, 2);
  assertEquals(
    text,
    [
      "3 of 4 elements differ",
      "index  actual  expected  difference  bound",
      "    1       2         3          -1   0.25",
      "    2       7         3           4   0.25",
      "worst: 2  7  3  4  0.25",
    ].join("\n"),
  );
});

Deno.test("NaN, infinities, bounds of NaN and wrong lengths never pass", () => {
  for (const [actual, expected] of [[NaN, 1], [1, NaN], [Infinity, 1], [-Infinity, Infinity]]) {
    assert(firstMismatches([actual], [expected], 1e300).startsWith("1 of 1"));
  }
  assert(firstMismatches([1], [2], NaN).startsWith("1 of 1"));
  assert(firstMismatches([9, NaN, 8], [0, 0, 0], 1).endsWith("worst: 1  NaN  0  NaN  1"));
  assertEquals(firstMismatches([1], [1, 2], 1), "1 elements instead of 2");
  assertEquals(firstMismatches([1, 2], [1, 2], [1]), "1 bounds for 2 elements");
  assertThrows(() => assertClose([1], [2], 0.5, "here"), Error, "here: 1 of 1 elements differ");
});

Deno.test("bits tell apart what numbers do not", () => {
  const nan = (bits: number): Float32Array => new Float32Array(Uint32Array.of(bits).buffer);
  assertBitsEqual(Float32Array.of(1, -0, NaN), Float32Array.of(1, -0, NaN), "the same");
  assertBitsEqual(Float32Array.of(1), Uint32Array.of(0x3f800000), "a float and its bits");
  assertBitsEqual(Float32Array.of(5, 1).subarray(1), Float32Array.of(1), "a view into a larger buffer");
  assertThrows(
    () => assertBitsEqual(Float32Array.of(-0), Float32Array.of(0), "zero"),
    Error,
    "80000000  00000000",
  );
  assertThrows(() => assertBitsEqual(nan(0x7fc00001), nan(0x7fc00000), "NaN"), Error, "7fc00001  7fc00000");
  assertThrows(
    () => assertBitsEqual(Float32Array.of(1), Float32Array.of(), "short"),
    Error,
    "1 elements instead of 0",
  );
});
