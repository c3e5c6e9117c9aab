import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { expectation, gaussLegendre } from "../../src/diagnose/quadrature.ts";
import {
  cosineByQuadrature,
  cosineMap,
  crossEntropyGradient,
  distributionMoments,
  effectiveRankOf,
  fixedPoint,
  gradientFactor,
  momentMap,
  outputMoment,
  reach,
  reluCosine,
  slopeMoment,
  standardErrors,
  type Transfer,
  transferFunction,
} from "../../src/diagnose/theory.ts";
import { ArgumentError } from "../../src/gpu/errors.ts";
import { type Distribution, drawOnHost, key } from "../../src/random/mod.ts";

const TRANSFERS: Transfer[] = ["linear", "relu", "leaky_relu", "tanh", "sigmoid"];

/** Standard normals, the same at every run. */
function normals(count: number, seed: number): Float32Array {
  return drawOnHost(key(seed), { kind: "normal", mean: 0, std: 1 }, { count }) as Float32Array;
}

/** A mean of samples, with five of its standard errors. */
function sampled(values: Float64Array): { mean: number; bound: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
  return { mean, bound: 5 * Math.sqrt(variance / values.length) };
}

Deno.test("quadrature: polynomials and moments of the normal are exact to rounding", () => {
  const { at, weight } = gaussLegendre(7);
  for (let power = 0; power < 14; power++) {
    const integral = at.reduce((sum, x, i) => sum + weight[i] * x ** power, 0);
    assertAlmostEquals(integral, power % 2 === 0 ? 2 / (power + 1) : 0, 1e-14);
  }
  assertAlmostEquals(expectation(() => 1), 1, 1e-14);
  assertAlmostEquals(expectation((x) => x ** 6), 15, 1e-12);
  assertAlmostEquals(expectation((x) => Math.max(x, 0)), 1 / Math.sqrt(2 * Math.PI), 1e-14);
  assertAlmostEquals(expectation((x) => Math.cos(3 * x)), Math.exp(-4.5), 1e-14);
});

Deno.test("distribution moments: formulas against draws of 2^16", () => {
  const all: Distribution[] = [
    { kind: "constant", value: 0.25 },
    { kind: "uniform", low: -1, high: 3 },
    { kind: "bounded", bound: 0.5 },
    { kind: "normal", mean: 2, std: 0.5 },
    { kind: "truncated_normal", mean: 0, std: 1, low: -2, high: 2 },
    { kind: "truncated_normal", mean: 1, std: 2, low: 0, high: 1.5 },
    { kind: "integers", low: -3, high: 9 },
    { kind: "bernoulli", probability: 0.3 },
  ];
  for (const d of all) {
    const { mean, variance } = distributionMoments(d);
    const x = Float64Array.from(drawOnHost(key(3), d, { count: 2 ** 16 }) as Float32Array);
    const first = sampled(x), second = sampled(x.map((value) => (value - mean) ** 2));
    assertAlmostEquals(first.mean, mean, first.bound + 1e-7, `mean of ${JSON.stringify(d)}`);
    assertAlmostEquals(second.mean, variance, second.bound + 1e-7, `variance of ${JSON.stringify(d)}`);
  }
  // The constant that JAX and Keras divide by.
  const cut = distributionMoments({ kind: "truncated_normal", mean: 0, std: 1, low: -2, high: 2 });
  assertAlmostEquals(Math.sqrt(cut.variance), 0.87962566103423978, 1e-14);
  assertThrows(() => distributionMoments({ kind: "bits" }), ArgumentError, "no moments");
});

Deno.test("moment map and gradient factor: ReLU's closed forms, the others against 2^16 samples", () => {
  for (const q of [1e-6, 0.3, 2, 50]) {
    assertAlmostEquals(momentMap({ transfer: "relu", weight: 1 / 3, bias: 0.1 }, q), q / 6 + 0.1, 1e-15 * q);
    assertEquals(gradientFactor({ transfer: "relu", weight: 2, bias: 0 }, q), 1);
    const z = Float64Array.from(normals(2 ** 16, 5)).map((x) => x * Math.sqrt(q));
    for (const transfer of TRANSFERS) {
      const { f, slope } = transferFunction(transfer);
      const output = sampled(z.map((x) => f(x) ** 2)), slopes = sampled(z.map((x) => slope(x) ** 2));
      assertAlmostEquals(outputMoment(transfer, q), output.mean, output.bound + 1e-12, `${transfer} at ${q}`);
      assertAlmostEquals(slopeMoment(transfer, q), slopes.mean, slopes.bound + 1e-12, `${transfer}' at ${q}`);
    }
  }
  // tanh² = z² - 2/3 z⁴ + …, near 0; E[sech²] = √(2/(π q)) far from it.
  assertAlmostEquals(outputMoment("tanh", 1e-4), 1e-4 - 2e-8 + 17 / 45 * 15 * 1e-12, 1e-14);
  assertAlmostEquals(outputMoment("tanh", 1e8), 1 - Math.sqrt(2 / Math.PI / 1e8), 1e-10);
});

