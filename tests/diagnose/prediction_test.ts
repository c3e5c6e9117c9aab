import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { signalDepth } from "../../src/diagnose/depth.ts";
import { pairCovariances, responses } from "../../src/diagnose/fluctuation.ts";
import { inputStatistics, predict, type Prediction, ratioBand } from "../../src/diagnose/prediction.ts";
import { outputMoment, type Transfer, transferFunction } from "../../src/diagnose/theory.ts";
import { ArgumentError, ShapeError } from "../../src/gpu/errors.ts";
import {
  eye,
  heNormal,
  type Initializer,
  kaimingNormal,
  looksLinear,
  ones,
  orthogonal,
  sparse,
  torchLinear,
  xavierUniform,
  zeros,
} from "../../src/init/mod.ts";
import { fillOnHost } from "../../src/init/mod.ts";
import { drawOnHost, key } from "../../src/random/mod.ts";

const DEEP = Array(32).fill(512);

Deno.test("ratios: 1/6, 1/2 and 1 for ReLU, 1/3 and 1 without an activation", () => {
  const cases: [Initializer, Transfer, number][] = [
    [torchLinear(), "relu", 1 / 6],
    [xavierUniform(), "relu", 1 / 2],
    [kaimingNormal(), "relu", 1],
    [heNormal(), "relu", 1],
    [torchLinear(), "linear", 1 / 3],
    [orthogonal(), "linear", 1],
  ];
  for (const [init, activation, ratio] of cases) {
    const { layers } = predict(DEEP, { ...init, bias: zeros().bias }, activation);
    // JAX's variance is a float32.
    for (const l of layers.slice(1)) assertAlmostEquals(l.forwardRatio!, ratio, 1e-6);
    for (const l of layers.slice(0, 30)) assertAlmostEquals(l.backwardRatio!, ratio, 1e-6);
    assertAlmostEquals(layers[0].secondMoment!, activation === "relu" ? 2 * ratio : ratio, 1e-6);
  }
});

Deno.test("PyTorch's default at 30 layers: the scale looks stable, and every input becomes one", () => {
  const { layers } = predict(DEEP, torchLinear(), "relu", { rows: 512 });
  assertAlmostEquals(layers[29].secondMoment!, 0.4 / 512, 1e-12);
  assertAlmostEquals(layers[29].forwardRatio!, 1, 1e-12);
  assert(layers[29].cosine! > 0.9999);
  const depth = signalDepth(layers);
  assertEquals(depth.cause, "collapsed");
  assert(depth.layers < 10, `${depth.layers}`);
  const he = predict(DEEP.slice(0, 31), kaimingNormal(), "relu");
  assertEquals(signalDepth(he.layers), { layers: 30, lostAt: null, cause: null });
  assertAlmostEquals(he.layers[28].cosine!, 0.972, 5e-3);
  const unbiased = { ...torchLinear(), bias: zeros().bias };
  // 6^7 < 1e6 < 6^8.
  assertEquals(signalDepth(predict(DEEP, unbiased, "relu").layers), {
    layers: 8,
    lostAt: "16",
    cause: "vanished",
  });
});

Deno.test("gradients: of softmax cross-entropy, chained down; wide outputs have small ones", () => {
  const { layers } = predict([64, 256, 256, 10], torchLinear(), "relu", { input: 1 });
  // Logits of E[z²] about 0.01 are next to none: (1 - 1/10) / 10.
  assertAlmostEquals(layers[2].gradientMoment!, 0.09, 1e-3);
  assertAlmostEquals(layers[1].backwardRatio!, 10 / (3 * 256) / 2, 1e-12);
  assertAlmostEquals(layers[0].gradientMoment!, layers[1].gradientMoment! / 6, 1e-12);
  assertEquals(layers[2].backwardRatio, null);
  assertEquals(layers[0].forwardRatio, null);
});

Deno.test("what theory does not cover is null, and says why", () => {
  for (const init of [ones(), eye(), looksLinear()]) {
    const prediction = predict([8, 8, 8, 8], init, "relu"), [first, second] = prediction.layers;
    assertEquals([second.secondMoment, second.gradientMoment, second.cosine, second.noise], [
      null,
      null,
      null,
      null,
    ]);
    assert(second.unknown!.length > 20 && first.unknown === second.unknown);
    assertEquals(ratioBand(prediction, "forward", 0, 1), null);
    assertEquals(ratioBand(prediction, "backward", 0, 1), null);
  }
  // Ones: z = Σ x + 1, and the inputs are known.
  const { layers } = predict([8, 8, 8], ones(), "relu", { input: { secondMoment: 2, mean: 1 } });
  assertAlmostEquals(layers[0].secondMoment!, 8 * 2 + 56 + 1 + 16, 1e-12);
});

