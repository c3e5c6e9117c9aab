/**
 * Initialisers by their definitions. Names are in names_test.ts, moments and bounds in scale_test.ts, the numbers of PyTorch and JAX
 * in golden_test.ts.
 */
import { assert, assertEquals, assertLessOrEqual, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ArgumentError, ShapeError } from "../../src/gpu/errors.ts";
import {
  calculateGain,
  constant,
  fansOf,
  fillOnHost,
  INITIALIZER_NAMES,
  initializerByName,
  layersManifest,
  type Layout,
  type Nonlinearity,
} from "../../src/init/mod.ts";
import { key } from "../../src/random/mod.ts";
import { type Shape, sizeOf } from "../../src/tensor/mod.ts";
import { normalDensity } from "../oracle/normal.ts";
import { makeWhole } from "./whole.ts";

const REQUIRED: Record<string, string> = { constant: "constant:0.5", sparse: "sparse:0.25" };
const every = INITIALIZER_NAMES.map((name) => initializerByName(REQUIRED[name] ?? name));

function weights(text: string, shape: Shape, seed = 1, layout: Layout = "torch"): Float32Array {
  const filling = initializerByName(text).weight(shape, { layout });
  return fillOnHost(key(seed).stream("0.weight"), filling, { count: sizeOf(shape) });
}

Deno.test("an initialiser in JSON is the text that names it", () => {
  for (const one of every) assertEquals(JSON.parse(JSON.stringify({ one })).one, one.toString());
});

Deno.test("a constant keeps the sign of its zero, and is finite in float32", () => {
  assertEquals(initializerByName(constant(-0).toString()).options.value, -0);
  assertEquals(constant(-0).toString(), "constant:-0");
  for (const value of [NaN, Infinity, -Infinity, 1e39, -4e38]) {
    assertThrows(() => constant(value), ArgumentError, `${value}`);
  }
});

Deno.test("fans: JAX's layout is PyTorch's in another order", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 5 });
  fc.assert(fc.property(sizes, ([outputs, inputs, ...kernel]) => {
    const field = kernel.reduce((a, b) => a * b, 1);
    const expected = { fanIn: inputs * field, fanOut: outputs * field };
    assertEquals(fansOf([outputs, inputs, ...kernel]), expected);
    assertEquals(fansOf([...kernel, inputs, outputs], "jax"), expected);
  }));
});

/** The integral of f(z)² φ(z), by Simpson's rule on each side of 0, where the functions have their kinks. */
function secondMoment(f: (z: number) => number): number {
  const n = 4000, end = 12, h = end / n;
  let sum = 0;
  for (const side of [-1, 1]) {
    for (let i = 0; i <= n; i++) {
      const z = side * i * h, weight = i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2;
      sum += weight * f(z) ** 2 * normalDensity(z) * h / 3;
    }
  }
  return sum;
}

Deno.test("gains of ReLU and its leaky form keep E[f(z)²]; those of tanh and SELU are conventions and do not", () => {
  const leaky = (slope: number) => (z: number) => z > 0 ? z : slope * z;
  const kept = (name: Nonlinearity, f: (z: number) => number, slope?: number) =>
    calculateGain(name, slope) ** 2 * secondMoment(f);
  const exact = [
    kept("linear", (z) => z),
    kept("relu", leaky(0)),
    ...[0, 0.01, 0.2, 1, Math.sqrt(5)].map((slope) => kept("leaky_relu", leaky(slope), slope)),
  ];
  for (const value of exact) assertLessOrEqual(Math.abs(value - 1), 1e-9);
  assertLessOrEqual(Math.abs(kept("tanh", Math.tanh) - 1.0954), 1e-3);
  const selu = (z: number) => 1.0507009873554805 * (z > 0 ? z : 1.6732632423543772 * Math.expm1(z));
  assertLessOrEqual(Math.abs(kept("selu", selu) - 9 / 16), 1e-9);
});

/** Largest distance of the Gram matrix of the shorter side from a multiple of the identity. */
function gramError(values: Float32Array, rows: number, columns: number, square = 1): number {
  const short = Math.min(rows, columns), long = Math.max(rows, columns);
  const at = (s: number, l: number) => rows <= columns ? values[s * columns + l] : values[l * columns + s];
  let worst = 0;
  for (let i = 0; i < short; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let l = 0; l < long; l++) sum += at(i, l) * at(j, l);
      worst = Math.max(worst, Math.abs(sum - (i === j ? square : 0)));
    }
  }
  return worst;
}

