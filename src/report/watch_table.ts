/**
 * What a watch saw, as a table for the terminal.
 *
 * @module
 */
import type { WatchReport } from "../diagnose/watch.ts";
import { counted, plain, shorten } from "./format.ts";
import { WATCH_HEAD, watchCells } from "./symmetry_words.ts";

/** A training that was watched. */
export interface WatchedTraining {
  /** What was seen. */
  readonly report: WatchReport;
  /** How it was trained, in words: "sgd lr 0.05 momentum 0.9, batch 64, digits". */
  readonly training: string;
}

/** Longest name in the table. */
const LONGEST_NAME = 24;

/**
 * The layers from the first sample to the last, under a line that says how they were trained.
 *
 * @param watched What was seen.
 */
export function watchTable({ report, training }: WatchedTraining): string {
  const title = `symmetry over ${counted(report.steps.at(-1) ?? 0, "step")} of ${plain(training)}`;
  if (report.layers.length === 0) return `${title}: there is no hidden layer`;
  const rows = report.layers.map(watchCells).map(([name, ...rest]) => [
    shorten(plain(name), LONGEST_NAME),
    ...rest,
  ]);
  const widths = WATCH_HEAD.map((head, i) => Math.max(head.length, ...rows.map((row) => [...row[i]].length)));
  const last = WATCH_HEAD.length - 1;
  const line = (row: readonly string[]) =>
    row.map((cell, i) => i === 0 || i === last ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ")
      .trimEnd();
  return [title, "", line(WATCH_HEAD), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)]
    .join(
      "\n",
    );
}
