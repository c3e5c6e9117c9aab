/**
 * What a watch saw, in words: the same in the terminal and on the page.
 *
 * @module
 */
import type { SplitVerdict, WatchedLayer } from "../diagnose/watch.ts";
import { count, counted, figure, list, NOTHING } from "./format.ts";

/** Verdicts, the worst first. */
const VERDICTS: readonly SplitVerdict[] = ["exact", "rounding-broken", "broken"];

/** What each verdict means, for a reader who sees it for the first time. */
export const VERDICT_NOTE =
  "Clones at the start: exact, they never part; rounding-broken, they differ by no more than rounding errors add up to; " +
  "broken, training told them apart.";

/**
 * What became of the clones of a layer: "128 neurons in 1 group: exact"; nothing where there were none.
 *
 * @param layer The layer.
 */
export function clonesText({ classes }: WatchedLayer): string {
  if (classes.length === 0) return NOTHING;
  const neurons = classes.reduce((sum, one) => sum + one.neurons.length, 0);
  const told = VERDICTS.map((verdict) => ({
    verdict,
    groups: classes.filter((one) => one.verdict === verdict),
  })).filter(({ groups }) => groups.length > 0);
  const words = told.map(({ verdict, groups }) => {
    const splits = groups.map(({ splitAt }) => splitAt ?? Infinity), first = Math.min(...splits);
    const since = Number.isFinite(first) ? ` from step ${count(first)}` : "";
    return `${told.length === 1 ? "" : `${count(groups.length)} `}${verdict}${since}`;
  });
  return `${counted(neurons, "neuron")} in ${counted(classes.length, "group")}: ${list(words)}`;
}

/** What the table of a watch holds. */
export const WATCH_HEAD: readonly string[] = [
  "Layer",
  "Neurons",
  "Distinct",
  "Distinct gradients",
  "Largest cosine",
  "Clones at the start",
];

/**
 * A layer's row, in the order of the table's head: the first sample and the last.
 *
 * @param layer The layer.
 */
export function watchCells(layer: WatchedLayer): string[] {
  const { name, width, distinctNeurons, largestCosine } = layer,
    cosines = largestCosine.filter((c) => c !== null);
  // Before the first step there is no gradient.
  const gradients = layer.distinctGradients.slice(1);
  return [
    name,
    count(width),
    ends(distinctNeurons, count),
    ends(gradients, count),
    ends(cosines, (value) => figure(value, 4)),
    clonesText(layer),
  ];
}

function ends<T>(values: readonly T[], text: (value: T) => string): string {
  if (values.length === 0) return NOTHING;
  const first = text(values[0]), last = text(values[values.length - 1]);
  return first === last ? first : `${first}→${last}`;
}
