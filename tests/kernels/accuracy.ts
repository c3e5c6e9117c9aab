/**
 * How far a correct device may be from the float64 references, where more than a sum of products is computed: from the
 * accuracies that WGSL states for its functions (section 15.7.4 of the specification).
 *
 * Sums and products are taken to be rounded to nearest, as every device does them in practice.
 *
 * @module
 */
import { logSoftmax } from "../oracle/losses.ts";
import { ROUND_TO_NEAREST } from "../oracle/matmul.ts";

/** One unit in the last place, relative to the number. */
const ULP = 2 ** -23;
/** WGSL's division: 2.5 units in the last place. */
export const DIVISION = 2.5 * ULP;
/** Results below the smallest normal number may be flushed to zero. */
export const FLUSHED = 2 ** -126;

/** Bounds for the losses of rows and the gradient of their mean. */
export interface CrossEntropyBound {
  /** `[rows]`. */
  loss: Float64Array;
  /** `[rows, classes]`. */
  gradient: Float64Array;
}

/**
 * Bounds for softmax cross-entropy by row maximum, as the kernels compute it: `exp(x)` errs by 3 + 2|x| units in the last place,
 * `log` by 2^-21 between 1/2 and 2 and by 3 units above.
 *
 * @param logits `[rows, classes]`, as the reference has them.
 * @param labels `[rows]`.
 * @param classes The length of a row.
 * @param logitErrors How far the device's logits may be from these, `[rows, classes]`; not at all unless given.
 */
export function crossEntropyBound(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  logitErrors?: ArrayLike<number>,
): CrossEntropyBound {
  const rows = labels.length, logP = logSoftmax(logits, classes);
  const bound = { loss: new Float64Array(rows), gradient: new Float64Array(rows * classes) };
  for (let row = 0; row < rows; row++) {
    const at = (j: number): number => row * classes + j, each = Array.from({ length: classes }, (_, j) => j);
    const top = Math.max(...each.map((j) => logits[at(j)]));
    const off = (j: number): number => logitErrors?.[at(j)] ?? 0, mostOff = Math.max(...each.map(off));
    const d = each.map((j) => logits[at(j)] - top), e = d.map(Math.exp);
    const dError = d.map((x, j) => Math.abs(x) * ROUND_TO_NEAREST + off(j) + mostOff);
    // Where float64 has 0, so far below the top, no error of the logits makes it a float32 above 0.
    const eRelative = d.map((x, j) =>
      e[j] === 0 ? 0 : Math.exp(dError[j]) * (1 + (3 + 2 * Math.abs(x)) * ULP) - 1
    );
    const eError = e.map((x, j) => x * eRelative[j] + FLUSHED);
    const total = e.reduce((a, b) => a + b), worst = total + eError.reduce((a, b) => a + b);
    const relative = (worst * (1 + classes * ROUND_TO_NEAREST) - total) / total;
    const label = labels[row], ownLog = total <= 2 + relative ? 2 ** -21 : 3 * ULP * Math.log(total);
    bound.loss[row] = ownLog - Math.log1p(-relative) + dError[label] -
      logP[at(label)] * ROUND_TO_NEAREST * 2;
    each.forEach((j) => {
      const p = Math.exp(logP[at(j)]), difference = Math.abs(p - (j === label ? 1 : 0));
      const pError = p * ((1 + eRelative[j]) / (1 - relative) * (1 + DIVISION) - 1) + FLUSHED;
      bound.gradient[at(j)] = (pError + (difference + pError) * (ROUND_TO_NEAREST + DIVISION)) / rows +
        FLUSHED;
    });
  }
  return bound;
}
