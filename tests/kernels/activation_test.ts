import { assertEquals } from "@std/assert";
import { activation, ACTIVATION_NAMES, activationBackward, biasActivation } from "../../kernels/mod.ts";
import * as oracle from "../oracle/activation.ts";
import { assertBitsEqual, assertClose } from "../oracle/compare.ts";
import { ROUND_TO_NEAREST } from "../oracle/matmul.ts";
import { uniformInputs } from "../oracle/random.ts";
import { ODD_SIZES } from "../oracle/shapes.ts";
import { f32, runCases, runKernel, testGpu } from "../gpu_fixture.ts";
import { DIVISION, FLUSHED } from "./accuracy.ts";

const relu = activation("relu"), biasRelu = biasActivation("relu"), reluBackward = activationBackward("relu");

const SIZES = [...ODD_SIZES, 255, 256, 257, 1009];
const EDGES = [-1, -0, 0, 2, NaN, Infinity, -Infinity, 2 ** -126, -(2 ** -126)];

Deno.test("relu: exact at every size", async () => {
  const z = SIZES.map((n, i) => f32(uniformInputs(n, i)));
  const cases = SIZES.map((n, i) => ({ kernel: relu, inputs: { z: z[i], h: n }, params: { n } }));
  const results = await runCases(await testGpu(), cases);
  SIZES.forEach((n, i) => assertBitsEqual(results[i].h, f32(oracle.relu(z[i])), `n = ${n}`));
});

Deno.test("relu: NaN stays NaN, and both zeros give +0", async () => {
  const { h } = await runKernel(await testGpu(), relu, { z: f32(EDGES), h: EDGES.length }, {
    n: EDGES.length,
  });
  assertEquals([...h], [0, 0, 0, 2, NaN, Infinity, 0, 2 ** -126, 0]);
  assertEquals(Object.is(h[1], 0), true, "relu(-0) is +0");
});

Deno.test("bias_relu: each column gets its own bias, NaN passes", async () => {
  const gpu = await testGpu();
  for (const [rows, columns] of [[0, 3], [1, 1], [3, 5], [17, 1], [7, 129], [129, 13]]) {
    const n = rows * columns, z = f32(uniformInputs(n, 1)), bias = f32(uniformInputs(columns, 2));
    const out = (await runKernel(gpu, biasRelu, { z, bias }, { n, columns })).z;
    const expected = oracle.relu(oracle.biasAdd(z, bias));
    // One addition, rounded once.
    assertClose(out, expected, expected.map((x) => x * ROUND_TO_NEAREST), `${rows}x${columns}`);
  }
  const inputs = { z: f32([NaN, 1, 1, -1]), bias: f32([0, NaN]) };
  assertEquals([...(await runKernel(gpu, biasRelu, inputs, { n: 4, columns: 2 })).z], [NaN, NaN, 1, NaN]);
});

Deno.test("relu_backward: the gradient passes where the output is above 0, and nowhere else", async () => {
  const gpu = await testGpu();
  const h = SIZES.map((n, i) => f32(oracle.relu(uniformInputs(n, i))));
  const g = SIZES.map((n, i) => f32(uniformInputs(n, 100 + i)));
  const cases = SIZES.map((n, i) => ({
    kernel: reluBackward,
    inputs: { h: h[i], g: g[i] },
    params: { n },
  }));
  const results = await runCases(gpu, cases);
  SIZES.forEach((n, i) => assertBitsEqual(results[i].g, f32(oracle.reluGrad(h[i], g[i])), `n = ${n}`));
  const inputs = { h: f32([0, -0, 2 ** -126, 3, 0]), g: f32([5, 5, 5, NaN, NaN]) };
  assertEquals([...(await runKernel(gpu, reluBackward, inputs, { n: 5 })).g], [0, 0, 5, NaN, 0]);
});

/** How far an activation may be off: WGSL grants exp 3 + 2|x| units in the last place and a division 2.5. */
const ACCURACY = { relu: 0, leaky_relu: 2 ** -24, tanh: 2e-6, sigmoid: 2e-6 };

