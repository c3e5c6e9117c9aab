/**
 * Sums in a fixed order: of columns, for the gradient of a bias; and the mean of a vector, for the loss of a batch.
 *
 * @module
 */
import { elementwise, type Kernel, reads, writes } from "./kernel.ts";

/**
 * `out[c] = Σ_r x[r, c]` over x of shape [rows, n], one invocation a column, r = 0, 1, … in order: equal columns have equal
 * sums, bit for bit.
 *
 * Parameters: `n` columns, `rows`.
 */
export const columnSum: Kernel<"x" | "out", "n" | "rows"> = elementwise({
  name: "column_sum",
  bindings: [reads("x"), writes("out")],
  params: { rows: "u32" },
  workgroupSize: 32,
  statement: `
  var sum = 0.0;
  for (var r = 0u; r < p.rows; r++) { sum += x[r * p.n + i]; }
  out[i] = sum;`,
});

/** Invocations of the one workgroup that {@linkcode mean} runs. */
const MEAN_LANES = 64;

/**
 * `out[slot] = Σ x[i] / n`, where slot is `cursor[0]`, the number of the step: a log of one number a step that is read once
 * an epoch. 0 elements give 0. Each of 64 lanes sums every 64th element; the lanes' sums are added in order.
 *
 * Parameters: `n` elements.
 */
export const mean: Kernel<"x" | "cursor" | "out", "n"> = {
  name: "mean",
  bindings: [reads("x"), reads("cursor", "u32"), writes("out")],
  params: { n: "u32" },
  body: `
var<workgroup> partial: array<f32, ${MEAN_LANES}>;

@compute @workgroup_size(${MEAN_LANES})
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < p.n; i += ${MEAN_LANES}u) { sum += x[i]; }
  partial[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var i = 0u; i < ${MEAN_LANES}u; i++) { total += partial[i]; }
    out[cursor[0]] = select(total / f32(p.n), 0.0, p.n == 0u);
  }
}`,
  workgroups: () => [1, 1, 1],
};
