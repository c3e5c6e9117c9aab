/**
 * Measuring a network's signal on the device, with its present parameters and any batch: scales, angles, directions, dead and
 * saturated units, numbers that are none, norms.
 *
 * @module
 */
import { softmaxCrossEntropyGrad } from "../../kernels/softmax_cross_entropy.ts";
import type { GpuBuffer } from "../gpu/buffer.ts";
import { DisposableStack } from "../gpu/disposable_stack.ts";
import { ShapeError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Recorder } from "../gpu/recorder.ts";
import { Activations, Gradients, type LinearLayer, type Mlp } from "../nn/mlp.ts";
import type { Optimizer } from "../train/optimizer.ts";
import { firstStepRatios } from "./first_step.ts";
import { effectiveRankOfGram, gramMatrix, meanPairwiseCosine } from "./spectrum.ts";
import { finiteOrNull } from "./signal.ts";

/** What the network is measured on. */
export interface SignalBatch {
  /** [rows, inputs], row-major, on the host or on the device. */
  readonly features: Float32Array<ArrayBuffer> | GpuBuffer<"f32">;
  /** [rows] classes; without them and without `outputGradient` nothing is measured backward. */
  readonly labels?: Uint32Array<ArrayBuffer> | GpuBuffer<"u32">;
  /** [rows, outputs]: each row's gradient of some loss with respect to the last layer's z, instead of labels. */
  readonly outputGradient?: Float32Array<ArrayBuffer>;
}

/** How much is measured. */
export interface MeasureOptions {
  /** What makes a first step, of which the updates are measured on a copy of the parameters; none unless given. */
  readonly optimizer?: Optimizer;
  /** Rows at most, the first ones; 256 unless given. */
  readonly rows?: number;
  /** Rows at most among which angles and directions are measured, the first ones; 256 unless given. Costs its cube. */
  readonly sampleRows?: number;
}

/** One linear layer, measured. A mean over numbers of which some are not finite is `null`. */
export interface MeasuredLayer {
  /** The layer's parameter name without `.weight`. */
  readonly name: string;
  /** Number of outputs. */
  readonly outputs: number;
  /** Mean z² over rows and neurons, before the activation. */
  readonly secondMoment: number | null;
  /** Mean h² after the activation: what the layer passes on. */
  readonly passedMoment: number | null;
  /** The second moment over the layer below's. */
  readonly forwardRatio: number | null;
  /** Mean (∂loss/∂z)² over rows and neurons, of each row's own loss. */
  readonly gradientMoment: number | null;
  /** That over the layer above's. */
  readonly backwardRatio: number | null;
  /** Mean cosine of two rows after the activation. */
  readonly cosine: number | null;
  /** Effective rank of the rows after the activation. */
  readonly effectiveRank: number | null;
  /** Neurons whose ReLU gives 0 for every row; `null` where there is no ReLU. */
  readonly deadUnits: readonly number[] | null;
  /** Neurons that tanh (|h| > 0.99) or sigmoid (within 0.01 of 0 or 1) saturates for every row; `null` where there is neither. */
  readonly saturatedUnits: readonly number[] | null;
  /** Fraction of all numbers after the activation that are saturated. */
  readonly saturated: number | null;
  /** How many z are infinite or NaN. */
  readonly nonFinite: number;
  /** How many gradients are. */
  readonly nonFiniteGradients: number;
}

/** A parameter's size. */
export interface ParameterNorm {
  /** Its name: "0.weight". */
  readonly name: string;
  /** sqrt(Σ w²). */
  readonly norm: number | null;
  /** sqrt(Σ (∂loss/∂w)²) of the batch's mean loss. */
  readonly gradientNorm: number | null;
  /** |w_after - w_before| / |w_before| of a first step of the optimiser, L2 norms; `null` without one, and for a parameter of zeros. */
  readonly updateRatio: number | null;
}

/** What {@linkcode measureSignal} found. */
export interface SignalMeasurement {
  /** Rows that were measured. */
  readonly rows: number;
  /** From the input on. */
  readonly layers: readonly MeasuredLayer[];
  /** Weight and bias of each layer. */
  readonly parameters: readonly ParameterNorm[];
  /** Where numbers that are not finite begin: the first layer on the way forward, or the first on the way back. */
  readonly firstNonFinite: { readonly layer: string; readonly where: "forward" | "backward" } | null;
}

