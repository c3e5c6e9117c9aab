/**
 * A multilayer perceptron of any depth in float64: forward, loss, backward by explicit formulas, and
 * training.
 *
 * Parameters are named as PyTorch's `Sequential` names them when each hidden layer is followed by its
 * activation: `0.weight` `[out, in]`, `0.bias` `[out]`, `2.weight`, … All matrices are row-major.
 *
 * @module
 */
import { activate, activateGrad, type Activation, biasAdd, biasGrad } from "./activation.ts";
import { expectLength } from "./check.ts";
import { type Loss, meanSquaredError, softmaxCrossEntropy } from "./losses.ts";
import { matmul } from "./matmul.ts";
import type { Optimizer, OptimizerState } from "./optimizer.ts";

/** Parameters, or anything that has one value for each parameter's element, by name. */
export type Parameters = Readonly<Record<string, Float64Array>>;

/** A network without its parameters. */
export interface Architecture {
  /** The sizes of the input, the hidden layers and the output: `[4, 8, 3]` has two layers of weights. */
  readonly sizes: readonly number[];
  /** After each layer but the last. */
  readonly activation: Activation;
  /** What the output is judged by. */
  readonly loss: "cross_entropy" | "mse";
}

/** Examples that are seen together. */
export interface Batch {
  /** `[rows, sizes[0]]`. */
  readonly inputs: ArrayLike<number>;
  /** `[rows]` labels for cross_entropy, `[rows, outputs]` values for mse. */
  readonly targets: ArrayLike<number>;
  /** The number of examples. */
  readonly rows: number;
}

/** Everything that the forward pass computes, layer by layer. */
export interface Forward {
  /** `x W^T + b` of each layer, `[rows, out]`; the last are the logits. */
  readonly preactivations: readonly Float64Array[];
  /** What each layer gets: the inputs first, then each hidden layer's activations, `[rows, in]`. */
  readonly layerInputs: readonly Float64Array[];
  /** The last layer's preactivations, `[rows, outputs]`. */
  readonly logits: Float64Array;
}

/** A loss and its gradients by parameter. */
export interface LossAndGradients {
  /** The mean loss over the batch. */
  readonly loss: number;
  /** d loss / d parameter, in the parameter's shape. */
  readonly gradients: Parameters;
}

/** One step of training, as it was before the parameters moved. */
export interface TrainingStep extends LossAndGradients {
  /** The parameters that the loss and the gradients were taken at. */
  readonly parameters: Parameters;
}

/** A whole training. */
export interface Trajectory {
  /** One for each batch. */
  readonly steps: readonly TrainingStep[];
  /** The parameters after the last step. */
  readonly parameters: Parameters;
}

/** The number of elements of each parameter, in the order in which PyTorch lists them. */
export function parameterLengths(network: Architecture): Record<string, number> {
  const lengths: Record<string, number> = {};
  for (let layer = 0; layer + 1 < network.sizes.length; layer++) {
    lengths[weightOf(layer)] = network.sizes[layer + 1] * network.sizes[layer];
    lengths[biasOf(layer)] = network.sizes[layer + 1];
  }
  return lengths;
}

/** The forward pass over `inputs`, `[rows, sizes[0]]`. */
export function forward(
  network: Architecture,
  parameters: Parameters,
  inputs: ArrayLike<number>,
  rows: number,
): Forward {
  const layers = network.sizes.length - 1;
  expectLength("inputs", inputs, rows * network.sizes[0]);
  const layerInputs: Float64Array[] = [Float64Array.from(inputs)];
  const preactivations: Float64Array[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const shape = { m: rows, k: network.sizes[layer], n: network.sizes[layer + 1], transposeB: true };
    const product = matmul(layerInputs[layer], parameters[weightOf(layer)], shape);
    preactivations.push(biasAdd(product, parameters[biasOf(layer)]));
    if (layer + 1 < layers) layerInputs.push(activate(network.activation, preactivations[layer]));
  }
  return { preactivations, layerInputs, logits: preactivations[layers - 1] };
}