const SIZES = [[1, 1], [3, 5], [5, 3], [64, 64], [130, 127], [1, 9], [9, 1]];

for (const layout of ["torch", "jax"] as const) {
  Deno.test(`orthogonal, ${layout}: the shorter side is orthonormal within 1e-6, times the gain, and again the same`, () => {
    for (const [rows, columns] of SIZES) {
      const values = weights("orthogonal", [rows, columns], 3, layout);
      assertLessOrEqual(gramError(values, rows, columns), 1e-6, `${rows} × ${columns}`);
      assertEquals(weights("orthogonal", [rows, columns], 3, layout), values);
      // Of one element there are only 1 and -1.
      if (values.length > 1) assertNotEquals(weights("orthogonal", [rows, columns], 4, layout), values);
      const scaled = weights("orthogonal:-2.5", [rows, columns], 3, layout);
      assertLessOrEqual(gramError(scaled, rows, columns, 6.25), 6.25e-6);
    }
  });
}

Deno.test("orthogonal: a convolution is flattened, outputs against the rest", () => {
  const flat = weights("orthogonal", [6, 18]);
  assertEquals(weights("orthogonal", [6, 2, 3, 3]), flat);
  assertLessOrEqual(gramError(weights("orthogonal", [3, 3, 2, 6], 1, "jax"), 18, 6), 1e-6);
});

Deno.test("orthogonal: 1024 × 1024 within 1e-6", () => {
  assertLessOrEqual(gramError(weights("orthogonal", [1024, 1024]), 1024, 1024), 1e-6);
});

/**
 * How many standard deviations the means of x and x² are from those of an element of a uniform orthogonal matrix: 0 and 1/n; E[x⁴] is
 * 3 / (n (n + 2)).
 */
function deviations(elements: readonly number[], n: number): { mean: number; square: number } {
  const count = elements.length, sum = elements.reduce((a, x) => a + x, 0);
  const squares = elements.reduce((a, x) => a + x * x, 0);
  const spread = Math.sqrt((3 / (n * (n + 2)) - 1 / (n * n)) / count);
  return { mean: sum / count / Math.sqrt(1 / n / count), square: (squares / count - 1 / n) / spread };
}

Deno.test("orthogonal is uniform over the group: its elements' moments, which fail without the signs of R's diagonal", () => {
  const n = 5, seeds = Array.from({ length: 3000 }, (_, seed) => seed);
  const drawn = seeds.map((seed) => weights("orthogonal", [n, n], seed));
  for (const at of [0, 1, 2 * n + 2, n * n - 1]) {
    const { mean, square } = deviations(drawn.map((q) => q[at]), n);
    // Four standard deviations, both sides: each of the eight fails for one choice of seeds in 16000.
    assert(Math.abs(mean) < 4 && Math.abs(square) < 4, `element ${at}: ${mean}, ${square}`);
  }
  // Householder's QR as it comes makes R00 the opposite of A00's sign: Q00 = -|A00| / |A0| is never positive.
  const plain = seeds.map((seed) => {
    const a = weights("normal", [n, n], seed), column = Array.from({ length: n }, (_, i) => a[i * n]);
    return -Math.abs(column[0]) / Math.hypot(...column);
  });
  assert(deviations(plain, n).mean < -40, "the test would not see a missing sign");
});

/** [out, in, ...kernel] as [...kernel, in, out]. */
function toJax(values: Float32Array, [outputs, inputs, ...kernel]: Shape): Float32Array {
  const field = sizeOf(kernel), out = new Float32Array(values.length);
  values.forEach((value, at) => {
    const k = at % field, i = Math.floor(at / field) % inputs, o = Math.floor(at / field / inputs);
    out[(k * inputs + i) * outputs + o] = value;
  });
  return out;
}

Deno.test("what does not depend on the order of the draws is the same tensor in both layouts", () => {
  const cases: [string, Shape][] = [
    ["eye", [3, 5]],
    ["identity:2", [4, 4]],
    ["dirac", [4, 3, 3]],
    ["dirac:2", [6, 2, 3, 2]],
    ["zero_hadamard", [7, 3]],
    ["zero_hadamard", [5, 2, 3, 3]],
    ["delta_orthogonal", [5, 3, 4]],
    ["delta_orthogonal", [5, 5, 3, 3]],
  ];
  for (const [text, shape] of cases) {
    const [outputs, inputs, ...kernel] = shape;
    const jax = weights(text, [...kernel, inputs, outputs], 1, "jax");
    assertEquals(jax, toJax(weights(text, shape), shape), `${text} [${shape}]`);
  }
});

