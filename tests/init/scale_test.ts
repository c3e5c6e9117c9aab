import { assert, assertEquals, assertThrows } from "@std/assert";
import { ShapeError } from "../../src/gpu/errors.ts";
import {
  calculateGain,
  fansOf,
  fillOnHost,
  type Initializer,
  initializerByName,
  NONLINEARITIES,
} from "../../src/init/mod.ts";
import { key } from "../../src/random/mod.ts";
import type { Shape } from "../../src/tensor/mod.ts";
import { loadTorchRngInit } from "../golden/load.ts";
import { normalCdf, normalDensity } from "../oracle/normal.ts";

const golden = loadTorchRngInit();

Deno.test("fans are PyTorch's", () => {
  assert(Object.keys(golden.fans).length >= 4);
  for (const [text, [fanIn, fanOut]] of Object.entries(golden.fans)) {
    const shape = JSON.parse(text.replace("(", "[").replace(")", "]")) as number[];
    assertEquals(fansOf(shape), { fanIn, fanOut }, text);
  }
});

Deno.test("fans by definition: inputs and outputs times the size of the kernel", () => {
  assertEquals(fansOf([512, 784]), { fanIn: 784, fanOut: 512 });
  assertEquals(fansOf([0, 5]), { fanIn: 5, fanOut: 0 });
  assertEquals(fansOf([8, 4, 5, 3]), { fanIn: 60, fanOut: 120 });
  assertEquals(fansOf([5, 3, 4, 8], "jax"), { fanIn: 60, fanOut: 120 });
  for (const shape of [[], [7]]) {
    assertThrows(() => fansOf(shape), ShapeError, `shape [${shape}] has no fans`);
  }
});

Deno.test("gains are PyTorch's", () => {
  const slopes: Record<string, number> = { leaky_relu_0_2: 0.2, leaky_relu_sqrt5: Math.sqrt(5) };
  for (const [name, gain] of Object.entries(golden.gains)) {
    const nonlinearity = NONLINEARITIES.find((n) => n === name) ?? "leaky_relu";
    const actual = calculateGain(nonlinearity, slopes[name]);
    assert(Math.abs(actual - gain) <= 1e-15 * gain, `${name}: ${actual}, not ${gain}`);
  }
});

function draw(initializer: Initializer, shape: Shape): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  return fillOnHost(key(20).stream("0.weight"), initializer.weight(shape), { count });
}

Deno.test("torch_linear: weight and bias are drawn from U(-1/sqrt(n), 1/sqrt(n)) and cover it", () => {
  const initializer = initializerByName("torch_linear");
  for (const n of [1, 2, 3, 10, 64, 784, 1009]) {
    const shape = [Math.ceil(20_000 / n), n], bound = 1 / Math.sqrt(n);
    for (const filling of [initializer.weight(shape), initializer.bias(shape)]) {
      assert(filling.kind === "bounded");
      assert(Math.abs(filling.bound - bound) <= 2 ** -51 * bound, `n = ${n}: ${filling.bound}, not ${bound}`);
      const values = fillOnHost(key(n), filling, { count: 20_000 });
      const least = Math.min(...values), most = Math.max(...values), exact = Math.fround(bound);
      // None outside; the outermost of 20000 lies within a thousandth of each end but for e^-10, 1 in 22000.
      assert(least >= -exact && most <= exact, `n = ${n}: ${least} to ${most}`);
      assert(least < -0.999 * bound && most > 0.999 * bound, `n = ${n}: ${least} to ${most}`);
    }
  }
});

/** What the weights of a shape should be like: variance, fourth moment over the variance squared, largest magnitude. */
interface Expected {
  variance: number;
  kurtosis: number;
  most: number;
  mean?: number;
}

const uniform = (bound: number): Expected => ({ variance: bound * bound / 3, kurtosis: 1.8, most: bound });
const normal = (variance: number): Expected => ({ variance, kurtosis: 3, most: 6.35 * Math.sqrt(variance) });

