import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { besidePrediction } from "../../src/diagnose/depth.ts";
import { countNonFinite, measureSignal, type SignalBatch } from "../../src/diagnose/moments.ts";
import { inputStatistics, predict } from "../../src/diagnose/prediction.ts";
import { effectiveRankOfGram, gramMatrix, meanPairwiseCosine } from "../../src/diagnose/spectrum.ts";
import { ShapeError } from "../../src/gpu/errors.ts";
import { kaimingNormal } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { testGpu } from "../gpu_fixture.ts";
import { type Architecture, forward, lossAndGradients, type Parameters } from "../oracle/mlp.ts";
import { labelInputs, uniformInputs } from "../oracle/random.ts";

const WIDTHS = [6, 9, 7, 4], ROWS = 11;

const features = uniformInputs(ROWS * WIDTHS[0], 1) as Float32Array<ArrayBuffer>;
const labels = labelInputs(ROWS, 2, WIDTHS[3]) as Uint32Array<ArrayBuffer>;

function fill(network: Mlp, edit: (name: string, values: Float32Array) => void = () => {}): Parameters {
  const parameters: Record<string, Float64Array> = {};
  network.parameters.forEach(({ name, tensor }, i) => {
    const values = uniformInputs(tensor.size, i + 5) as Float32Array<ArrayBuffer>;
    edit(name, values);
    network.write(name, values);
    parameters[name] = Float64Array.from(values);
  });
  return parameters;
}

function mean(x: ArrayLike<number>): number {
  return Array.from(x).reduce((sum, v) => sum + v * v, 0) / x.length;
}

function assertRelative(actual: number | null, expected: number, what: string): void {
  // Sums of ten products below 1 through three layers: some tens of roundings of 2^-24 each.
  assertAlmostEquals(actual!, expected, 2e-5 * Math.abs(expected), what);
}

Deno.test("measureSignal: moments, ratios, angles, ranks and norms as in float64", async () => {
  const gpu = await testGpu();
  using network = new Mlp(gpu, WIDTHS);
  const parameters = fill(network),
    shape: Architecture = { sizes: WIDTHS, activation: "relu", loss: "cross_entropy" };
  const { preactivations } = forward(shape, parameters, features, ROWS);
  const each = Array.from({ length: ROWS }, (_, r) => {
    const inputs = features.subarray(r * WIDTHS[0], (r + 1) * WIDTHS[0]);
    return lossAndGradients(shape, parameters, { inputs, targets: [labels[r]], rows: 1 }).gradients;
  });
  const whole =
    lossAndGradients(shape, parameters, { inputs: features, targets: [...labels], rows: ROWS }).gradients;
  const before = gpu.memory.buffers, found = await measureSignal(gpu, network, { features, labels });
  assertEquals(gpu.memory.buffers, before, "nothing is left on the device");
  assertEquals([found.rows, found.firstNonFinite], [ROWS, null]);
  const z = preactivations.map(mean);
  const dz = z.map((_, l) => mean(each.flatMap((gradients) => [...gradients[`${2 * l}.bias`]])));
  found.layers.forEach((layer, l) => {
    assertRelative(layer.secondMoment, z[l], "z");
    assertRelative(layer.gradientMoment, dz[l], "dz");
    if (l > 0) assertRelative(layer.forwardRatio, z[l] / z[l - 1], "forward ratio");
    if (l < 2) assertRelative(layer.backwardRatio, dz[l] / dz[l + 1], "backward ratio");
    const h = l < 2 ? preactivations[l].map((x) => Math.max(x, 0)) : preactivations[l];
    const gram = gramMatrix(h, ROWS, WIDTHS[l + 1]);
    assertRelative(layer.cosine, meanPairwiseCosine(gram)!, "cosine");
    // More rows than neurons: the roots of roundings count a little.
    assertAlmostEquals(layer.effectiveRank!, effectiveRankOfGram(gram), 1e-3);
  });
  assertEquals([found.layers[0].forwardRatio, found.layers[2].backwardRatio], [null, null]);
  found.parameters.forEach(({ name, norm, gradientNorm }) => {
    assertRelative(norm, Math.sqrt(mean(parameters[name]) * parameters[name].length), name);
    assertRelative(gradientNorm, Math.sqrt(mean(whole[name]) * whole[name].length), `${name} gradient`);
  });
});

Deno.test("measureSignal: rows, device buffers, and a gradient instead of labels", async () => {
  const gpu = await testGpu();
  using network = new Mlp(gpu, WIDTHS);
  fill(network);
  using x = gpu.buffer("x", "f32", features.length, features);
  using y = gpu.buffer("y", "u32", ROWS, labels);
  const head = { features: features.slice(0, 5 * WIDTHS[0]), labels: labels.slice(0, 5) };
  const some = await measureSignal(gpu, network, { features: x, labels: y }, { rows: 5 });
  assertEquals(some, await measureSignal(gpu, network, head));
  const outputGradient = uniformInputs(ROWS * WIDTHS[3], 9) as Float32Array<ArrayBuffer>;
  const given = await measureSignal(gpu, network, { features, outputGradient });
  assertEquals(given.layers[2].gradientMoment, mean(outputGradient));
  const none = await measureSignal(gpu, network, { features });
  assertEquals(none.layers.map((layer) => layer.gradientMoment), [null, null, null]);
  assertEquals(none.parameters.map((p) => p.gradientNorm), Array(6).fill(null));
});