/** What came back from the device. */
interface ReadBack {
  readonly z: readonly Float32Array[];
  readonly h: readonly Float32Array[];
  readonly dz: readonly Float32Array[] | null;
  readonly gradients: readonly Float32Array[] | null;
  readonly weights: readonly Float32Array[];
  readonly updates: readonly (number | null)[] | null;
}

/** |h| above this is saturation of tanh; less than 1 minus this from 0 or 1 that of the sigmoid. */
const SATURATED = 0.99;

/**
 * Measures a network's signal. Sums are in float64 on the host, over what is read back: some 12 bytes a row and neuron.
 *
 * @param gpu Where the network is.
 * @param network With its present parameters.
 * @param batch Inputs, and labels or gradients.
 * @param options How many rows.
 * @throws {ShapeError} when batch and network do not fit.
 */
export async function measureSignal(
  gpu: Gpu,
  network: Mlp,
  batch: SignalBatch,
  { rows: most = 256, sampleRows = 256, optimizer }: MeasureOptions = {},
): Promise<SignalMeasurement> {
  const rows = Math.min(most, rowsOf(network, batch));
  const read = await readBack(gpu, network, batch, rows, optimizer);
  const scale = batch.outputGradient === undefined ? rows : 1;
  const measured = network.layers.map((layer, i) =>
    measureLayer(layer, rows, Math.min(rows, sampleRows), read.z[i], read.h[i], read.dz?.[i], scale)
  );
  const layers = measured.map((layer, i) => ({
    ...layer,
    forwardRatio: ratio(layer.secondMoment, measured[i - 1]?.secondMoment),
    backwardRatio: ratio(layer.gradientMoment, measured[i + 1]?.gradientMoment),
  }));
  const parameters = network.parameters.map(({ name }, i) => ({
    name,
    norm: norm(read.weights[i]),
    gradientNorm: read.gradients === null ? null : norm(read.gradients[i]),
    updateRatio: read.updates === null ? null : read.updates[i],
  }));
  return { rows, layers, parameters, firstNonFinite: firstNonFinite(layers) };
}

function rowsOf(network: Mlp, { features, labels, outputGradient }: SignalBatch): number {
  const inputs = network.widths[0], outputs = network.widths[network.widths.length - 1];
  const rows = features.length / inputs;
  if (!Number.isInteger(rows) || rows === 0) {
    throw new ShapeError(`${features.length} features for ${inputs} inputs`, "give one whole row or more");
  }
  if (labels !== undefined && labels.length !== rows) {
    throw new ShapeError(`${labels.length} labels for ${rows} rows`, "give one each");
  }
  if (outputGradient !== undefined && outputGradient.length !== rows * outputs) {
    throw new ShapeError(
      `${outputGradient.length} gradients for ${rows} rows of ${outputs} outputs`,
      `give ${rows * outputs}`,
    );
  }
  return rows;
}

async function readBack(
  gpu: Gpu,
  network: Mlp,
  batch: SignalBatch,
  rows: number,
  optimizer: Optimizer | undefined,
): Promise<ReadBack> {
  using stack = new DisposableStack();
  const forward = stack.use(new Activations(gpu, network, rows, true)), z = forward.preactivations!;
  const backward = batch.outputGradient !== undefined || batch.labels !== undefined;
  const gradients = backward ? stack.use(new Gradients(gpu, network, rows)) : null;
  const x = batch.features instanceof Float32Array
    ? stack.use(gpu.buffer("features", "f32", batch.features.length, batch.features))
    : batch.features;
  const program = stack.use(
    await gpu.record("measure signal", (r) => {
      network.recordForward(r, x, rows, forward);
      if (gradients === null) return;
      recordLoss(gpu, r, stack, batch, rows, forward.logits, gradients.outputs[gradients.outputs.length - 1]);
      network.recordBackward(r, x, rows, forward, gradients);
    }),
  );
  program.submit();
  const updates = gradients && optimizer ? await firstStepRatios(gpu, network, gradients, optimizer) : null;
  const parts = [
    z,
    forward.outputs,
    network.parameters.map((p) => p.tensor.buffer),
    gradients?.outputs ?? [],
    gradients?.parameters.map((p) => p.tensor.buffer) ?? [],
  ];
  const all = await gpu.readAll(parts.flat()),
    [zs, hs, weights, dz, dw] = parts.map((p) => all.splice(0, p.length));
  return { z: zs, h: hs, weights, dz: gradients && dz, gradients: gradients && dw, updates };
}