/** A normal with deviation s cut at ±c deviations. */
function truncated(s: number, c: number): Expected {
  const inside = 2 * normalCdf(c) - 1, edge = 2 * c * normalDensity(c) / inside;
  const second = 1 - edge, fourth = 3 * second - c * c * edge;
  return { variance: s * s * second, kurtosis: fourth / (second * second), most: c * s };
}

const OUT = 200, IN = 400;
/** JAX's truncated normals are widened so that the variance is met after the cut at two deviations. */
const met = (variance: number): Expected => truncated(Math.sqrt(variance / truncated(1, 2).variance), 2);

const MOMENTS: [string, Expected][] = [
  ["uniform", { variance: 1 / 12, kurtosis: 1.8, most: 1, mean: 0.5 }],
  ["uniform:-0.3,0.1", { variance: 0.16 / 12, kurtosis: 1.8, most: 0.3, mean: -0.1 }],
  ["normal:0.5", normal(0.25)],
  ["normal:0.5,2", { ...normal(0.25), most: 2 + 0.5 * 6.35, mean: 2 }],
  ["trunc_normal", truncated(1, 2)],
  ["trunc_normal:0.5,0,-0.5,0.5", truncated(0.5, 1)],
  ["torch_linear", uniform(1 / Math.sqrt(IN))],
  ["xavier_uniform", uniform(Math.sqrt(6 / (IN + OUT)))],
  ["xavier_normal:2", normal(4 * 2 / (IN + OUT))],
  ["kaiming_uniform", uniform(Math.sqrt(6 / IN))],
  ["kaiming_uniform:fan_out,relu", uniform(Math.sqrt(6 / OUT))],
  ["kaiming_normal", normal(2 / IN)],
  ["kaiming_normal:fan_in,leaky_relu,0.5", normal(2 / 1.25 / IN)],
  ["lecun_uniform", uniform(Math.sqrt(3 / IN))],
  ["lecun_normal", met(1 / IN)],
  ["glorot_uniform", uniform(Math.sqrt(6 / (IN + OUT)))],
  ["glorot_normal", met(2 / (IN + OUT))],
  ["he_uniform", uniform(Math.sqrt(6 / IN))],
  ["he_normal", met(2 / IN)],
  ["variance_scaling:3,fan_out,normal", normal(3 / OUT)],
];

for (const [name, { variance, kurtosis, most, mean = 0 }] of MOMENTS) {
  Deno.test(`${name}: mean, variance and bounds of 80000 weights are what they should be`, () => {
    const values = draw(initializerByName(name), [OUT, IN]), count = values.length;
    const average = values.reduce((a, b) => a + b, 0) / count;
    const spread = values.reduce((a, b) => a + (b - mean) ** 2, 0) / count;
    // Four standard deviations: of the mean, and of the variance about the known mean. The seed is fixed; one seed in 16000 fails.
    const z1 = (average - mean) / Math.sqrt(variance / count);
    const z2 = (spread - variance) / (variance * Math.sqrt((kurtosis - 1) / count));
    assert(Math.abs(z1) < 4, `mean ${average}: ${z1} standard deviations off`);
    assert(Math.abs(z2) < 4, `variance ${spread}, not ${variance}: ${z2} standard deviations off`);
    const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    assert(largest <= most * (1 + 2 ** -22), `${largest} is beyond ${most}`);
  });
}

Deno.test("biases are 0 but for torch_linear and the constants", () => {
  for (const [name] of MOMENTS) {
    const bias = initializerByName(name).bias([3, 4]);
    if (name === "torch_linear") assertEquals(bias.kind, "bounded");
    else assertEquals(bias, { kind: "constant", value: 0 }, name);
  }
  for (const [name, value] of [["ones", 1], ["zeros", 0], ["constant:0.5", 0.5]] as const) {
    assertEquals(initializerByName(name).bias([3, 4]), { kind: "constant", value });
  }
});

Deno.test("a layer without inputs or outputs can be initialised by everything that draws its weights", () => {
  for (const [name] of MOMENTS) {
    for (const shape of [[0, 5], [5, 0], [0, 0]]) {
      assertEquals(draw(initializerByName(name), shape).length, 0, name);
    }
  }
});