Deno.test("eye and identity: ones, or the gain, on the diagonal alone; identity only where it is square", () => {
  const rows = (text: string, r: number, c: number) => {
    const values = [...weights(text, [r, c])];
    return Array.from({ length: r }, (_, i) => values.slice(i * c, (i + 1) * c).join(" "));
  };
  assertEquals(rows("eye", 2, 3), ["1 0 0", "0 1 0"]);
  assertEquals(rows("eye", 3, 2), ["1 0", "0 1", "0 0"]);
  assertEquals(rows("identity:-0.5", 2, 2), ["-0.5 0", "0 -0.5"]);
  assertThrows(() => weights("identity", [2, 3]), ShapeError, "not square");
});

Deno.test("dirac: a convolution with it hands the inputs on, in every group", () => {
  for (const [groups, shape] of [[1, [2, 4, 3]], [2, [6, 2, 5]], [3, [6, 5, 4]]] as const) {
    const [outputs, inputs, width] = shape, values = weights(`dirac:${groups}`, shape);
    const perGroup = outputs / groups, centre = Math.floor(width / 2);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        for (let k = 0; k < width; k++) {
          const one = k === centre && i === o % perGroup;
          assertEquals(values[(o * inputs + i) * width + k], one ? 1 : 0, `${shape}: ${o} ${i} ${k}`);
        }
      }
    }
  }
  assertThrows(() => weights("dirac:4", [6, 2, 3]), ShapeError, "6 outputs");
  for (const shape of [[3, 3], [1, 1, 1, 1, 1, 1]]) assertThrows(() => weights("dirac", shape), ShapeError);
});

Deno.test("sparse: ceil(sparsity · rows) zeros in every column, elsewhere N(0, std²)", () => {
  const rows = 50, columns = 400;
  for (const [sparsity, zeros] of [[0, 0], [0.1, 5], [0.101, 6], [0.5, 25], [1, 50]]) {
    const values = weights(`sparse:${sparsity},2`, [rows, columns]);
    const kept = values.filter((value) => value !== 0);
    for (let c = 0; c < columns; c++) {
      const column = Array.from({ length: rows }, (_, r) => values[r * columns + c]);
      assertEquals(column.filter((value) => value === 0).length, zeros, `sparsity ${sparsity}, column ${c}`);
    }
    if (kept.length === 0) continue;
    const variance = kept.reduce((a, x) => a + x * x, 0) / kept.length;
    const z = (variance / 4 - 1) / Math.sqrt(2 / kept.length);
    assert(Math.abs(z) < 4, `variance ${variance}: ${z} standard deviations off`); // one seed in 16000
  }
  // Every row is as likely to be zero: 20000 zeros over 50 rows, 400 each, standard deviation 18 or so.
  const values = weights("sparse:0.5", [50, 800]);
  for (let r = 0; r < 50; r++) {
    const zeros = values.subarray(r * 800, (r + 1) * 800).filter((value) => value === 0).length;
    assert(Math.abs(zeros - 400) < 5 * Math.sqrt(800 / 4), `row ${r}: ${zeros} of 800`); // one in 35000 seeds
  }
});

Deno.test("zero_hadamard: W Wᵀ = I where the width stays or falls; Wᵀ W = 2 I where it rises to a power of two", () => {
  for (const [rows, columns] of [[4, 4], [3, 7], [1, 5]]) {
    assertEquals(weights("zero_hadamard", [rows, columns]), weights("eye", [rows, columns]));
  }
  for (const [rows, columns] of [[8, 3], [16, 15], [64, 10], [2, 1]]) {
    const values = weights("zero_hadamard", [rows, columns]);
    assertLessOrEqual(gramError(values, rows, columns, 2), 1e-6, `${rows} × ${columns}`);
  }
  // Rows of Sylvester's matrix, scaled by 2^(-(m - 1) / 2), m = ceil(log2(6)) = 3.
  const signs = [...weights("zero_hadamard", [6, 4])].map((value) => value * 2);
  const sylvester = [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]];
  assertEquals(signs, [...sylvester, ...sylvester.slice(0, 2)].flat());
  assertEquals(weights("zero_hadamard", [8, 3], 1), weights("zero_hadamard", [8, 3], 2), "no randomness");
});

