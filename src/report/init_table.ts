/**
 * Tensors with what their elements are like, as a table for the terminal.
 *
 * @module
 */
import { count, figure, plain, shorten } from "./format.ts";

/** A tensor and its moments. */
export interface TensorSummary {
  /** Its name. */
  readonly name: string;
  /** Its sizes. */
  readonly shape: readonly number[];
  /** The mean of its elements. */
  readonly mean: number;
  /** Their standard deviation. */
  readonly std: number;
  /** The smallest. */
  readonly min: number;
  /** The largest. */
  readonly max: number;
}

/** Longest name in the table. */
const LONGEST_NAME = 40;

const HEAD = ["Tensor", "Shape", "Elements", "Mean", "Std", "Min", "Max"];

/** Columns of text; the others are numbers, aligned on the right. */
const TEXT_COLUMNS = 2;

/**
 * A line for each tensor.
 *
 * @param tensors In order.
 */
export function initTable(tensors: readonly TensorSummary[]): string {
  const rows = tensors.map(({ name, shape, mean, std, min, max }) => [
    shorten(plain(name), LONGEST_NAME),
    shape.join(" × "),
    count(shape.reduce((a, b) => a * b, 1)),
    ...[mean, std, min, max].map((value) => figure(value)),
  ]);
  const widths = HEAD.map((head, i) => Math.max(head.length, ...rows.map((row) => [...row[i]].length)));
  const line = (row: string[]) =>
    row.map((cell, i) => i < TEXT_COLUMNS ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ")
      .trimEnd();
  return [line(HEAD), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)].join("\n");
}