Deno.test("zeros: nothing goes in either direction", () => {
  const prediction = predict([8, 8, 8], zeros(), "relu"), [first, last] = prediction.layers;
  assertEquals([first.secondMoment, last.secondMoment, first.cosine], [0, 0, null]);
  assertEquals([last.forwardRatio, first.backwardRatio, first.gradientMoment], [null, 0, 0]);
  assertEquals(ratioBand(prediction, "forward", 0, 1), null);
  assertEquals(signalDepth(prediction.layers), { layers: 0, lostAt: "0", cause: "vanished" });
});

Deno.test("computed fillings: the variance that is taken for known is the drawn one's", () => {
  for (const [init, bound] of [[orthogonal(2), 1e-6], [sparse(0.25, 0.5), 0.15]] as const) {
    for (const [outputs, inputs] of [[16, 48], [48, 16], [24, 24]]) {
      const w = fillOnHost(key(2), init.weight([outputs, inputs]), { count: outputs * inputs });
      const measured = w.reduce((sum, x) => sum + x * x, 0) / w.length;
      const { layers } = predict([inputs, outputs, 4], init, "relu");
      assertAlmostEquals(layers[0].secondMoment! / inputs / measured, 1, bound);
    }
  }
});

Deno.test("wrong use is refused", () => {
  assertThrows(() => predict([4], zeros(), "relu"), ShapeError, "no network");
  assertThrows(() => predict([4, 2], zeros(), "relu", { input: -1 }), ArgumentError, "second moment -1");
  assertThrows(() => predict([4, 2], zeros(), "relu", { rows: 0 }), ArgumentError, "0 rows");
  assertThrows(() => predict([4, 2], zeros(), "relu", { classes: 3 }), ArgumentError, "3 classes");
  const prediction = predict([4, 4, 2], torchLinear(), "relu");
  assertThrows(() => ratioBand(prediction, "forward", 1, 1), ArgumentError, "layers 1 to 1 of 2");
  assertThrows(() => inputStatistics([1, 2, 3], 2), ShapeError, "3 features");
});

Deno.test("input statistics: of four rows by hand", () => {
  const found = inputStatistics([1, 0, 0, 1, 1, 1, 2, 0], 2);
  assertEquals(found.secondMoment, 1);
  assertEquals(found.mean, 0.75);
  // Of the six pairs one points in one direction, two stand at right angles, three enclose 45 degrees.
  assertAlmostEquals(found.cosine!, (1 + 3 * Math.SQRT1_2) / 6, 1e-15);
  assertAlmostEquals(found.rowVariance!, (1 + 1 + 4 + 16) * 4 / 64 - 1, 1e-15);
});

Deno.test("fluctuation: ReLU's closed forms, and Stein's lemma against differences", () => {
  for (const c of [-0.5, 0, 0.6, 1]) {
    const theta = Math.acos(c), p = pairCovariances("relu", 7, c);
    // Cho and Saul's arc-cosine kernels of order 2 and 0.
    const second = (3 * Math.sin(theta) * c + (Math.PI - theta) * (1 + 2 * c * c)) / Math.PI;
    assertAlmostEquals(p.hh, 2 * second - 1, 1e-10);
    assertAlmostEquals(p.slopeCosine, 1 - theta / Math.PI, 1e-12);
    assertAlmostEquals(p.slopes, 2 * (1 - theta / Math.PI), 1e-12);
  }
  const same = pairCovariances("relu", 1, 1);
  for (const [found, value] of [[same.hh, 5], [same.zz, 2], [same.zh, 2], [same.cosineVariance, 0]]) {
    assertAlmostEquals(found, value, 1e-10);
  }
  for (const q of [0.2, 3]) {
    const slope = (Math.log(outputMoment("tanh", q * 1.0001)) - Math.log(outputMoment("tanh", q * 0.9999))) /
      2e-4;
    assertAlmostEquals(responses("tanh", q).forward, slope, 1e-7);
  }
  assertEquals(responses("relu", 3), { forward: 1, backward: 0 });
});