Deno.test("slopes are the transfers' derivatives", () => {
  for (const transfer of TRANSFERS) {
    const { f, slope } = transferFunction(transfer);
    for (const z of [-7, -1.3, -0.2, 0.4, 2, 9]) {
      assertAlmostEquals(slope(z), (f(z + 1e-5) - f(z - 1e-5)) / 2e-5, 1e-9, `${transfer} at ${z}`);
    }
  }
});

Deno.test("cosine map: quadrature has ReLU's closed form, and 2^16 samples have the others'", () => {
  const u = normals(2 ** 16, 6), v = normals(2 ** 16, 7);
  for (const c of [-1, -0.7, 0, 0.2, 0.9, 0.9999, 1]) {
    assertAlmostEquals(cosineByQuadrature("relu", 1, c), cosineMap("relu", 1, c), 1e-12);
    assertAlmostEquals(cosineByQuadrature("linear", 3, c), c, 1e-12);
    for (const [transfer, q] of [["tanh", 0.4], ["tanh", 490], ["sigmoid", 2], ["leaky_relu", 1]] as const) {
      const { f } = transferFunction(transfer), scale = Math.sqrt(q);
      const products = Float64Array.from(
        u,
        (x, i) => f(scale * x) * f(scale * (c * x + Math.sqrt(1 - c * c) * v[i])),
      );
      const { mean, bound } = sampled(products), square = outputMoment(transfer, q);
      assertAlmostEquals(cosineMap(transfer, q, c), mean / square, bound / square, `${transfer} at ${c}`);
    }
  }
  assertAlmostEquals(cosineMap("relu", 1, 0), 1 / Math.PI, 1e-15);
  assertAlmostEquals(cosineMap("tanh", 0, 0.4), 0.4, 1e-9);
});

Deno.test("angle collapse: 30 layers of ReLU make 0.972 of right angles", () => {
  assertAlmostEquals(reluCosine(0, 30), 0.972, 5e-4);
  assertAlmostEquals(reluCosine(1, 30), 1, 1e-15);
});

Deno.test("fixed points: the bias floor 0.4/n, tanh's two phases, ReLU without end", () => {
  const torch = fixedPoint({ transfer: "relu", weight: 1 / 3, bias: 1 / (3 * 512) });
  assertAlmostEquals(torch.q, 0.4 / 512, 1e-17);
  assertAlmostEquals(torch.chi, 1 / 6, 1e-15);
  assertAlmostEquals(torch.depthScale, 1 / Math.log(6), 1e-14);
  assertEquals(fixedPoint({ transfer: "relu", weight: 2, bias: 0.1 }).q, Infinity);
  assertEquals(fixedPoint({ transfer: "relu", weight: 2, bias: 0 }, 3).q, 3);
  assertEquals(fixedPoint({ transfer: "tanh", weight: 0.5, bias: 0 }).q, 0);
  assertAlmostEquals(fixedPoint({ transfer: "tanh", weight: 0.5, bias: 0 }).chi, 0.5, 1e-12);
  const chaotic = { transfer: "tanh", weight: 512, bias: 0 } as const, { q, chi } = fixedPoint(chaotic);
  assertAlmostEquals(momentMap(chaotic, q), q, 1e-9);
  assert(chi > 12 && chi < 12.3);
  assertEquals(reach(1), Infinity);
  assertAlmostEquals(reach(0.1), 6, 1e-12);
});

Deno.test("softmax cross-entropy at the start: the gradient's moment against samples", () => {
  assertAlmostEquals(crossEntropyGradient(10, 0), 0.09, 1e-12);
  assertEquals(crossEntropyGradient(1, 4), 0);
  for (const [classes, q] of [[2, 1], [10, 2], [10, 100], [3, 1e4]]) {
    const rows = 2 ** 13, z = normals(rows * classes, 8);
    const squares = Float64Array.from({ length: rows }, (_, r) => {
      const own = Array.from(z.subarray(r * classes, (r + 1) * classes), (x) => x * Math.sqrt(q));
      const top = Math.max(...own), e = own.map((x) => Math.exp(x - top)), total = e.reduce((a, b) => a + b);
      return e.reduce((sum, x, k) => sum + (x / total - Number(k === r % classes)) ** 2, 0) / classes;
    });
    const { mean, bound } = sampled(squares);
    assertAlmostEquals(crossEntropyGradient(classes, q), mean, bound, `${classes} classes at ${q}`);
  }
  assertAlmostEquals(crossEntropyGradient(10, 1e12), 0.18, 1e-12);
});

Deno.test("effective rank and standard errors: known values", () => {
  assertAlmostEquals(effectiveRankOf([2, 2, 2, 0]), 3, 1e-12);
  assertEquals(effectiveRankOf([5, 0, 0]), 1);
  assertEquals(effectiveRankOf([0, 0]), 0);
  assertAlmostEquals(effectiveRankOf([3, 1]), 4 / 3 ** 0.75, 1e-12);
  assertAlmostEquals(standardErrors(0.95), 1.959963984540054, 1e-12);
  assertAlmostEquals(standardErrors(1 - 1e-4), 3.890591886413, 1e-9);
  assertThrows(() => standardErrors(1), ArgumentError, "level 1");
});