/** The gradient of the loss with respect to the logits: what was given, or that of softmax cross-entropy. */
function recordLoss(
  gpu: Gpu,
  r: Recorder,
  stack: DisposableStack,
  { labels: given, outputGradient }: SignalBatch,
  rows: number,
  logits: GpuBuffer<"f32">,
  gradient: GpuBuffer<"f32">,
): void {
  if (outputGradient !== undefined) return gpu.write(gradient, outputGradient.slice(0, gradient.length));
  const loss = stack.use(gpu.buffer("loss", "f32", rows));
  const correct = stack.use(gpu.buffer("correct", "u32", rows));
  const labels = given instanceof Uint32Array
    ? stack.use(gpu.buffer("labels", "u32", given.length, given))
    : given!;
  const buffers = { logits, labels, loss, correct, gradient };
  r.dispatch(softmaxCrossEntropyGrad, buffers, { n: rows, classes: gradient.length / rows });
}

function measureLayer(
  { name, outputs, activation }: LinearLayer,
  rows: number,
  sample: number,
  z: Float32Array,
  h: Float32Array,
  dz: Float32Array | undefined,
  gradientScale: number,
): Omit<MeasuredLayer, "forwardRatio" | "backwardRatio"> {
  const nonFinite = countNonFinite(z), sampled = h.subarray(0, sample * outputs);
  const gram = countNonFinite(sampled) === 0 ? gramMatrix(sampled, sample, outputs) : null;
  const isSaturated = activation === "tanh"
    ? (x: number) => Math.abs(x) > SATURATED
    : activation === "sigmoid"
    ? (x: number) => x > SATURATED || x < 1 - SATURATED
    : null;
  const moment = dz === undefined ? null : finiteOrNull(secondMoment(dz) * gradientScale ** 2);
  return {
    name,
    outputs,
    secondMoment: finiteOrNull(secondMoment(z)),
    passedMoment: finiteOrNull(secondMoment(h)),
    gradientMoment: moment,
    cosine: gram && meanPairwiseCosine(gram),
    effectiveRank: gram && finiteOrNull(effectiveRankOfGram(gram)),
    deadUnits: activation === "relu" ? unitsWhere(z, rows, outputs, (x) => x <= 0) : null,
    saturatedUnits: isSaturated && unitsWhere(h, rows, outputs, isSaturated),
    saturated: isSaturated && h.reduce((sum, x) => sum + Number(isSaturated(x)), 0) / h.length,
    nonFinite,
    nonFiniteGradients: dz === undefined ? 0 : countNonFinite(dz),
  };
}

/** Mean x² in float64; 0 for no elements. No square of a float32 leaves float64's range. */
export function secondMoment(x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return x.length === 0 ? 0 : sum / x.length;
}

/** How many are infinite or NaN: all ones in the exponent's bits. */
export function countNonFinite(x: Float32Array): number {
  const bits = new Uint32Array(x.buffer, x.byteOffset, x.length);
  let count = 0;
  for (let i = 0; i < bits.length; i++) if ((bits[i] & 0x7f800000) === 0x7f800000) count++;
  return count;
}

/** The columns of x [rows, columns] in which something holds for every row, ascending. */
function unitsWhere(x: Float32Array, rows: number, columns: number, holds: (x: number) => boolean): number[] {
  const all = new Uint8Array(columns).fill(1);
  for (let r = 0, i = 0; r < rows; r++) for (let c = 0; c < columns; c++, i++) if (!holds(x[i])) all[c] = 0;
  return Array.from(all.keys()).filter((c) => all[c] === 1);
}

function norm(x: Float32Array): number | null {
  return finiteOrNull(Math.sqrt(secondMoment(x) * x.length));
}

function ratio(a: number | null, b: number | null | undefined): number | null {
  return a === null || b === null || b === undefined || b === 0 ? null : a / b;
}

function firstNonFinite(layers: readonly MeasuredLayer[]): SignalMeasurement["firstNonFinite"] {
  const forward = layers.find((layer) => layer.nonFinite > 0);
  if (forward !== undefined) return { layer: forward.name, where: "forward" };
  const backward = layers.findLast((layer) => layer.nonFiniteGradients > 0);
  return backward === undefined ? null : { layer: backward.name, where: "backward" };
}