/** One network, in float64 on the host: log ratios between the first and the last layer, forward and backward. */
function trial(
  init: Initializer,
  transfer: Transfer,
  n: number,
  depth: number,
  rows: number,
  seed: number,
): { forward: number; backward: number; cosine: number } {
  const root = key(seed), { f, slope } = transferFunction(transfer), shape = [n, n];
  const standard = { kind: "normal", mean: 0, std: 1 } as const;
  let h = Float64Array.from(drawOnHost(root.stream("x"), standard, { count: rows * n }) as Float32Array);
  const weights: Float32Array[] = [], zs: Float64Array[] = [];
  for (let l = 0; l < depth; l++) {
    const w = fillOnHost(root.stream(`${l}`), init.weight(shape), { count: n * n });
    const b = fillOnHost(root.stream(`${l} bias`), init.bias(shape), { count: n }),
      z = new Float64Array(rows * n);
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < n; o++) {
        let sum = b[o];
        for (let i = 0; i < n; i++) sum += w[o * n + i] * h[r * n + i];
        z[r * n + o] = sum;
      }
    }
    weights.push(w);
    zs.push(z);
    h = z.map(f);
  }
  let g = Float64Array.from(drawOnHost(root.stream("g"), standard, { count: rows * n }) as Float32Array);
  const moment = (x: Float64Array) => x.reduce((sum, value) => sum + value * value, 0);
  const end = moment(g);
  for (let l = depth - 2; l >= 0; l--) {
    const below = new Float64Array(rows * n), w = weights[l + 1];
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < n; o++) {
        const by = g[r * n + o];
        for (let i = 0; i < n; i++) below[r * n + i] += w[o * n + i] * by;
      }
    }
    g = below.map((x, i) => x * slope(zs[l][i]));
  }
  let cosine = 0;
  for (let r = 0; r < rows; r++) {
    const a = h.subarray(r * n, (r + 1) * n);
    for (let s = 0; s < r; s++) {
      const b = h.subarray(s * n, (s + 1) * n);
      cosine += a.reduce((sum, x, i) => sum + x * b[i], 0) / Math.sqrt(moment(a) * moment(b));
    }
  }
  return {
    forward: Math.log(moment(zs[depth - 1]) / moment(zs[0])),
    backward: Math.log(moment(g) / end),
    cosine: cosine / (rows * (rows - 1) / 2),
  };
}

function meanAndDeviation(x: readonly number[]): { mean: number; deviation: number } {
  const mean = x.reduce((a, b) => a + b) / x.length;
  return { mean, deviation: Math.sqrt(x.reduce((s, v) => s + (v - mean) ** 2, 0) / (x.length - 1)) };
}

const TRIALS = 250, LEVEL = 0.9;

/**
 * The model is of first order in the variance of the logarithm: what it leaves out is a relative part of that order. The deviation of
 * 250 trials has a relative standard error of 1 / √500.
 */
function assertModel(
  name: string,
  prediction: Prediction,
  direction: "forward" | "backward",
  depth: number,
  found: readonly number[],
): void {
  const band = ratioBand(prediction, direction, 0, depth - 1, LEVEL)!,
    { mean, deviation } = meanAndDeviation(found);
  const next = band.logError ** 2, text = `${name} ${direction}`;
  assertAlmostEquals(
    mean,
    Math.log(band.expected),
    4 * deviation / Math.sqrt(TRIALS) + next * band.logError,
    text,
  );
  assertAlmostEquals(deviation / band.logError, 1, 4 / Math.sqrt(2 * TRIALS) + next, text);
  const inside = found.filter((x) => Math.log(band.low) <= x && x <= Math.log(band.high)).length / TRIALS;
  assertAlmostEquals(inside, LEVEL, 4 * Math.sqrt(LEVEL * (1 - LEVEL) / TRIALS) + next * (1 - LEVEL), text);
}

Deno.test("standard errors: 250 networks of width 64 spread as the model says", () => {
  const n = 64, depth = 5, rows = 6;
  const cases: [string, Initializer, Transfer][] = [
    ["relu", kaimingNormal(), "relu"],
    ["relu with biases", torchLinear(), "relu"],
    ["tanh", xavierUniform(), "tanh"],
    ["tanh chaotic", xavierUniform({ gain: 4 }), "tanh"],
    ["sigmoid", xavierUniform(), "sigmoid"],
    ["linear", kaimingNormal({ nonlinearity: "linear" }), "linear"],
  ];
  for (const [name, init, transfer] of cases) {
    const found = Array.from({ length: TRIALS }, (_, seed) => trial(init, transfer, n, depth, rows, seed));
    // The trials' gradient begins at the last z, without a transfer of its own.
    const widths = Array(depth + 2).fill(n);
    const prediction = predict(widths, init, transfer, { rows, gradientCosineSquare: 1 / n });
    const top = predict(widths.slice(1), init, transfer, { rows, gradientCosineSquare: 1 / n });
    assertModel(name, prediction, "forward", depth, found.map((t) => t.forward));
    assertModel(name, top, "backward", depth, found.map((t) => t.backward));
    const { mean, deviation } = meanAndDeviation(found.map((t) => t.cosine)),
      layer = prediction.layers[depth - 1];
    assertAlmostEquals(
      mean,
      layer.cosine!,
      4 * deviation / Math.sqrt(TRIALS) + 5 / n * (1 - layer.cosine!),
      name,
    );
    assertAlmostEquals(
      deviation / layer.cosineError!,
      1,
      4 / Math.sqrt(2 * TRIALS) + 5 / n,
      `${name}: cosine`,
    );
  }
});