/** The loss of the logits that `forward` gave for this batch, and its gradient with respect to them. */
export function lossOf(network: Architecture, logits: ArrayLike<number>, batch: Batch): Loss {
  return network.loss === "mse"
    ? meanSquaredError(logits, batch.targets)
    : softmaxCrossEntropy(logits, batch.targets, network.sizes[network.sizes.length - 1]);
}

/**
 * Backpropagation, written out: with D the gradient of a layer's preactivations, `[rows, out]`, and X its
 * inputs, `dW = D^T X`, `db = sum of D over rows`, `dX = D W`, and D of the layer below is dX times the
 * activation's slope.
 */
export function lossAndGradients(
  network: Architecture,
  parameters: Parameters,
  batch: Batch,
): LossAndGradients {
  const { sizes, activation } = network;
  const { layerInputs, logits } = forward(network, parameters, batch.inputs, batch.rows);
  const { loss, gradient } = lossOf(network, logits, batch);
  const gradients: Record<string, Float64Array> = {};
  let upstream = gradient;
  for (let layer = sizes.length - 2; layer >= 0; layer--) {
    const [inputs, outputs] = [sizes[layer], sizes[layer + 1]];
    const weightShape = { m: outputs, k: batch.rows, n: inputs, transposeA: true };
    gradients[weightOf(layer)] = matmul(upstream, layerInputs[layer], weightShape);
    gradients[biasOf(layer)] = biasGrad(upstream, outputs);
    if (layer === 0) break;
    const below = matmul(upstream, parameters[weightOf(layer)], { m: batch.rows, k: outputs, n: inputs });
    upstream = activateGrad(activation, layerInputs[layer], below);
  }
  return { loss, gradients };
}

/**
 * The gradients again, from nothing but the forward pass: `(loss(w + h) - loss(w - h)) / 2h` for each
 * element. Off by O(h^2) and by O(2^-53 / h), so about 1e-10 at the default h; wrong where a relu has its
 * kink within h.
 *
 * @param network The network.
 * @param parameters Where the gradients are taken; not changed.
 * @param batch The examples.
 * @param h The half-width; near the cube root of 2^-53 both errors balance.
 */
export function finiteDifferenceGradients(
  network: Architecture,
  parameters: Parameters,
  batch: Batch,
  h: number = 2 ** -18,
): Parameters {
  const lossAt = (name: string, index: number, shift: number): number => {
    const moved = parameters[name].with(index, parameters[name][index] + shift);
    const { logits } = forward(network, { ...parameters, [name]: moved }, batch.inputs, batch.rows);
    return lossOf(network, logits, batch).loss;
  };
  return mapParameters(
    parameters,
    (values, name) => values.map((_, i) => (lossAt(name, i, h) - lossAt(name, i, -h)) / (2 * h)),
  );
}

/** Trains for one step on each batch in turn, with one optimiser state for each parameter. */
export function trainMlp<State extends OptimizerState>(
  network: Architecture,
  initial: Parameters,
  batches: Iterable<Batch>,
  optimizer: Optimizer<State>,
): Trajectory {
  const states = new Map(Object.entries(initial).map(([name, values]) => [name, optimizer.start(values)]));
  const steps: TrainingStep[] = [];
  let parameters = initial;
  for (const batch of batches) {
    const { loss, gradients } = lossAndGradients(network, parameters, batch);
    steps.push({ loss, gradients, parameters });
    for (const [name, state] of states) states.set(name, optimizer.step(state, gradients[name]));
    parameters = mapParameters(parameters, (_, name) => states.get(name)!.weight);
  }
  return { steps, parameters };
}

function mapParameters(
  parameters: Parameters,
  change: (values: Float64Array, name: string) => Float64Array,
): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, change(values, name)]));
}

// An activation stands between any two layers, so their places in the Sequential go up by two.
function weightOf(layer: number): string {
  return `${2 * layer}.weight`;
}

function biasOf(layer: number): string {
  return `${2 * layer}.bias`;
}
