import { assert, assertEquals } from "@std/assert";
import { measureSignal } from "../../src/diagnose/mod.ts";
import { type ActivationName, Mlp } from "../../src/nn/mod.ts";
import { adam, adamw, type Optimizer, sgd } from "../../src/train/mod.ts";
import { f32, testGpu, u32 } from "../gpu_fixture.ts";
import { loadMlpTrace } from "../golden/load.ts";
import { adam as oracleAdam, adamw as oracleAdamw } from "../oracle/adam.ts";
import { changeNorms } from "../oracle/change.ts";
import { type Parameters, trainMlp } from "../oracle/mlp.ts";
import type { Optimizer as OracleOptimizer, OptimizerState } from "../oracle/optimizer.ts";
import { labelInputs, uniformInputs } from "../oracle/random.ts";
import { sgd as oracleSgd } from "../oracle/sgd.ts";
import { optimizerOf, PARAMETERS, TRACE_BOUND, traceRuns } from "../train/trace.ts";

const trace = loadMlpTrace(), features = f32(trace.X), labels = u32(trace.Y);

for (const run of traceRuns(trace)) {
  const title = `${run.init} ${run.optimizer} momentum ${run.momentum} decay ${run.weight_decay}`;
  Deno.test(`the first step's ratios as PyTorch has them: ${title}`, async () => {
    const gpu = await testGpu(), [before, after] = run.weights;
    using network = new Mlp(gpu, [4, 8, 3]);
    network.parameters.forEach(({ name }, i) => network.write(name, f32(before[PARAMETERS[i]])));
    const given = await network.read(), buffers = gpu.memory.buffers;
    const { parameters } = await measureSignal(gpu, network, { features, labels }, {
      optimizer: optimizerOf(run),
    });
    assertEquals(await network.read(), given, "the network stays as it is");
    assertEquals(gpu.memory.buffers, buffers, "nothing is left on the device");
    let judged = 0;
    parameters.forEach(({ name, updateRatio }, i) => {
      const key = PARAMETERS[i], { change, size } = changeNorms(before[key], after[key]);
      if (size === 0) return assertEquals(updateRatio, null, name);
      // PyTorch's weights after the step are met to within this, each of them; those before it are the same.
      const off = TRACE_BOUND * Math.sqrt(before[key].length) / size + 1e-5 * change / size;
      assert(Math.abs(updateRatio! - change / size) <= off, `${name}: ${updateRatio}, not ${change / size}`);
      judged++;
    });
    assert(judged > 0 || run.init === "zeros", "something was compared");
  });
}

const WIDTHS = [6, 9, 7, 4], ROWS = 11;

type Pair = readonly [ours: Optimizer, oracle: OracleOptimizer<OptimizerState>];

const PAIRS: readonly Pair[] = [
  [sgd({ lr: 0.05 }), oracleSgd({ lr: 0.05 })],
  [sgd({ lr: 20, weightDecay: 0.1 }), oracleSgd({ lr: 20, weightDecay: 0.1 })],
  [
    sgd({ lr: 1e-4, momentum: 0.9, nesterov: true }),
    oracleSgd({ lr: 1e-4, momentum: 0.9, nesterov: true }),
  ],
  [adam({ lr: 1e-3 }), oracleAdam({ lr: 1e-3 })],
  [adamw({ lr: 0.5 }), oracleAdamw({ lr: 0.5, weightDecay: 0.01 })],
];

for (const activation of ["relu", "tanh", "sigmoid"] as const satisfies readonly ActivationName[]) {
  Deno.test(`the first step's ratios as in float64: ${activation}`, async () => {
    const gpu = await testGpu(), batch = { features: inputs(1), labels: targets() };
    using network = new Mlp(gpu, WIDTHS, activation);
    const initial: Record<string, Float64Array> = {};
    network.parameters.forEach(({ name, tensor }, i) => {
      const values = f32(uniformInputs(tensor.size, i + 5));
      network.write(name, values);
      initial[name] = Float64Array.from(values);
    });
    const shape = { sizes: WIDTHS, activation, loss: "cross_entropy" } as const;
    for (const [optimizer, oracle] of PAIRS) {
      const one = { inputs: batch.features, targets: batch.labels, rows: ROWS };
      const after: Parameters = trainMlp(shape, initial, [one], oracle).parameters;
      const { parameters } = await measureSignal(gpu, network, batch, { optimizer });
      for (const { name, updateRatio } of parameters) {
        const { change, size } = changeNorms(initial[name], after[name]);
        // Gradients are off by some tens of roundings, and each new weight, below 1 + its update, by half of 2^-23 of itself.
        const off = 1e-4 * change / size + 2 ** -23;
        assert(
          Math.abs(updateRatio! - change / size) <= off,
          `${optimizer} ${name}: ${updateRatio}, not ${change / size}`,
        );
      }
    }
  });
}

Deno.test("no ratio without an optimiser, without a way back, for zeros, and where something is not finite", async () => {
  const gpu = await testGpu(),
    optimizer = sgd({ lr: 0.1 }),
    batch = { features: inputs(1), labels: targets() };
  using network = new Mlp(gpu, WIDTHS);
  network.parameters.forEach(({ name, tensor }, i) =>
    network.write(name, f32(uniformInputs(tensor.size, i)))
  );
  network.write("2.bias", new Float32Array(7));
  const ratios = async (...args: [typeof batch | { features: typeof batch.features }, Optimizer?]) => {
    const { parameters } = await measureSignal(gpu, network, args[0], { optimizer: args[1] });
    return parameters.map(({ updateRatio }) => updateRatio === null ? null : typeof updateRatio);
  };
  const none = new Array(6).fill(null);
  assertEquals(await ratios(batch), none);
  assertEquals(await ratios({ features: batch.features }, optimizer), none);
  assertEquals(await ratios(batch, optimizer), ["number", "number", "number", null, "number", "number"]);
  // Of a layer that ReLU does not follow: a device may take max(NaN, 0) for 0.
  network.write("4.weight", new Float32Array(28).fill(NaN));
  assertEquals(await ratios(batch, optimizer), none);
});

function inputs(seed: number): Float32Array<ArrayBuffer> {
  return f32(uniformInputs(ROWS * WIDTHS[0], seed));
}

function targets(): Uint32Array<ArrayBuffer> {
  return labelInputs(ROWS, 2, WIDTHS[3]) as Uint32Array<ArrayBuffer>;
}
