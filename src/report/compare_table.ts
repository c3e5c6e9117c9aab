/**
 * A comparison as a table for the terminal.
 *
 * @module
 */

import type { ComparedRun, Comparison, Verdict } from "../diagnose/comparison.ts";
import { distinct, figure, NOTHING, percent, plain, span, wrap } from "./format.ts";
import { ruledTable } from "./ruled_table.ts";
import { seedsTable } from "./seeds_table.ts";

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
const ANSI: Record<Verdict, string> = { ok: "32", warn: "33", fail: "31" };

/**
 * The comparison as a table, one row an initialisation, and under it one sentence each; where there are several seeds, both of
 * the first one, and then what all of them say.
 *
 * @param c The comparison.
 * @param options Colours and width.
 */
export function compareTable(c: Comparison, options: CompareTableOptions = {}): string {
  const columns = options.columns ?? 100,
    paint = (cell: string, row: number, column: number) =>
      options.color && column === 1 ? `\x1b[${ANSI[c.runs[row].verdict]}m${cell}\x1b[39m` : cell;
  const lines = ruledTable(
    [...HEAD, ...SCALE_HEAD],
    c.runs.map((run) => cells(run, c.layers.slice(1, -1))),
    { right: RIGHT_ALIGNED, wrappable: WRAPPABLE, columns, paint },
  );
  const seeds = c.seeds === undefined ? [] : ["", ...seedsTable(c.seeds, columns)];
  return [...lines, "", ...sentences(c.runs, columns), ...seeds].join("\n");
}

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
