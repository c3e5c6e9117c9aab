import { assert, assertEquals } from "@std/assert";
import { Mlp } from "../../src/nn/mod.ts";
import { DeviceData, Evaluator, Trainer } from "../../src/train/mod.ts";
import { loadMlpTrace, type MlpValues } from "../golden/load.ts";
import { assertClose } from "../oracle/compare.ts";
import { equalNeurons } from "../oracle/neurons.ts";
import { f32, testGpu } from "../gpu_fixture.ts";
import { optimizerOf, PARAMETERS, TRACE_BOUND, traceData, traceRuns } from "./trace.ts";

const trace = loadMlpTrace(), ROWS = trace.Y.length, runs = traceRuns(trace);

function distinctNeurons([incoming, bias, outgoing]: Float32Array[]): number {
  return equalNeurons({ incoming, bias, outgoing }).length;
}

function assertParameters(actual: Float32Array[], expected: MlpValues, label: string): void {
  PARAMETERS.forEach((name, i) => assertClose(actual[i], expected[name], TRACE_BOUND, `${label} ${name}`));
}

Deno.test("the trace holds every float32 run", () => {
  assertEquals(runs.length, 10);
  assertEquals(new Set(runs.map(({ init }) => init)).size, 7);
});

for (const run of runs) {
  const title = `${run.init} ${run.optimizer} momentum ${run.momentum} decay ${run.weight_decay}`;
  Deno.test(`training follows PyTorch in losses, weights and clones: ${title}`, async () => {
    const gpu = await testGpu();
    using data = new DeviceData(gpu, traceData(trace));
    using network = new Mlp(gpu, [4, 8, 3]);
    network.parameters.forEach(({ name }, i) => network.write(name, f32(run.weights[0][PARAMETERS[i]])));
    using trainer = await Trainer.make(gpu, network, data, { optimizer: optimizerOf(run), batch: ROWS });
    using evaluator = await Evaluator.make(gpu, network, data);

    const losses: number[] = [], distinct = [run.distinct_hidden_rows[0]];
    for (let step = 0; step < run.losses.length - 1; step++) {
      const [loss, ...none] = await trainer.epoch();
      assertEquals(none, []);
      losses.push(loss);
      const weights = [...(await network.read()).values()];
      assertParameters(weights, run.weights[step + 1], `after step ${step}`);
      distinct.push(distinctNeurons(weights.slice(0, 3)));
      if (step > 0) continue;
      const gradients = await gpu.readAll(trainer.gradients.parameters.map((p) => p.tensor.buffer));
      assertParameters(gradients, run.step0.grads, "first gradient of");
      const [hidden, logits] = await gpu.readAll(trainer.activations.outputs);
      assertClose(hidden, run.step0.h, TRACE_BOUND, "first hidden layer");
      assertClose(logits, run.step0.logits, TRACE_BOUND, "first logits");
    }
    const { loss, accuracy } = await evaluator.score();
    assertClose([...losses, loss], run.losses, TRACE_BOUND, "losses");
    assert(Math.abs(accuracy - run.final_accuracy) < 1e-6, `accuracy ${accuracy}, not ${run.final_accuracy}`);
    // There the gradients are zero but for rounding, which every program does its own way (golden/README.md).
    if (run.init !== "zeroW_randombias") assertEquals(distinct, run.distinct_hidden_rows);
  });
}
