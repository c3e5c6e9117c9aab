import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  effectiveRankOfGram,
  eigenvalues,
  gramMatrix,
  meanPairwiseCosine,
  pairwiseCosine,
} from "../../src/diagnose/spectrum.ts";
import { drawOnHost, key } from "../../src/random/mod.ts";

function normals(count: number, seed: number): Float64Array {
  return Float64Array.from(
    drawOnHost(key(seed), { kind: "normal", mean: 0, std: 1 }, { count }) as Float32Array,
  );
}

/** V diag(λ) Vᵀ with V a product of two reflections. */
function withSpectrum(lambda: readonly number[]): Float64Array {
  const n = lambda.length, matrix = new Float64Array(n * n);
  lambda.forEach((value, i) => matrix[i * (n + 1)] = value);
  for (const seed of [1, 2]) {
    const v = normals(n, seed), square = v.reduce((sum, x) => sum + x * x, 0);
    const reflect = (at: (i: number) => number) => {
      let along = 0;
      for (let i = 0; i < n; i++) along += v[i] * matrix[at(i)];
      for (let i = 0; i < n; i++) matrix[at(i)] -= 2 * along / square * v[i];
    };
    for (let c = 0; c < n; c++) reflect((i) => i * n + c);
    for (let r = 0; r < n; r++) reflect((i) => r * n + i);
  }
  return matrix;
}

Deno.test("eigenvalues: of rotated diagonals, repeated and spread over many decades", () => {
  const spectra = [
    [3],
    [0, 0, 0, 0],
    [5, 5, 5],
    [-4, 1, 2, 1e-9, 7],
    Array.from({ length: 40 }, (_, i) => 10 ** (i / 4 - 9)),
    [1e200, 3e199, 1e180],
    [0, 0, 0, 1],
  ];
  for (const lambda of spectra) {
    const found = [...eigenvalues(withSpectrum(lambda))].sort((a, b) => a - b);
    const scale = Math.max(...lambda.map(Math.abs));
    [...lambda].sort((a, b) => a - b).forEach((value, i) =>
      assertAlmostEquals(found[i], value, 1e-14 * lambda.length * scale)
    );
  }
});

Deno.test("eigenvalues: 2 - 2 cos of the second difference", () => {
  const n = 50, matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    matrix[i * (n + 1)] = 2;
    if (i > 0) matrix[i * n + i - 1] = matrix[(i - 1) * n + i] = -1;
  }
  const found = eigenvalues(matrix).sort();
  found.forEach((value, i) =>
    assertAlmostEquals(value, 2 - 2 * Math.cos((i + 1) * Math.PI / (n + 1)), 1e-13)
  );
});

Deno.test("effective rank: orthogonal rows, copies, and numbers far from 1", () => {
  const rows = 6, columns = 9;
  for (const scale of [1, 1e-100, 1e100]) {
    const orthogonal = new Float64Array(rows * columns), copies = new Float64Array(rows * columns);
    for (let r = 0; r < rows; r++) orthogonal[r * columns + r] = 2 * scale;
    for (let i = 0; i < copies.length; i++) copies[i] = scale * (1 + i % columns);
    const [square, one] = [orthogonal, copies].map((x) => gramMatrix(x, rows, columns));
    assertAlmostEquals(effectiveRankOfGram(square), rows, 1e-12);
    // A singular value of 0 comes back as the root of a rounding: 1e-8.
    assertAlmostEquals(effectiveRankOfGram(one), 1, 1e-5);
    assertAlmostEquals(meanPairwiseCosine(square)!, 0, 1e-15);
    assertAlmostEquals(meanPairwiseCosine(one)!, 1, 1e-14);
  }
  assertEquals(effectiveRankOfGram(new Float64Array(9)), 0);
});

Deno.test("pairwise cosine: as pair by pair; rows without direction do not count", () => {
  const x = normals(5 * 4, 3);
  x.fill(0, 8, 12);
  const lengths = Array.from({ length: 5 }, (_, r) => Math.hypot(...x.subarray(r * 4, r * 4 + 4)));
  const cosines: number[] = [];
  for (const a of [0, 1, 3, 4]) {
    for (const b of [0, 1, 3, 4].filter((b) => b < a)) {
      let dot = 0;
      for (let i = 0; i < 4; i++) dot += x[a * 4 + i] * x[b * 4 + i];
      cosines.push(dot / lengths[a] / lengths[b]);
    }
  }
  const mean = cosines.reduce((a, b) => a + b) / 6;
  const found = pairwiseCosine(gramMatrix(x, 5, 4))!;
  assertAlmostEquals(found.mean, mean, 1e-14);
  assertAlmostEquals(found.variance, cosines.reduce((s, c) => s + (c - mean) ** 2, 0) / 6, 1e-14);
  assertEquals(meanPairwiseCosine(new Float64Array(16)), null);
  assertEquals(meanPairwiseCosine(Float64Array.from([1])), null);
  assert(found.mean < 1);
});