for (const name of ACTIVATION_NAMES) {
  Deno.test(`${name}: forward and backward are the oracle's`, async () => {
    const gpu = await testGpu(), n = 1009, bound = ACCURACY[name];
    const z = f32([...uniformInputs(n - 6, 3)].map((x) => 20 * x).concat([0, -0, 1e-3, -1e-3, 90, -90]));
    const h = (await runKernel(gpu, activation(name), { z, h: n }, { n })).h as Float32Array;
    const expected = oracle.activate(name, z);
    assertClose(h, expected, expected.map((x) => bound * Math.max(1, Math.abs(x))), "forward");
    const g = f32(uniformInputs(n, 4));
    const gradient = (await runKernel(gpu, activationBackward(name), { h: f32(h), g }, { n })).g;
    const wanted = oracle.activateGrad(name, h, g);
    assertClose(gradient, wanted, wanted.map(() => 2 ** -22), "backward");
  });

  Deno.test(`${name}: infinities end where it ends, NaN passes`, async () => {
    const z = f32([Infinity, -Infinity, NaN]);
    const { h } = await runKernel(await testGpu(), activation(name), { z, h: 3 }, { n: 3 });
    const ends = { relu: [Infinity, 0], leaky_relu: [Infinity, -Infinity], tanh: [1, -1], sigmoid: [1, 0] };
    assertEquals([...h], [...ends[name], NaN]);
  });
}

/** Numbers from the smallest normal one to where tanh and sigmoid have reached their ends, of both signs, and 0. */
const SPREAD = f32([
  0,
  ...uniformInputs(500, 7).map((x) => 10 * x),
  ...uniformInputs(500, 8).map((x, i) => x * 10 ** -(i % 30)),
  ...[1, 2, 3, 5, 10, 88, 89, 1e4, 3e38].flatMap((x) => [x, -x]),
]);

const ULP = 2 ** -23;

/** WGSL's exp errs by 3 + 2|x| units in the last place; behind it two sums and a division. */
const afterExp = (x: number): number => (3 + 2 * Math.abs(x)) * ULP + 2 * ROUND_TO_NEAREST + DIVISION;

/** Relative error of each activation at z. */
const FORWARD: Record<typeof ACTIVATION_NAMES[number], (z: number) => number> = {
  relu: () => 0,
  leaky_relu: () => ROUND_TO_NEAREST * 2, // the slope is rounded, and the product
  // 1 - e loses at most what e errs by, times e / (1 - e): below 1.6 from 1/4 on. Nearer to 0 it is a series of few terms.
  tanh: (z) => Math.abs(z) < 0.25 ? 4 * ULP : 1.6 * afterExp(Math.min(2 * Math.abs(z), 20)) + ULP,
  sigmoid: (z) => afterExp(Math.min(Math.abs(z), 90)),
};

for (const name of ACTIVATION_NAMES) {
  Deno.test(`${name}: each value to its last few digits, however small, and its gradient from the output`, async () => {
    const gpu = await testGpu(), n = SPREAD.length, g = f32(uniformInputs(n, 9));
    const { h } = await runKernel(gpu, activation(name), { z: SPREAD, h: n }, { n });
    const expected = oracle.activate(name, SPREAD);
    const bound = expected.map((x, i) => Math.abs(x) * FORWARD[name](SPREAD[i]) + FLUSHED);
    assertClose(h, expected, bound, "forward");
    const gradient = (await runKernel(gpu, activationBackward(name), { h, g }, { n })).g;
    // Of the output as the device has it: 1 - h * h and the products round four times, and 1 - h * h loses no more than 2^-23.
    const slope = oracle.activateGrad(name, h, g);
    assertClose(gradient, slope, slope.map((x, i) => (Math.abs(x) * 4 + Math.abs(g[i])) * ULP), "backward");
  });

  Deno.test(`${name}: behind a bias, NaN stays NaN in its own column`, async () => {
    const gpu = await testGpu(), inputs = { z: f32([1, NaN, 1, 1]), bias: f32([0.5, 0.25]) };
    const { z } = await runKernel(gpu, biasActivation(name), inputs, { n: 4, columns: 2 });
    assertEquals([...z].map(Number.isNaN), [false, true, false, false]);
    const both = oracle.activate(name, [1.5, 1.25]);
    assertClose([z[2], z[3]], both, both.map((x) => x * (FORWARD[name](1.5) + ULP)), "with a bias");
  });
}
