import { assert, assertEquals, assertThrows } from "@std/assert";
import { assertClose, firstMismatches } from "./compare.ts";
import { gamma, matmul, matmulBound, type MatmulShape, ROUND_EITHER_WAY } from "./matmul.ts";
import { integerInputs, isExactInFloat32, uniformInputs } from "./random.ts";
import { matmulTriples } from "./shapes.ts";

const A = [1, 2, 3, 4, 5, 6]; // [2, 3]
const B = [7, 8, 9, 10, 11, 12]; // [3, 2]
const A_TRANSPOSED = [1, 4, 2, 5, 3, 6];
const B_TRANSPOSED = [7, 9, 11, 8, 10, 12];

Deno.test("a product worked out by hand, with either operand stored transposed", () => {
  const shape = { m: 2, n: 2, k: 3 };
  const expected = Float64Array.of(58, 64, 139, 154);
  assertEquals(matmul(A, B, shape), expected);
  assertEquals(matmul(A_TRANSPOSED, B, { ...shape, transposeA: true }), expected);
  assertEquals(matmul(A, B_TRANSPOSED, { ...shape, transposeB: true }), expected);
  const both = { ...shape, transposeA: true, transposeB: true };
  assertEquals(matmul(A_TRANSPOSED, B_TRANSPOSED, both), expected);
});

Deno.test("empty products: no terms give zeros, no rows or columns give nothing", () => {
  assertEquals(matmul([], [], { m: 2, n: 2, k: 0 }), new Float64Array(4));
  assertEquals(matmul([], [1, 2], { m: 0, n: 2, k: 1 }).length, 0);
  assertEquals(matmulBound([], [], { m: 2, n: 2, k: 0 }), new Float64Array(4));
  assertThrows(() => matmul([1], [1, 2], { m: 1, n: 1, k: 2 }), RangeError, "a has 1 elements, not 2");
});

Deno.test("gamma, and where it ends", () => {
  assertEquals(gamma(0, 2 ** -24), 0);
  assertEquals(gamma(1, 0.25), 1 / 3);
  assertThrows(() => gamma(4, 0.25), RangeError);
});

/** A product as a float32 kernel computes it: every product and every sum rounded. */
function matmulFloat32(a: Float32Array, b: Float32Array, { m, n, k }: MatmulShape): Float32Array {
  const c = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let l = 0; l < k; l++) {
        c[i * n + j] = Math.fround(c[i * n + j] + Math.fround(a[i * k + l] * b[l * n + j]));
      }
    }
  }
  return c;
}

Deno.test("float32 arithmetic stays within the bound at every size, and a lost term does not", () => {
  for (const shape of matmulTriples()) {
    const [a, b] = [uniformInputs(shape.m * shape.k, 1), uniformInputs(shape.k * shape.n, 2)];
    const expected = matmul(a, b, shape);
    const bound = matmulBound(a, b, shape);
    assertClose(matmulFloat32(a, b, shape), expected, bound, JSON.stringify(shape));
    if (expected.length === 0 || shape.k === 0) continue;
    const lost = expected.with(0, expected[0] - a[0] * b[0]);
    assert(
      firstMismatches(lost, expected, bound) !== "",
      `the bound of ${JSON.stringify(shape)} sees nothing`,
    );
  }
});

Deno.test("whole numbers multiply exactly in float32 while k limit^2 stays within 2^24", () => {
  const shape = { m: 9, n: 7, k: 129 };
  const [a, b] = [integerInputs(shape.m * shape.k, 3), integerInputs(shape.k * shape.n, 4)];
  const expected = matmul(a, b, shape);
  assert(isExactInFloat32(expected));
  assertEquals(Float64Array.from(matmulFloat32(a, b, shape)), expected);
});

Deno.test("the bound grows with what the kernel is allowed", () => {
  const shape = { m: 1, n: 1, k: 2 };
  const [plain] = matmulBound([1, 2], [3, -4], shape);
  const [biased] = matmulBound([1, 2], [3, -4], shape, { extraRoundings: 1 });
  const [either] = matmulBound([1, 2], [3, -4], shape, { roundoff: ROUND_EITHER_WAY });
  assertClose(
    [plain, biased, either],
    [2, 3, 4].map((roundings) => roundings * 2 ** -24 * 11),
    1e-11,
    "bounds",
  );
});

Deno.test("the bound allows a device to flush what is below the smallest normal number", () => {
  const shape = { m: 1, n: 1, k: 1 };
  const tiny = [2 ** -70];
  assertClose([0], matmul(tiny, tiny, shape), matmulBound(tiny, tiny, shape), "a flushed product");
});
