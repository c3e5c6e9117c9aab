import { adam, type Kernel, type Lanes, sgd, sgdMomentum } from "../../kernels/mod.ts";
import { assertBitsEqual, assertClose } from "../oracle/compare.ts";
import { ROUND_TO_NEAREST } from "../oracle/matmul.ts";
import { dyadicInputs, uniformInputs } from "../oracle/random.ts";
import * as oracle from "../oracle/sgd.ts";
import { f32, type Output, runKernel, testGpu, u32 } from "../gpu_fixture.ts";

type Params = Readonly<Record<"lr" | "weight_decay" | "momentum", number>>;

const VARIANTS = [
  { name: "plain", momentum: false, nesterov: false },
  { name: "momentum", momentum: true, nesterov: false },
  { name: "nesterov", momentum: true, nesterov: true },
];

function kernelOf({ momentum, nesterov }: { momentum: boolean; nesterov: boolean }, lanes: Lanes): Kernel {
  return (momentum ? sgdMomentum(nesterov, lanes) : sgd(lanes)) as unknown as Kernel;
}

const SIZES = [0, 1, 255, 256, 257, 1009];

/** The weights and the velocities after each of the steps, one for each gradient. */
async function steps(
  variant: { momentum: boolean; nesterov: boolean },
  weight: Float32Array<ArrayBuffer>,
  gradients: Float32Array<ArrayBuffer>[],
  params: Params,
): Promise<Record<"weight" | "velocity", Output>[]> {
  const kernel = kernelOf(variant, 1);
  const path: Record<string, Output>[] = [];
  let state: Record<"weight" | "velocity", Output> = { weight, velocity: new Float32Array(weight.length) };
  for (const gradient of gradients) {
    const inputs = { gradient, ...state }, n = weight.length;
    state = { ...state, ...await runKernel(await testGpu(), kernel, inputs, { n, ...params }) };
    path.push(state);
  }
  return path as Record<"weight" | "velocity", Output>[];
}

for (const variant of VARIANTS) {
  Deno.test(`sgd ${variant.name}: exact on numbers that need no rounding`, async () => {
    // Products of few bits: every intermediate result fits float32's 24 bits over three steps, in any order.
    const params = { lr: 0.5, weight_decay: 0.25, momentum: 0.5 };
    for (const n of SIZES) {
      const weight = f32(dyadicInputs(n, 1, 4)), gradients = [2, 3, 4].map((s) => f32(dyadicInputs(n, s, 4)));
      const path = await steps(variant, weight, gradients, params);
      let expected = oracle.sgd({ lr: 0.5 }).start(weight);
      gradients.forEach((gradient, i) => {
        const momentum = variant.momentum ? params.momentum : 0;
        const options = { lr: 0.5, weightDecay: 0.25, momentum, nesterov: variant.nesterov };
        expected = oracle.sgdStep(expected, gradient, options);
        assertBitsEqual(path[i].weight, f32(expected.weight), `n = ${n}, step ${i}`);
        if (variant.momentum) assertBitsEqual(path[i].velocity, f32(expected.velocity), `velocity ${n}`);
      });
    }
  });

  Deno.test(`sgd ${variant.name}: seven steps with usual numbers, within the bound`, async () => {
    const n = 257, { fround } = Math;
    const params = { lr: fround(0.1), weight_decay: fround(0.01), momentum: fround(0.9) };
    const weight = f32(uniformInputs(n, 1)),
      gradients = [2, 3, 4, 5, 6, 7, 8].map((s) => f32(uniformInputs(n, s)));
    const path = await steps(variant, weight, gradients, params);
    const momentum = variant.momentum ? params.momentum : 0;
    const options = { lr: params.lr, weightDecay: params.weight_decay, momentum, nesterov: variant.nesterov };
    let expected = oracle.sgd(options).start(weight), error = new Errors(n);
    gradients.forEach((gradient, i) => {
      const before = expected;
      expected = oracle.sgdStep(expected, gradient, options);
      error = error.after(before, gradient, expected, options);
      assertClose(path[i].weight, expected.weight, error.weight, `step ${i}`);
    });
  });
}

/** Running error of the steps: each product and each sum rounds once, or less where they are fused. */
class Errors {
  readonly weight: Float64Array;
  readonly velocity: Float64Array;

  constructor(n: number) {
    this.weight = new Float64Array(n);
    this.velocity = new Float64Array(n);
  }

  after(
    before: oracle.SgdState,
    gradient: Float32Array,
    after: oracle.SgdState,
    { lr, momentum = 0, weightDecay = 0, nesterov = false }: oracle.SgdOptions,
  ): Errors {
    const next = new Errors(gradient.length), u = 1.0001 * ROUND_TO_NEAREST, { abs } = Math;
    for (let i = 0; i < gradient.length; i++) {
      const decayed = weightDecay * before.weight[i], g = gradient[i] + decayed;
      const gError = weightDecay * this.weight[i] + u * (abs(decayed) + abs(g));
      const kept = momentum * before.velocity[i], v = after.velocity[i];
      next.velocity[i] = momentum * this.velocity[i] + gError + u * (abs(kept) + abs(v));
      const ahead = momentum * v, step = nesterov ? g + ahead : v;
      const stepError = nesterov
        ? gError + momentum * next.velocity[i] + u * (abs(ahead) + abs(step))
        : next.velocity[i];
      next.weight[i] = this.weight[i] + lr * stepError + u * (abs(lr * step) + abs(after.weight[i]));
    }
    return next;
  }
}

Deno.test("an optimiser on fours: the same bits as one by one", async () => {
  const gpu = await testGpu();
  const params = { lr: 0.1, weight_decay: 0.01, momentum: 0.9, shrink: 0.001, eps: 1e-8 };
  const betas = { beta1: 0.9, beta2: 0.999, rest1: 0.1, rest2: 0.001 };
  const kernels = (lanes: Lanes) => [
    ...VARIANTS.map((variant) => kernelOf(variant, lanes)),
    adam(lanes) as unknown as Kernel,
  ];
  for (const fours of [1, 64, 65, 253]) {
    const buffers = ["weight", "gradient", "velocity", "first", "second"].map((name, seed) =>
      [name, f32(uniformInputs(4 * fours, seed + 1).map((x) => name === "second" ? Math.abs(x) : x))] as const
    );
    const inputs = { ...Object.fromEntries(buffers), schedule: f32([0.01, 1.5]), cursor: u32([0, 0]) };
    for (const [i, one] of kernels(1).entries()) {
      const run = (kernel: Kernel, n: number) => runKernel(gpu, kernel, inputs, { n, ...params, ...betas });
      const [ones, both] = [await run(one, 4 * fours), await run(kernels(4)[i], fours)];
      for (const [name, values] of Object.entries(ones)) {
        assertBitsEqual(both[name], values, `${one.name}, ${name}, ${fours} fours`);
      }
    }
  }
});
