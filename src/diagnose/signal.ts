/**
 * Signal: the scale of activations and gradients at every layer, and which ReLUs are dead.
 *
 * @module
 */
import { softmaxCrossEntropyGrad } from "../../kernels/softmax_cross_entropy.ts";
import { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { Activations, Gradients, type LinearLayer, type Mlp } from "../nn/mlp.ts";
import type { DeviceData } from "../train/device_data.ts";
import { assertFits } from "../train/device_data.ts";
import type { LayerScale } from "./comparison.ts";

/** Rows that the scales are measured on: enough for a mean, few enough to cost nothing. */
const PROBE_ROWS = 256;

/**
 * Measures the scales of a network with its present parameters, on the first 256 rows of the data (or all, if fewer).
 *
 * @param gpu Where.
 * @param network Which.
 * @param data Real inputs and labels.
 * @returns One entry a linear layer, from the input on. Numbers that are not finite are `null`.
 * @throws {ShapeError} when network and data do not fit.
 */
export async function measureScales(gpu: Gpu, network: Mlp, data: DeviceData): Promise<LayerScale[]> {
  assertFits(network, data);
  const rows = Math.min(PROBE_ROWS, data.rows);
  const classes = network.widths[network.widths.length - 1];
  using stack = new DisposableStack();
  const forward = stack.use(new Activations(gpu, network, rows, true));
  const gradients = stack.use(new Gradients(gpu, network, rows));
  // The last layer has no ReLU: its z are the logits.
  const z = forward.preactivations!, dz = gradients.outputs, logits = z[z.length - 1];
  const loss = stack.use(gpu.buffer("probe loss", "f32", rows));
  const correct = stack.use(gpu.buffer("probe correct", "u32", rows));
  const program = stack.use(
    await gpu.record("measure scales", (r) => {
      const labels = data.labels, gradient = dz[dz.length - 1];
      network.recordForward(r, data.features, rows, forward);
      r.dispatch(
        softmaxCrossEntropyGrad,
        { logits, labels, loss, correct, gradient },
        { n: rows, classes },
      );
      network.recordBackward(r, data.features, rows, forward, gradients);
    }),
  );
  program.submit();
  const values = await gpu.readAll([...z, ...dz]);
  return network.layers.map((layer, i) => layerScale(layer, rows, values[i], values[z.length + i]));
}

function layerScale(
  layer: LinearLayer,
  rows: number,
  z: ArrayLike<number>,
  dz: ArrayLike<number>,
): LayerScale {
  return {
    name: layer.name,
    width: layer.outputs,
    activation: finiteOrNull(rootMeanSquare(z)),
    // The device computes the gradient of the batch's mean loss; a row's own loss weighs `rows` times as much.
    gradient: finiteOrNull(rootMeanSquare(dz) * rows),
    dead: layer.activation === "relu" ? deadFraction(z, layer.outputs) : null,
  };
}

/** sqrt(mean(x²)) in float64; 0 for no elements. */
export function rootMeanSquare(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return x.length === 0 ? 0 : Math.sqrt(sum / x.length);
}

/** Fraction of the columns of z [rows, width] in which nothing is above 0. */
function deadFraction(z: ArrayLike<number>, width: number): number {
  const alive = new Uint8Array(width);
  for (let i = 0; i < z.length; i++) if (z[i] > 0) alive[i % width] = 1;
  return alive.reduce((sum, one) => sum - one, width) / width;
}

/** The number, or `null` where JSON has none for it. */
export function finiteOrNull(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}
