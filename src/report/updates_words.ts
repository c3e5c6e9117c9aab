/**
 * How far steps moved the weights, in words: the same in the terminal and on the page.
 *
 * @module
 */
import type { UpdateReport, WatchedUpdates } from "../diagnose/update_watch.ts";
import { figure, NOTHING } from "./format.ts";

/** What the table of updates holds. */
export const UPDATES_HEAD: readonly string[] = ["Layer", "First", "Median", "Last"];

/**
 * The weights of a report by their layers' names; biases, which often begin at 0, are left out.
 *
 * @param report What was seen.
 */
export function weightUpdates({ parameters }: UpdateReport): WatchedUpdates[] {
  return parameters.filter(({ name }) => name.endsWith(".weight")).map(({ name, updateRatio }) => ({
    name: name.slice(0, -".weight".length),
    updateRatio,
  }));
}

/**
 * A row for each layer, in the order of the table's head.
 *
 * @param report What was seen.
 */
export function updatesCells(report: UpdateReport): string[][] {
  return weightUpdates(report).map(({ name, updateRatio }) => {
    const known = updateRatio.filter((ratio) => ratio !== null).sort((a, b) => a - b);
    return [name, text(updateRatio.at(0)), text(known[known.length >> 1]), text(updateRatio.at(-1))];
  });
}

function text(ratio: number | null | undefined): string {
  return ratio === null || ratio === undefined ? NOTHING : figure(ratio);
}
