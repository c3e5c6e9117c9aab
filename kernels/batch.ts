/**
 * Mini-batches on the device: rows of the data set gathered in a shuffled order, and the cursor that walks along it.
 *
 * The cursor is two numbers in a buffer: the step since the epoch's beginning, and the first row of the next batch. Because
 * the device moves it itself, one recorded step can be replayed without the host writing anything.
 *
 * @module
 */
import {
  elementwise,
  inLanes,
  type Kernel,
  type Lanes,
  lanesName,
  piecewise,
  reads,
  writes,
} from "./kernel.ts";

/**
 * `x[r, c] = features[order[first + r], c]` with first = `cursor[1]`, for x of shape [rows, columns].
 *
 * @param lanes 4 where the number of columns is a multiple of four.
 * @returns The kernel; parameters: `n` = rows * columns / lanes, `columns` = columns / lanes.
 */
export function gatherFeatures(
  lanes: Lanes,
): Kernel<"features" | "order" | "cursor" | "x", "n" | "columns"> {
  return piecewise({
    name: `gather_features${lanesName(lanes)}`,
    bindings: [
      inLanes(reads("features"), lanes),
      reads("order", "u32"),
      reads("cursor", "u32"),
      inLanes(writes("x"), lanes),
    ],
    params: { columns: "u32" },
    pieces: 1,
    statement: `
  let row = order[cursor[1] + at / p.columns];
  x[at] = features[row * p.columns + at % p.columns];`,
  });
}

/**
 * As {@linkcode gatherFeatures}, of those rows of a batch that lie in a part of the data: `features` holds `part_rows` rows from row
 * `part_first` on. One dispatch for each part gives the whole batch.
 *
 * @param lanes As there.
 * @returns The kernel; parameters: `n`, `columns` as there, `part_first`, `part_rows`.
 */
export function gatherFeaturesPart(
  lanes: Lanes,
): Kernel<"features" | "order" | "cursor" | "x", "n" | "columns" | "part_first" | "part_rows"> {
  return elementwise({
    name: `gather_features_part${lanesName(lanes)}`,
    bindings: gatherFeatures(lanes).bindings,
    params: { columns: "u32", part_first: "u32", part_rows: "u32" },
    statement: `
  let row = order[cursor[1] + i / p.columns] - p.part_first; // a row before the part wraps, past its end
  if (row < p.part_rows) { x[i] = features[row * p.columns + i % p.columns]; }`,
  });
}

/** `y[r] = labels[order[first + r]]` with first = `cursor[1]`. Parameters: `n` rows. */
export const gatherLabels: Kernel<"labels" | "order" | "cursor" | "y", "n"> = elementwise({
  name: "gather_labels",
  bindings: [reads("labels", "u32"), reads("order", "u32"), reads("cursor", "u32"), writes("y", "u32")],
  workgroupSize: 64,
  statement: "  y[i] = labels[order[cursor[1] + i]];",
});

/** Invocations of the one workgroup that {@linkcode endStep} runs. */
const LANES = 64;

/**
 * Ends a step: the batch's mean loss goes to the log, `losses[cursor[0]] = Σ loss[i] / rows`, and the cursor goes on, `cursor[0] += 1`,
 * `cursor[1] += rows`. Each of 64 lanes sums every 64th loss; the lanes' sums are added in order. Of 0 rows the mean is 0.
 *
 * One dispatch for both, since a dispatch costs more than either. Parameters: `rows`.
 */
export const endStep: Kernel<"loss" | "cursor" | "losses", "rows"> = {
  name: "end_step",
  bindings: [reads("loss"), writes("cursor", "u32"), writes("losses")],
  params: { rows: "u32" },
  body: `
var<workgroup> partial: array<f32, ${LANES}>;

@compute @workgroup_size(${LANES})
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < p.rows; i += ${LANES}u) { sum += loss[i]; }
  partial[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var i = 0u; i < ${LANES}u; i++) { total += partial[i]; }
    losses[cursor[0]] = select(total / f32(p.rows), 0.0, p.rows == 0u);
    cursor[0] += 1u;
    cursor[1] += p.rows;
  }
}`,
  workgroups: () => [1, 1, 1],
};
