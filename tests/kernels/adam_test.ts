import { assertEquals } from "@std/assert";
import { adam } from "../../kernels/mod.ts";
import * as oracle from "../oracle/adam.ts";
import { assertClose } from "../oracle/compare.ts";
import { ROUND_TO_NEAREST } from "../oracle/matmul.ts";
import { uniformInputs } from "../oracle/random.ts";
import { f32, type Output, runKernel, testGpu, u32 } from "../gpu_fixture.ts";
import { DIVISION } from "./accuracy.ts";

const { abs, fround } = Math;
const u = 1.0001 * ROUND_TO_NEAREST;

/** WGSL's square root is 1 / inverseSqrt: a division and 2 units in the last place. */
const ROOT = DIVISION + 2 * 2 ** -23;

const OPTIONS = { lr: 0.01, beta1: fround(0.9), beta2: fround(0.999), eps: fround(1e-8) };
type Step = typeof oracle.adamStep;

/** What the host hands to the kernel: as in the documentation of its buffers and parameters. */
function parametersOf(decoupled: boolean, weightDecay: number) {
  const { lr, beta1, beta2, eps } = OPTIONS;
  const decay = { weight_decay: decoupled ? 0 : weightDecay, shrink: decoupled ? lr * weightDecay : 0 };
  return { beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, eps, ...decay };
}

function scheduleOf(steps: number): Float32Array<ArrayBuffer> {
  const { lr, beta1, beta2 } = OPTIONS;
  const each = Array.from(
    { length: steps },
    (_, i) => [lr / (1 - beta1 ** (i + 1)), 1 / Math.sqrt(1 - beta2 ** (i + 1))],
  );
  return f32(each.flat());
}

async function assertFollows(step: Step, decoupled: boolean, n: number): Promise<void> {
  const gpu = await testGpu(), steps = 5, weightDecay = fround(0.1), options = { ...OPTIONS, weightDecay };
  const params = { n, ...parametersOf(decoupled, weightDecay) }, schedule = scheduleOf(steps);
  const zeros = () => new Float32Array(n), weight = f32(uniformInputs(n, 1));
  let state: Record<"weight" | "first" | "second", Output> = { weight, first: zeros(), second: zeros() };
  let expected = oracle.adam(options).start(weight);
  let wError = new Float64Array(n), mError = new Float64Array(n);
  for (let i = 0; i < steps; i++) {
    const gradient = f32(uniformInputs(n, 2 + i)), before = expected;
    const inputs = { gradient, schedule, cursor: u32([i, 0]), ...state };
    state = await runKernel(gpu, adam(1), inputs, params);
    expected = step(before, gradient, options);
    const g = before.weight.map((w, j) => gradient[j] + (decoupled ? 0 : weightDecay * w));
    const gError = g.map((x, j) => decoupled ? 0 : weightDecay * wError[j] + 2 * u * (abs(x) + weightDecay));
    mError = mError.map((e, j) => {
      const terms = abs(OPTIONS.beta1 * before.firstMoment[j]) + 0.1 * abs(g[j]);
      return OPTIONS.beta1 * e + 0.1001 * gError[j] + 3 * u * terms;
    });
    // All terms of the second moment are positive: it errs by a few roundings a step, and by the gradient's own error.
    const vError = expected.secondMoment.map((v, j) =>
      5 * (i + 1) * u + 0.002 * abs(g[j]) * gError[j] * (i + 1) / v
    );
    const change = expected.weight.map((w, j) => abs(w - before.weight[j]));
    wError = wError.map((e, j) => {
      // The step, and what the decay takes from the weight: lr * weightDecay * |w|.
      const size = change[j] + 0.001,
        momentPart = mError[j] / Math.max(abs(expected.firstMoment[j]), mError[j]);
      return e + size * (vError[j] / 2 + momentPart + ROOT + DIVISION + 8 * u) +
        3 * u * abs(before.weight[j]);
    });
    const [m, v] = [expected.firstMoment, expected.secondMoment];
    assertClose(state.first, m, mError, `first moment, step ${i}`);
    assertClose(state.second, v, v.map((x, j) => x * vError[j]), `second moment, step ${i}`);
    assertClose(state.weight, expected.weight, wError, `weight, step ${i}`);
  }
}

for (const n of [1, 257]) {
  Deno.test(`adam follows its formulas over five steps, ${n} elements`, () =>
    assertFollows(oracle.adamStep, false, n));
  Deno.test(`adamw follows its formulas over five steps, ${n} elements`, () =>
    assertFollows(oracle.adamwStep, true, n));
}

Deno.test("adam touches n elements and not one more", async () => {
  const inputs = {
    gradient: f32([1, 1]),
    schedule: scheduleOf(1),
    cursor: u32([0, 0]),
    weight: f32([1, 1]),
    first: 2,
    second: 2,
  };
  const { weight, first, second } = await runKernel(await testGpu(), adam(1), inputs, {
    n: 1,
    ...parametersOf(false, 0),
  });
  assertEquals([weight[1], first[1], second[1]], [1, 0, 0]);
  // The first step goes by the learning rate, whatever the gradient.
  assertClose([weight[0]], [1 - OPTIONS.lr], 1e-6, "first step");
});
