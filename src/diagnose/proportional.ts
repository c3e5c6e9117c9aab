/**
 * Which rows of a matrix may be another row times a number: candidates, from six numbers a row.
 *
 * @module
 */
import { PROJECTIONS, ROW_LANES, SHAPE_WORDS } from "../../kernels/neuron.ts";
import type { Pair } from "./neurons.ts";

/** float32 rounds to within this, relatively. */
const UNIT = 2 ** -24;

/** A row divided by its largest magnitude: proportional rows agree in the sum, and in the projections up to one sign. */
interface Shape {
  readonly neuron: number;
  /** The largest magnitude, exactly. */
  readonly largest: number;
  /** The sum of magnitudes over the largest one. */
  readonly sum: number;
  /** Sums with random signs over the largest magnitude. */
  readonly projections: readonly number[];
}

/**
 * Pairs of neurons that may be proportional. Every neuron is paired with the first that it may be a copy of, if any, at once for each
 * sign that is possible; so no pair is between two neurons of which one is the right one of another pair.
 *
 * No scaled copy is missed: the sums' rounding errors are bounded by the number of their additions. Of random rows of 8192 elements
 * about one pair in 10^11 is a candidate without being a copy; the comparison of the elements decides.
 *
 * @param shapes What the kernel `row_shape` gives.
 * @param columns Elements of a row beside the bias.
 * @param neurons Which rows, in ascending order.
 */
export function proportionalCandidates(
  shapes: Uint32Array<ArrayBuffer>,
  columns: number,
  neurons: readonly number[],
): Pair[] {
  const rows = neurons.map((neuron) => shapeOf(shapes, neuron)).filter((row) => row !== undefined);
  const sums = rows.reduce((most, { sum }) => Math.max(most, sum), 0);
  // Each element rounds once in the copy, and each addition of a lane's elements and of the lanes once.
  const additions = Math.ceil((columns + 1) / ROW_LANES) + ROW_LANES + 2,
    tolerance = 2 * additions * UNIT * sums;
  const cells = new Map<number, Shape[]>(), pairs: Pair[] = [];
  for (const row of rows) {
    const candidate = candidatesOf(row, cells, tolerance)[0];
    if (candidate === undefined) {
      const cell = Math.floor(row.projections[0] / tolerance);
      cells.set(cell, [...cells.get(cell) ?? [], row]);
      continue;
    }
    const ratio = row.largest / candidate.largest;
    for (const sign of [1, -1]) {
      if (!fits(candidate, row, sign, tolerance)) continue;
      pairs.push({ left: candidate.neuron, right: row.neuron, scale: Math.fround(sign * ratio) });
    }
  }
  return pairs;
}

/** Undefined for rows of zeros, and for those with an infinity or NaN. */
function shapeOf(words: Uint32Array<ArrayBuffer>, neuron: number): Shape | undefined {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length), at = SHAPE_WORDS * neuron;
  const largest = floats[at];
  if (!Number.isFinite(largest) || largest === 0) return undefined;
  const [sum, ...projections] = floats.subarray(at + 1, at + 2 + PROJECTIONS);
  if (!Number.isFinite(sum)) return undefined;
  return { neuron, largest, sum: sum / largest, projections: projections.map((p) => p / largest) };
}

function candidatesOf(row: Shape, cells: Map<number, Shape[]>, tolerance: number): Shape[] {
  return [1, -1].flatMap((sign) => {
    const cell = Math.floor(sign * row.projections[0] / tolerance);
    return [cell - 1, cell, cell + 1].flatMap((c) => cells.get(c) ?? [])
      .filter((other) => fits(other, row, sign, tolerance));
  }).sort((a, b) => a.neuron - b.neuron);
}

function fits(a: Shape, b: Shape, sign: number, tolerance: number): boolean {
  return Math.abs(a.sum - b.sum) <= tolerance &&
    a.projections.every((p, i) => Math.abs(p - sign * b.projections[i]) <= tolerance);
}
