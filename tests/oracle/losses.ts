/**
 * The two losses of a small network, averaged as PyTorch averages them, with their gradients, in float64.
 *
 * @module
 */
import { expectLength } from "./check.ts";

/** A loss, and what it says to the layer below. */
export interface Loss {
  /** The mean. NaN for an empty batch, as in PyTorch. */
  readonly loss: number;
  /** d loss / d prediction, in the prediction's shape. */
  readonly gradient: Float64Array;
}

/**
 * The logarithm of softmax along each row, by the row's largest logit, so that nothing overflows.
 *
 * @param logits `[rows, classes]`.
 * @param classes The length of a row.
 * @returns log p, `[rows, classes]`.
 */
export function logSoftmax(logits: ArrayLike<number>, classes: number): Float64Array {
  const result = Float64Array.from(logits);
  for (let start = 0; start < result.length; start += classes) {
    const row = result.subarray(start, start + classes);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    // In this order: largest + log(sum) would round away the digits that log(sum) still has.
    for (let i = 0; i < classes; i++) row[i] = row[i] - largest - Math.log(sum);
  }
  return result;
}

/** Softmax along each row: `logits` is `[rows, classes]`, and so is the result. */
export function softmax(logits: ArrayLike<number>, classes: number): Float64Array {
  return logSoftmax(logits, classes).map(Math.exp);
}

/**
 * `torch.nn.CrossEntropyLoss()`: the mean over the rows of -log softmax(row)[label].
 * Its gradient is (softmax - one-hot label) / rows.
 *
 * @param logits `[rows, classes]`.
 * @param labels `[rows]`, whole numbers from 0 to classes - 1.
 * @param classes The length of a row.
 */
export function softmaxCrossEntropy(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): Loss {
  const rows = labels.length;
  expectLength("logits", logits, rows * classes);
  const logProbabilities = logSoftmax(logits, classes);
  const gradient = logProbabilities.map((value) => Math.exp(value) / rows);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const label = labels[row];
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw new RangeError(`label ${label} of row ${row} is not one of ${classes} classes`);
    }
    total -= logProbabilities[row * classes + label];
    gradient[row * classes + label] -= 1 / rows;
  }
  return { loss: total / rows, gradient };
}

/**
 * `torch.nn.MSELoss()`: the mean over all elements, not over rows, of (prediction - target)^2.
 * Its gradient is 2 (prediction - target) / elements.
 *
 * @param prediction Any shape.
 * @param target The same shape.
 */
export function meanSquaredError(prediction: ArrayLike<number>, target: ArrayLike<number>): Loss {
  const count = prediction.length;
  expectLength("target", target, count);
  let total = 0;
  const gradient = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const difference = prediction[i] - target[i];
    total += difference * difference;
    gradient[i] = (2 * difference) / count;
  }
  return { loss: total / count, gradient };
}
