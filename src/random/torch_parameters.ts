/**
 * Parameters that PyTorch draws with more than one call: a sparse weight, and the linear layers of a network.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import type { TorchStream } from "./torch_stream.ts";

/** A parameter as `state_dict` has it. */
export interface TorchParameter {
  /** `0.weight`, `0.bias`, `2.weight`, …: ReLUs, which have no parameters, take the odd numbers. */
  readonly name: string;
  /** A weight's `[out, in]`, a bias's `[out]`. */
  readonly shape: readonly number[];
  /** The elements, row-major. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** `kaiming_uniform_(a=sqrt(5))`, as `nn.Linear` calls it: the slope, and the gain sqrt(2 / (1 + a²)). */
const LINEAR_SLOPE = Math.sqrt(5), LINEAR_GAIN = Math.sqrt(2 / (1 + LINEAR_SLOPE * LINEAR_SLOPE));

/**
 * `nn.init.sparse_(torch.empty(rows, cols), sparsity, std)`: normals, then in each column zeros at the first ceil(sparsity · rows)
 * places of a permutation of its rows. J. Martens, "Deep learning via Hessian-free optimization", 2010.
 *
 * @param stream Where the numbers come from.
 * @param rows Outputs.
 * @param cols Inputs.
 * @param sparsity The share of each column that is zero, 0 to 1.
 * @param std Standard deviation of the others.
 * @returns `[rows, cols]`, row-major.
 * @throws {ArgumentError} when a size is no whole number from 0 on, sparsity is no share, or std is negative or not finite.
 */
export function torchSparse(
  stream: TorchStream,
  rows: number,
  cols: number,
  sparsity: number,
  std: number = 0.01,
): Float32Array<ArrayBuffer> {
  checkSize("rows", rows, 0);
  checkSize("cols", cols, 0);
  if (!(sparsity >= 0 && sparsity <= 1)) {
    throw new ArgumentError(`sparsity ${sparsity}`, "give a number from 0 to 1");
  }
  const out = stream.normal(rows * cols, 0, std), zeros = Math.ceil(sparsity * rows);
  for (let col = 0; col < cols; col++) {
    for (const row of stream.randperm(rows).subarray(0, zeros)) out[row * cols + col] = 0;
  }
  return out;
}

/**
 * The parameters of `nn.Sequential(nn.Linear(w0, w1), nn.ReLU(), nn.Linear(w1, w2), …)`, in the order in which PyTorch draws them:
 * each layer's weight row by row, then its bias, both from U(-1/sqrt(n), 1/sqrt(n)), n the number of inputs.
 *
 * @param stream Where the numbers come from.
 * @param widths Inputs, hidden layers' sizes, outputs: two or more whole numbers from 1 on.
 * @throws {ArgumentError} when there are fewer, or one is no such number.
 */
export function torchLinearParameters(stream: TorchStream, widths: readonly number[]): TorchParameter[] {
  if (widths.length < 2) {
    throw new ArgumentError(`widths [${widths}] have no layer`, "give two or more: inputs and outputs");
  }
  for (const width of widths) checkSize("width", width, 1);
  return widths.slice(1).flatMap((outputs, i) => linear(stream, `${2 * i}`, outputs, widths[i]));
}

/** `nn.Linear(inputs, outputs)`. Both bounds are 1/sqrt(inputs), but by PyTorch's formulas, whose float64 may round otherwise. */
function linear(stream: TorchStream, name: string, outputs: number, inputs: number): TorchParameter[] {
  const weightBound = Math.sqrt(3) * (LINEAR_GAIN / Math.sqrt(inputs)), biasBound = 1 / Math.sqrt(inputs);
  const weight = stream.uniform(outputs * inputs, -weightBound, weightBound);
  const bias = stream.uniform(outputs, -biasBound, biasBound);
  return [
    { name: `${name}.weight`, shape: [outputs, inputs], values: weight },
    { name: `${name}.bias`, shape: [outputs], values: bias },
  ];
}

function checkSize(name: string, size: number, least: number): void {
  if (!Number.isSafeInteger(size) || size < least) {
    throw new ArgumentError(`${name} ${size} is no whole number from ${least} on`, "give one");
  }
}
