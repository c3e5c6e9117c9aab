import { assert, assertEquals } from "@std/assert";
import { floatsFromHex, loadMlpTrace, type MlpRun, type MlpValues } from "../golden/load.ts";
import { adam } from "./adam.ts";
import { assertClose } from "./compare.ts";
import {
  type Architecture,
  type Batch,
  finiteDifferenceGradients,
  forward,
  lossAndGradients,
  lossOf,
  parameterLengths,
  type Parameters,
  trainMlp,
  type Trajectory,
} from "./mlp.ts";
import { equalNeurons } from "./neurons.ts";
import { labelInputs, uniformInputs } from "./random.ts";
import { sgd } from "./sgd.ts";

const trace = loadMlpTrace();
const network: Architecture = { sizes: [4, 8, 3], activation: "relu", loss: "cross_entropy" };
const batch: Batch = { inputs: trace.X, targets: trace.Y, rows: trace.Y.length };

/** What a run may differ by: rounding of float64, or the bound for float32 that golden/README.md gives. */
function bound(run: MlpRun): number {
  return run.dtype === "torch.float64" ? 1e-12 : 2e-6;
}

function named(values: MlpValues): Parameters {
  const entries = { "0.weight": values.W1, "0.bias": values.b1, "2.weight": values.W2, "2.bias": values.b2 };
  return Object.fromEntries(Object.entries(entries).map(([name, list]) => [name, Float64Array.from(list)]));
}

function train(run: MlpRun): Trajectory {
  const batches = Array.from({ length: run.losses.length - 1 }, () => batch);
  const { lr, weight_decay: weightDecay, nesterov } = run;
  const initial = named(run.weights[0]);
  return run.optimizer === "adam"
    ? trainMlp(network, initial, batches, adam({ lr, weightDecay }))
    : trainMlp(network, initial, batches, sgd({ lr, weightDecay, nesterov, momentum: run.momentum! }));
}

function assertParameters(actual: Parameters, expected: Parameters, tolerance: number, label: string): void {
  assertEquals(Object.keys(actual).sort(), Object.keys(expected).sort(), label);
  for (const name in expected) assertClose(actual[name], expected[name], tolerance, `${label} ${name}`);
}

function distinct(values: Parameters): number {
  const layer = { incoming: values["0.weight"], bias: values["0.bias"], outgoing: values["2.weight"] };
  return equalNeurons(layer).length;
}

for (const run of trace.runs) {
  const title =
    `${run.dtype} ${run.init} ${run.optimizer} momentum ${run.momentum} decay ${run.weight_decay}`;
  Deno.test(`the MLP oracle follows PyTorch: ${title}`, () => {
    const { steps, parameters } = train(run);
    const path = [...steps.map((step) => step.parameters), parameters];
    assertEquals(path.length, run.weights.length);
    path.forEach((at, k) =>
      assertParameters(at, named(run.weights[k]), bound(run), `weights before step ${k}`)
    );
    const last = lossOf(network, forward(network, parameters, batch.inputs, batch.rows).logits, batch).loss;
    assertClose([...steps.map((step) => step.loss), last], run.losses, bound(run), "losses");

    const first = forward(network, path[0], batch.inputs, batch.rows);
    assertClose(first.preactivations[0], run.step0.z1, bound(run), "z1");
    assertClose(first.layerInputs[1], run.step0.h, bound(run), "h");
    assertClose(first.logits, run.step0.logits, bound(run), "logits");
    assertClose([steps[0].loss], [run.step0.loss], bound(run), "first loss");
    assertParameters(steps[0].gradients, named(run.step0.grads), bound(run), "first gradient of");
  });

  Deno.test(`distinct neurons by exact comparison: ${title}`, () => {
    // PyTorch's own weights, then the oracle's: that clones stay clones is a fact of the mathematics, not of
    // one program.
    assertEquals(run.weights.map((weights) => distinct(named(weights))), run.distinct_hidden_rows);
    const { steps, parameters } = train(run);
    const path = [...steps.map((step) => step.parameters), parameters];
    assertEquals(path.map(distinct), run.distinct_hidden_rows);
    assertEquals(distinct(named(run.step0.grads)), run.distinct_grad_rows[0]);
    // There the gradients are zero but for rounding, whose count is each program's own (golden/README.md).
    if (run.init === "zeroW_randombias") return;
    assertEquals(steps.map((step) => distinct(step.gradients)), run.distinct_grad_rows.slice(0, -1));
  });
}

Deno.test("the trace's hexadecimal fields hold the bits of its values", () => {
  for (const run of trace.runs) {
    const pairs = [[run.step0.grads, run.step0.grads_hex], [
      run.weights.at(-1)!,
      run.final_weights_hex,
    ]] as const;
    for (const [values, hex] of pairs) {
      for (const name of ["W1", "b1", "W2", "b2"] as const) {
        assertEquals(hex[name][0].length, run.dtype === "torch.float64" ? 16 : 8);
        const read = floatsFromHex(hex[name]);
        assert(values[name].every((value, i) => Object.is(value, read[i])), `${run.init} ${name}`);
      }
    }
  }
});

function randomNetwork(architecture: Architecture, rows: number): { parameters: Parameters; batch: Batch } {
  const { sizes, loss } = architecture;
  const outputs = sizes[sizes.length - 1];
  const entries = Object.entries(parameterLengths(architecture));
  return {
    parameters: Object.fromEntries(entries.map(([name, length], i) => {
      return [name, Float64Array.from(uniformInputs(length, 100 + i))];
    })),
    batch: {
      inputs: uniformInputs(rows * sizes[0], 1),
      targets: loss === "mse" ? uniformInputs(rows * outputs, 2) : labelInputs(rows, 2, outputs),
      rows,
    },
  };
}

for (const loss of ["cross_entropy", "mse"] as const) {
  for (const activation of ["relu", "leaky_relu", "tanh", "sigmoid", "linear"] as const) {
    for (const sizes of [[3, 2], [5, 7, 4], [3, 6, 5, 4, 2]]) {
      Deno.test(`backward agrees with finite differences: ${sizes.join("-")} ${activation} ${loss}`, () => {
        const architecture: Architecture = { sizes, activation, loss };
        const { parameters, batch } = randomNetwork(architecture, 6);
        const hidden = forward(architecture, parameters, batch.inputs, batch.rows).preactivations.slice(
          0,
          -1,
        );
        // No kink within reach of the differences, or they would not be the gradient's.
        assert(hidden.every((values) => values.every((value) => Math.abs(value) > 2 ** -12)));
        const { gradients } = lossAndGradients(architecture, parameters, batch);
        const expected = finiteDifferenceGradients(architecture, parameters, batch);
        assertParameters(gradients, expected, 1e-9, "gradient of");
      });
    }
  }
}