Deno.test("delta_orthogonal: orthonormal at the kernel's centre, nothing elsewhere", () => {
  for (const [kernel, centre] of [[[3], 1], [[4], 1], [[3, 3], 4], [[2, 3], 1], [[3, 3, 3], 13]] as const) {
    const field = sizeOf(kernel), [outputs, inputs] = [7, 4];
    const values = weights("delta_orthogonal:3", [outputs, inputs, ...kernel]);
    const middle = values.filter((_, at) => at % field === centre);
    assertLessOrEqual(gramError(middle, outputs, inputs, 9), 1e-5, `kernel ${kernel}`);
    assert(values.every((value, at) => at % field === centre || value === 0), `kernel ${kernel}`);
  }
  assertThrows(() => weights("delta_orthogonal", [3, 4, 3]), ShapeError, "3 outputs for 4 inputs");
  assertThrows(() => weights("delta_orthogonal", [3, 3]), ShapeError, "no convolution");
});

/** A network's output, ReLU between layers, in float64. */
function forward(layers: readonly Float32Array[], x: readonly number[]): number[] {
  return layers.reduce((a: readonly number[], w, i) => {
    const z = Array.from(
      { length: w.length / a.length },
      (_, o) => a.reduce((sum, value, j) => sum + value * w[o * a.length + j], 0),
    );
    return i === layers.length - 1 ? z : z.map((value) => Math.max(value, 0));
  }, x) as number[];
}

Deno.test("looks_linear: a ReLU network begins as a linear one; with kaiming_normal it does not", async () => {
  const widths = [5, 8, 12, 6, 3], x = [0.3, -1.2, 2, -0.7, 0.1], y = [-1, 0.4, 0.9, 2.2, -0.6];
  const bend = async (init: string) => {
    const made = await makeWhole(undefined, layersManifest(widths, init, "philox", 8));
    const layers = widths.slice(1).map((_, i) => made.get(`${2 * i}.weight`)!);
    const [fx, fy, sum, opposite] = [x, y, x.map((v, i) => 2 * v - y[i]), x.map((v) => -v)].map((v) =>
      forward(layers, v)
    );
    assert(Math.hypot(...fx) > 0.01, "the output is not simply 0");
    return Math.max(
      ...fx.map((v, i) => Math.max(Math.abs(2 * v - fy[i] - sum[i]), Math.abs(v + opposite[i]))),
    );
  };
  assertLessOrEqual(await bend("looks_linear"), 1e-5);
  assert(await bend("kaiming_normal") > 0.1);
});

Deno.test("looks_linear: mirrored blocks, in the first layer one below the other, in the last side by side", () => {
  const made = (rows: number, columns: number, place: { first?: boolean; last?: boolean }) =>
    fillOnHost(key(1), initializerByName("looks_linear").weight([rows, columns], place), {
      count: rows * columns,
    });
  const [first, last] = [made(8, 3, { first: true }), made(3, 8, { last: true })];
  for (let i = 0; i < 12; i++) assertEquals(first[12 + i], -first[i]);
  for (let r = 0; r < 3; r++) for (let c = 0; c < 4; c++) assertEquals(last[r * 8 + 4 + c], -last[r * 8 + c]);
  const middle = made(4, 6, {}), at = (r: number, c: number) => middle[r * 6 + c];
  for (let r = 0; r < 2; r++) {
    for (let c = 0; c < 3; c++) {
      assertEquals([at(r, c + 3), at(r + 2, c), at(r + 2, c + 3)], [-at(r, c), -at(r, c), at(r, c)]);
    }
  }
  assertThrows(() => made(3, 4, {}), ShapeError, "even widths");
});

Deno.test("a vector has no fans and no matrix: refused with the reason by every initialiser that needs them", () => {
  const ANY_RANK = ["zeros", "ones", "constant", "uniform", "normal", "trunc_normal"];
  for (const one of every) {
    const filling = () => one.weight([7]);
    if (ANY_RANK.includes(one.name)) assertEquals(typeof filling().kind, "string");
    else assertThrows(filling, ShapeError, "shape [7]", one.name);
  }
});
