/**
 * Tables for the terminal: a rule over, under and below the head, and columns that wrap where a line is too long.
 *
 * @module
 */

import Table from "cli-table3";
import { wrap } from "./format.ts";

/** How a table is laid out. */
export interface TableLayout {
  /** Columns whose cells stand to the right. */
  right: ReadonlySet<number>;
  /** Columns that may be wrapped when a line is too long. */
  wrappable: readonly number[];
  /** The widest line, in columns. */
  columns: number;
  /** Colours the cell of a row and column, when its width is known. */
  paint?: (cell: string, row: number, column: number) => string;
}

const GAP = 2;

/** No verticals, so that the columns have the width. */
const RULES = {
  top: "─",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "─",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "─",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

/**
 * A table as lines of text.
 *
 * @param head The columns' heads; a newline breaks one.
 * @param rows The cells, one a column.
 * @param layout How it is laid out.
 */
export function ruledTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  layout: TableLayout,
): string[] {
  const widths = fit([head, ...rows], layout);
  const fitted = (cell: string, column: number): string =>
    cell.split("\n").flatMap((line) => wrap(line, widths[column] - GAP)).join("\n");
  const table = new Table({
    head: head.map(fitted),
    colWidths: widths,
    colAligns: head.map((_, i) => layout.right.has(i) ? "right" : "left"),
    chars: RULES,
    style: { head: [], border: [], "padding-left": 0, "padding-right": GAP, compact: true },
  });
  for (const [i, row] of rows.entries()) {
    table.push(row.map((cell, j) => layout.paint?.(fitted(cell, j), i, j) ?? fitted(cell, j)));
  }
  return table.toString().split("\n").map((line) => line.trimEnd());
}

/** Column widths, padding included: the natural ones, and the widest wrappable ones cut until a line fits. */
function fit(rows: readonly (readonly string[])[], { wrappable, columns }: TableLayout): number[] {
  const widths = rows[0].map((_, i) =>
    GAP + Math.max(...rows.flatMap((row) => row[i].split("\n").map((line) => [...line].length)))
  );
  let excess = widths.reduce((sum, width) => sum + width, 0) - columns;
  for (; excess > 0; excess--) {
    const widest = wrappable.reduce((a, b) => widths[b] > widths[a] ? b : a);
    widths[widest]--;
  }
  return widths;
}
