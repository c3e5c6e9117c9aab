/**
 * Softmax cross-entropy of logits against class labels: loss, prediction, and gradient, in one pass over each row.
 *
 * loss = log Σ exp(z_j - z_max) - (z_label - z_max); gradient = (softmax(z) - onehot) / rows, the gradient of the mean over
 * the batch, as PyTorch's `cross_entropy` gives it.
 *
 * @module
 */
import { elementwise, type Kernel, reads, writes } from "./kernel.ts";

/** WGSL for one row: its largest logit and where it is, and the sum of exponentials. Ties go to the first. */
const ROW = `
  let row = i * p.classes;
  var top = logits[row];
  var best = 0u;
  for (var j = 1u; j < p.classes; j++) {
    let z = logits[row + j];
    if (z > top) { top = z; best = j; }
  }
  var total = 0.0;
  for (var j = 0u; j < p.classes; j++) { total += exp(logits[row + j] - top); }
  let label = labels[i];
  loss[i] = log(total) - (logits[row + label] - top);
  correct[i] = select(0u, 1u, best == label);`;

/**
 * Forward: `loss[i]` and `correct[i]` (1 where the largest logit is the label's) for each row of logits [n, classes].
 *
 * Parameters: `n` rows, `classes` columns.
 */
export const softmaxCrossEntropy: Kernel<"logits" | "labels" | "loss" | "correct", "n" | "classes"> =
  elementwise({
    name: "softmax_cross_entropy",
    bindings: [reads("logits"), reads("labels", "u32"), writes("loss"), writes("correct", "u32")],
    params: { classes: "u32" },
    workgroupSize: 64,
    statement: ROW,
  });

/**
 * Forward and backward: as {@linkcode softmaxCrossEntropy}, and `gradient` [n, classes] of the mean loss.
 *
 * Parameters: `n` rows, `classes` columns.
 */
export const softmaxCrossEntropyGrad: Kernel<
  "logits" | "labels" | "loss" | "correct" | "gradient",
  "n" | "classes"
> = elementwise({
  name: "softmax_cross_entropy_grad",
  bindings: [
    reads("logits"),
    reads("labels", "u32"),
    writes("loss"),
    writes("correct", "u32"),
    writes("gradient"),
  ],
  params: { classes: "u32" },
  workgroupSize: 64,
  statement: `${ROW}
  for (var j = 0u; j < p.classes; j++) {
    let expected = select(0.0, 1.0, j == label);
    gradient[row + j] = (exp(logits[row + j] - top) / total - expected) / f32(p.n);
  }`,
});
