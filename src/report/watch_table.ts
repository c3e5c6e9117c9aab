/**
 * What a watch saw, as a table for the terminal.
 *
 * @module
 */
import type { Timeline } from "../diagnose/timeline.ts";
import { counted, plain, shorten } from "./format.ts";
import { WATCH_HEAD, watchCells } from "./symmetry_words.ts";
import { UPDATES_HEAD, updatesCells } from "./updates_words.ts";

/** A training that was watched. */
export interface WatchedTraining {
  /** What was seen. */
  readonly report: Timeline;
  /** How it was trained, in words: "sgd lr 0.05 momentum 0.9, batch 64, digits". */
  readonly training: string;
}

/** Longest name in the table. */
const LONGEST_NAME = 24;

/**
 * The layers from the first sample to the last, under lines that say how they were trained: their symmetry, then their updates.
 *
 * @param watched What was seen.
 */
export function watchTable({ report, training }: WatchedTraining): string {
  const how = `over ${counted(report.steps.at(-1) ?? 0, "step")} of ${plain(training)}`;
  const symmetry = report.layers.length === 0
    ? [`symmetry ${how}: there is no hidden layer`]
    : [`symmetry ${how}`, "", ...table(WATCH_HEAD, report.layers.map(watchCells), 1)];
  const updates = updatesCells(report.updates);
  return [...symmetry, "", `update to weight ${how}`, "", ...table(UPDATES_HEAD, updates, 0)].join("\n");
}

/** Lines under a head; the first column and so many of the last are words, the others numbers. */
function table(head: readonly string[], cells: readonly (readonly string[])[], words: number): string[] {
  const rows = cells.map(([name, ...rest]) => [shorten(plain(name), LONGEST_NAME), ...rest]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => [...row[i]].length)));
  const isWord = (i: number) => i === 0 || i >= head.length - words;
  const line = (row: readonly string[]) =>
    row.map((cell, i) => isWord(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ").trimEnd();
  return [line(head), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)];
}
