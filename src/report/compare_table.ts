/**
 * A comparison as a table for the terminal.
 *
 * @module
 */

import Table from "cli-table3";
import type { ComparedRun, Comparison, Verdict } from "../diagnose/comparison.ts";
import { distinct, figure, NOTHING, percent, plain, span, wrap } from "./format.ts";

/** How the table is drawn. */
export interface CompareTableOptions {
  /** Colours the verdicts with ANSI codes. Off unless asked for. */
  color?: boolean;
  /** The widest line, in columns. */
  columns?: number;
}

const HEAD = ["Init", "Verdict", "Final\nloss", "Test\naccuracy", "Distinct\nneurons", "Dead\nReLUs"];
const SCALE_HEAD = ["Activation RMS\nat the start", "Gradient RMS\nat the start"];
const RIGHT_ALIGNED = new Set([2, 3, 5]);
/** Columns that may be wrapped when a line is too long: the name, the neurons and the two scales. */
const WRAPPABLE = [0, 4, 6, 7];
const GAP = 2;
const ANSI: Record<Verdict, string> = { ok: "32", warn: "33", fail: "31" };

/**
 * The comparison as a table, one row an initialisation, and under it one sentence each.
 *
 * @param c The comparison.
 * @param options Colours and width.
 */
export function compareTable(c: Comparison, options: CompareTableOptions = {}): string {
  const columns = options.columns ?? 100;
  const head = [...HEAD, ...SCALE_HEAD];
  const rows = c.runs.map((run) => cells(run, c.layers.slice(1, -1)));
  const widths = fit([head, ...rows], columns);
  const fitted = (cell: string, column: number): string =>
    cell.split("\n").flatMap((line) => wrap(line, widths[column] - GAP)).join("\n");
  const table = new Table({
    head: head.map(fitted),
    colWidths: widths,
    colAligns: head.map((_, i) => RIGHT_ALIGNED.has(i) ? "right" : "left"),
    chars: RULES,
    style: { head: [], border: [], "padding-left": 0, "padding-right": GAP, compact: true },
  });
  for (const [i, row] of rows.entries()) {
    const wrapped = row.map(fitted);
    if (options.color) wrapped[1] = `\x1b[${ANSI[c.runs[i].verdict]}m${row[1]}\x1b[39m`;
    table.push(wrapped);
  }
  const lines = table.toString().split("\n").map((line) => line.trimEnd());
  return [...lines, "", ...sentences(c.runs, columns)].join("\n");
}

/** Only a rule over, under and below the head: no verticals, so that the columns have the width. */
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

function cells(run: ComparedRun, widths: number[]): string[] {
  const dead = run.scalesAfter.map((layer) => layer.dead).filter((value) => value !== null);
  return [
    plain(run.init),
    run.verdict,
    figure(run.finalLoss),
    percent(run.finalAccuracy),
    distinct(run.distinctNeurons, widths),
    dead.length === 0 ? NOTHING : percent(Math.max(...dead)),
    span(run.scalesBefore.map((layer) => layer.activation), 2),
    span(run.scalesBefore.map((layer) => layer.gradient), 2),
  ];
}

/** Column widths, padding included: the natural ones, and the widest wrappable ones cut until a line fits. */
function fit(rows: string[][], columns: number): number[] {
  const widths = rows[0].map((_, i) =>
    GAP + Math.max(...rows.flatMap((row) => row[i].split("\n").map((line) => [...line].length)))
  );
  let excess = widths.reduce((sum, width) => sum + width, 0) - columns;
  for (; excess > 0; excess--) {
    const widest = WRAPPABLE.reduce((a, b) => widths[b] > widths[a] ? b : a);
    widths[widest]--;
  }
  return widths;
}

/** "name  sentence", the sentences under each other, a long one continued under itself. */
function sentences(runs: ComparedRun[], columns: number): string[] {
  const indent = Math.min(28, 2 + Math.max(0, ...runs.map((run) => [...plain(run.init)].length)));
  return runs.flatMap((run) => {
    const name = plain(run.init);
    const lines = wrap(plain(run.sentence), columns - indent, " ");
    // A name that reaches into the sentences has a line of its own.
    const first = [...name].length > indent - 2 ? [name] : [name.padEnd(indent) + lines.shift()];
    return [...first, ...lines.map((line) => " ".repeat(indent) + line)];
  });
}