Deno.test("measureSignal: dead and saturated units by name", async () => {
  const gpu = await testGpu();
  using relu = new Mlp(gpu, WIDTHS);
  fill(relu, (name, values) => {
    if (name === "0.bias") values[2] = values[7] = -100;
    if (name === "2.bias") values.fill(100);
  });
  const dead = await measureSignal(gpu, relu, { features, labels });
  assert([2, 7].every((unit) => dead.layers[0].deadUnits!.includes(unit)));
  assertEquals(dead.layers.slice(1).map((layer) => layer.deadUnits), [[], null]);
  assertEquals(dead.layers.map((layer) => layer.saturatedUnits), [null, null, null]);
  for (const activation of ["tanh", "sigmoid"] as const) {
    using network = new Mlp(gpu, WIDTHS, activation);
    fill(network, (name, values) => {
      if (!name.startsWith("0.")) return;
      values.fill(0);
      // Just inside and just outside of what counts: atanh 0.99 = 2.6467, logit 0.99 = 4.5951.
      const edge = activation === "tanh" ? 2.6467 : 4.5951;
      if (name === "0.bias") values.set([edge * 1.001, edge * 0.999, -edge * 1.001, -edge * 0.999]);
    });
    const [first] = (await measureSignal(gpu, network, { features })).layers;
    assertEquals(first.saturatedUnits, [0, 2], activation);
    assertAlmostEquals(first.saturated!, 2 / 9, 1e-12);
    assertEquals(first.deadUnits, null);
  }
});

Deno.test("measureSignal: numbers that are none, by their bits, and where they begin", async () => {
  const gpu = await testGpu();
  assertEquals(countNonFinite(Float32Array.of(0, -0, 3e38, -1e-45, NaN, Infinity, -Infinity)), 3);
  using network = new Mlp(gpu, WIDTHS);
  fill(network, (name, values) => {
    if (name === "2.bias") values[3] = Infinity;
  });
  const found = await measureSignal(gpu, network, { features, labels });
  assertEquals(found.firstNonFinite, { layer: "2", where: "forward" });
  assertEquals(found.layers.map((layer) => layer.nonFinite > 0), [false, true, true]);
  assertEquals(found.layers[1].nonFinite, ROWS);
  const { secondMoment, cosine, effectiveRank } = found.layers[1];
  assertEquals([secondMoment, cosine, effectiveRank], [null, null, null]);
  assert(found.layers[0].secondMoment !== null);

  fill(network, (name, values) => {
    if (name === "2.bias") values.fill(1);
    if (name === "4.weight") values.fill(0);
  });
  const outputGradient = new Float32Array(ROWS * WIDTHS[3]);
  outputGradient[1] = NaN;
  const back = await measureSignal(gpu, network, { features, outputGradient });
  assertEquals(back.firstNonFinite, { layer: "4", where: "backward" });
  assertEquals(back.layers[2].nonFiniteGradients, 1);
});

Deno.test("measured beside predicted: He's network lies within its bands, one with a scaled layer does not", async () => {
  const gpu = await testGpu(), widths = [64, 128, 96, 10], rows = 64;
  using network = new Mlp(gpu, widths);
  await network.initialize(kaimingNormal(), key(0));
  const x = uniformInputs(rows * 64, 3) as Float32Array<ArrayBuffer>;
  const y = labelInputs(rows, 4, 10) as Uint32Array<ArrayBuffer>;
  const prediction = predict(widths, kaimingNormal(), "relu", { rows, input: inputStatistics(x, 64) });
  const layers = besidePrediction(prediction, await measureSignal(gpu, network, { features: x, labels: y }));
  assertEquals(layers.map((layer) => layer.forward?.within), [undefined, true, true]);
  assertEquals(layers.map((layer) => layer.backward?.within), [true, true, undefined]);
  layers.forEach(({ cosine }) => assertAlmostEquals(cosine.measured!, cosine.predicted!, 0.2));

  const weights = (await network.read()).get("2.weight")!.map((w) => 3 * w);
  network.write("2.weight", weights);
  const wrong = besidePrediction(prediction, await measureSignal(gpu, network, { features: x, labels: y }));
  assertEquals(wrong.map((layer) => layer.forward?.within), [undefined, false, true]);
  assertEquals(wrong.map((layer) => layer.backward?.within), [false, true, undefined]);
});

Deno.test("measureSignal: a batch that does not fit is refused", async () => {
  const gpu = await testGpu();
  using network = new Mlp(gpu, WIDTHS);
  const refused = (batch: SignalBatch, text: string) =>
    assertRejects(() => measureSignal(gpu, network, batch), ShapeError, text);
  await refused({ features: new Float32Array(7) }, "7 features for 6 inputs");
  await refused({ features: new Float32Array(0) }, "0 features");
  await refused({ features, labels: labels.slice(1) }, "10 labels for 11 rows");
  await refused({ features, outputGradient: new Float32Array(3) }, "3 gradients for 11 rows of 4 outputs");
});
