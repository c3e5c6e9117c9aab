/**
 * How far a float32 network may be from the float64 one, derived layer by layer: what each product and each sum rounds, and what
 * the errors before it grow to.
 *
 * @module
 */
import { relu, reluGrad } from "../oracle/activation.ts";
import { gamma, matmul, type MatmulShape, ROUND_TO_NEAREST } from "../oracle/matmul.ts";
import { type Architecture, type Batch, forward, type Parameters } from "../oracle/mlp.ts";
import { softmaxCrossEntropy } from "../oracle/losses.ts";
import { crossEntropyBound } from "../kernels/accuracy.ts";

/** A matrix and how far the device's may be from it. */
interface Uncertain {
  value: Float64Array;
  error: Float64Array;
}

/** Bounds for one pass over a batch. */
export interface NetworkBound {
  /** Of each row's loss, `[rows]`. */
  rowLoss: Float64Array;
  /** Of each logit, `[rows, outputs]`. */
  logits: Float64Array;
  /** Of each parameter's gradient. */
  gradients: Record<string, Float64Array>;
}

const exact = (value: ArrayLike<number>): Uncertain => ({
  value: Float64Array.from(value),
  error: new Float64Array(value.length),
});

/** The error of a product of two uncertain matrices, with `more` roundings beside those of its k terms. */
function productError(a: Uncertain, b: Uncertain, shape: MatmulShape, more = 0): Float64Array {
  const most = ({ value, error }: Uncertain) => value.map((x, i) => Math.abs(x) + error[i]);
  const ofA = matmul(a.error, most(b), shape), ofB = matmul(a.value.map(Math.abs), b.error, shape);
  const rounded = matmul(most(a), most(b), shape), relative = gamma(shape.k + more, ROUND_TO_NEAREST);
  return rounded.map((x, i) => relative * x + ofA[i] + ofB[i]);
}

/**
 * The bounds for a ReLU network under cross-entropy.
 *
 * @throws {Error} when a hidden neuron is so close to its kink that rounding decides on which side: no bound holds there.
 */
export function networkBound(
  { sizes }: Architecture,
  parameters: Parameters,
  { inputs, targets, rows }: Batch,
): NetworkBound {
  const network = { sizes, activation: "relu", loss: "cross_entropy" } as const, layers = sizes.length - 1;
  const { preactivations } = forward(network, parameters, inputs, rows);
  const layerInputs: Uncertain[] = [exact(inputs)];
  let logits = layerInputs[0];
  for (let layer = 0; layer < layers; layer++) {
    const [k, n] = [sizes[layer], sizes[layer + 1]], bias = parameters[`${2 * layer}.bias`];
    const weight = exact(parameters[`${2 * layer}.weight`]);
    const error = productError(layerInputs[layer], weight, { m: rows, n, k, transposeB: true }, 1);
    const relative = gamma(k + 1, ROUND_TO_NEAREST);
    logits = {
      value: preactivations[layer],
      error: error.map((e, i) => e + relative * Math.abs(bias[i % n])),
    };
    if (layer === layers - 1) break;
    const { value, error: off } = logits;
    if (value.some((z, i) => Math.abs(z) <= off[i])) {
      throw new Error("a neuron is on its kink: choose other data");
    }
    layerInputs.push({ value: relu(value), error: off.map((e, i) => value[i] > 0 ? e : 0) });
  }
  const classes = sizes[layers], bound = crossEntropyBound(logits.value, targets, classes, logits.error);
  const { gradient } = softmaxCrossEntropy(logits.value, targets, classes);
  let upstream: Uncertain = { value: gradient, error: bound.gradient };
  const gradients: Record<string, Float64Array> = {};
  for (let layer = layers - 1; layer >= 0; layer--) {
    const [k, n] = [sizes[layer], sizes[layer + 1]], ones = exact(new Float64Array(rows).fill(1));
    const weightShape = { m: n, n: k, k: rows, transposeA: true };
    gradients[`${2 * layer}.weight`] = productError(upstream, layerInputs[layer], weightShape);
    gradients[`${2 * layer}.bias`] = productError(upstream, ones, { m: n, n: 1, k: rows, transposeA: true });
    if (layer === 0) break;
    const weight = exact(parameters[`${2 * layer}.weight`]), shape = { m: rows, n: k, k: n };
    const output = layerInputs[layer].value;
    upstream = {
      value: reluGrad(output, matmul(upstream.value, weight.value, shape)),
      error: reluGrad(output, productError(upstream, weight, shape)),
    };
  }
  return { rowLoss: bound.loss, logits: logits.error, gradients };
}
