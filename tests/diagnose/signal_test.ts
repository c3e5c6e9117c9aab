import { assert, assertEquals, assertRejects } from "@std/assert";
import { measureScales } from "../../src/diagnose/signal.ts";
import type { LayerScale } from "../../src/diagnose/comparison.ts";
import { ShapeError } from "../../src/gpu/errors.ts";
import { Gpu } from "../../src/gpu/gpu.ts";
import { Mlp } from "../../src/nn/mlp.ts";
import { DeviceData } from "../../src/train/device_data.ts";
import { assertClose } from "../oracle/compare.ts";
import { type Architecture, forward, lossAndGradients, type Parameters } from "../oracle/mlp.ts";
import { labelInputs, uniformInputs } from "../oracle/random.ts";

const WIDTHS = [6, 9, 7, 4];

/** Random data. */
function rowsOf(rows: number) {
  return {
    name: "made up",
    rows,
    columns: WIDTHS[0],
    classes: WIDTHS[3],
    features: uniformInputs(rows * WIDTHS[0], 11) as Float32Array<ArrayBuffer>,
    labels: labelInputs(rows, 12, WIDTHS[3]) as Uint32Array<ArrayBuffer>,
  };
}

/** Fills a network with random weights, changed by `edit`. */
function fill(network: Mlp, edit: (name: string, values: Float32Array) => void = () => {}): Parameters {
  const parameters: Record<string, Float64Array> = {};
  network.parameters.forEach(({ name, tensor }, i) => {
    const values = uniformInputs(tensor.size, i) as Float32Array<ArrayBuffer>;
    edit(name, values);
    network.write(name, values);
    parameters[name] = Float64Array.from(values);
  });
  return parameters;
}

function rms(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, x) => sum + x * x, 0) / values.length);
}

/** The scales in float64; a layer's bias has the gradient of its z summed over rows, here one row at a time. */
function expectedScales(parameters: Parameters, data: ReturnType<typeof rowsOf>, rows: number): LayerScale[] {
  const network: Architecture = { sizes: WIDTHS, activation: "relu", loss: "cross_entropy" };
  const { preactivations } = forward(network, parameters, data.features.subarray(0, rows * WIDTHS[0]), rows);
  const gradients = Array.from({ length: rows }, (_, row) => {
    const inputs = data.features.subarray(row * WIDTHS[0], (row + 1) * WIDTHS[0]);
    return lossAndGradients(network, parameters, { inputs, targets: [data.labels[row]], rows: 1 }).gradients;
  });
  return preactivations.map((z, layer) => {
    const width = WIDTHS[layer + 1], name = `${2 * layer}`;
    const isDead = (neuron: number) => z.every((value, i) => i % width !== neuron || value <= 0);
    const dead = Array.from({ length: width }, (_, neuron) => neuron).filter(isDead).length;
    return {
      name,
      width,
      activation: rms(z),
      gradient: rms(gradients.flatMap((gradient) => [...gradient[`${name}.bias`]])),
      dead: layer === preactivations.length - 1 ? null : dead / width,
    };
  });
}

function assertScales(actual: LayerScale[], expected: LayerScale[]): void {
  const names = (scales: LayerScale[]) => scales.map(({ name, width, dead }) => ({ name, width, dead }));
  assertEquals(names(actual), names(expected));
  for (const key of ["activation", "gradient"] as const) {
    const [a, e] = [actual, expected].map((scales) => scales.map((scale) => scale[key]!));
    // Sums of ten products below 1 through three layers: some tens of roundings of 2^-24 each.
    assertClose(a, e, e.map((value) => value * 1e-5), key);
  }
}

Deno.test("measureScales: activations, gradients and dead ReLUs as in float64", async () => {
  using gpu = await Gpu.open();
  using network = new Mlp(gpu, WIDTHS);
  for (const rows of [1, 20]) {
    const set = rowsOf(rows);
    using data = new DeviceData(gpu, set);
    // Neurons 2 and 5 of the second hidden layer never fire.
    const parameters = fill(network, (name, values) => {
      if (name === "2.bias") values[2] = values[5] = -100;
    });
    const before = gpu.memory.buffers, expected = expectedScales(parameters, set, rows);
    assert(expected[1].dead! >= 2 / 7);
    assertScales(await measureScales(gpu, network, data), expected);
    assertEquals(gpu.memory.buffers, before, "nothing is left on the device");
  }
});

Deno.test("measureScales: only the first 256 rows count", async () => {
  using gpu = await Gpu.open();
  using network = new Mlp(gpu, WIDTHS);
  const set = rowsOf(300), parameters = fill(network);
  set.features.fill(1e6, 256 * WIDTHS[0]);
  using data = new DeviceData(gpu, set);
  assertScales(await measureScales(gpu, network, data), expectedScales(parameters, set, 256));
});

Deno.test("measureScales: what overflows is null, and a network of zeros is silent and dead", async () => {
  using gpu = await Gpu.open();
  using network = new Mlp(gpu, WIDTHS);
  using data = new DeviceData(gpu, rowsOf(8));
  const zeros = await measureScales(gpu, network, data);
  assertEquals(zeros.map((scale) => scale.activation), [0, 0, 0]);
  assertEquals(zeros.map((scale) => scale.dead), [1, 1, null]);
  assertEquals(zeros.slice(0, 2).map((scale) => scale.gradient), [0, 0]);

  fill(network, (name, values) => {
    if (name.endsWith("weight")) values.fill(1e30);
    if (name === "0.bias") values.fill(1e30);
  });
  const huge = await measureScales(gpu, network, data);
  assert(Number.isFinite(huge[0].activation));
  assertEquals(huge.slice(1).map((scale) => scale.activation), [null, null]);
  assertEquals(huge[0].gradient, null);
});

Deno.test("measureScales: data that does not fit is refused", async () => {
  using gpu = await Gpu.open();
  using network = new Mlp(gpu, [5, 3, 4]);
  using data = new DeviceData(gpu, rowsOf(8));
  await assertRejects(() => measureScales(gpu, network, data), ShapeError, "6 columns");
});
