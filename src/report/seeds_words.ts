/**
 * What is said of a study of seeds, the same in the terminal and on the page.
 *
 * @module
 */

import type { Measure, SeedStudy } from "../diagnose/comparison.ts";
import type { Box } from "../diagnose/paired.ts";
import { counted, figure, NOT_FINITE, NOTHING, percent } from "./format.ts";

/** The measures' names, in the order in which they are shown. */
export const MEASURES: readonly (readonly [Measure, string])[] = [
  ["loss", "Final loss"],
  ["accuracy", "Test accuracy"],
];

/** "10 seeds, 0 to 9". */
export function seedsName({ seeds }: SeedStudy): string {
  return seeds.length === 1
    ? `1 seed, ${seeds[0]}`
    : `${counted(seeds.length, "seed")}, ${seeds[0]} to ${seeds.at(-1)}`;
}

/** How sure the intervals are; for a single seed, that there are none. */
export function seedsNote(study: SeedStudy): string {
  if (study.seeds.length < 2) return "One seed says nothing of luck: give --seeds 2 or more.";
  const pairs = study.differences.length / MEASURES.length,
    sure = percent(study.confidence).replace(".0", "");
  const method = "Student's t over the seeds' paired differences";
  if (pairs === 1) return `The interval is ${method}, with ${sure} confidence.`;
  if (pairs === 0) return "One initialisation has none to be compared with.";
  return `The intervals are ${method}, widened (Bonferroni) so that all ${pairs} pairs of a measure hold together with ${sure} confidence.`;
}

/** How many pairs differ by more than luck explains; empty where there is no pair. */
export function seedsSummary({ differences }: SeedStudy): string {
  if (differences.length === 0) return "";
  const [loss, accuracy] = MEASURES.map(([measure]) => {
    const of = differences.filter((d) => d.measure === measure);
    const sure = of.filter(({ outcome }) => outcome === "lower" || outcome === "higher").length;
    return `${sure} of ${counted(of.length, "pair")}`;
  });
  return `In final loss ${loss} of initialisations differ by more than luck explains, in test accuracy ${accuracy}.`;
}

/** What tells the two initialisations that end lowest, in words: where the choice is. Empty where fewer than two learn. */
export function seedsChoice({ spread, differences, seeds }: SeedStudy): string {
  const learners = spread.filter(({ ok, loss }) => loss !== null && 2 * ok > seeds.length);
  const [first, second] = learners.toSorted((x, y) => x.loss!.median - y.loss!.median).map(({ init }) =>
    init
  );
  if (second === undefined) return "";
  const between = differences.filter(({ a, b }) => [a, b].includes(first) && [a, b].includes(second));
  return between.map(({ sentence }) => sentence).join(" ");
}

/** A value of a measure. */
export function valueText(measure: Measure, value: number | null): string {
  return measure === "loss" ? figure(value) : percent(value);
}

/** Median, quartiles and whiskers: "0.301", "0.295–0.312", "0.28–0.33". */
export function boxTexts(measure: Measure, box: Box | null): [string, string, string] {
  if (box === null) return [NOT_FINITE, NOTHING, NOTHING];
  const { median, q1, q3, low, high } = box, text = (x: number) => valueText(measure, x);
  const range = (from: string, to: string) => from === to ? from : `${from.replace("%", "")}–${to}`;
  return [text(median), range(text(q1), text(q3)), range(text(low), text(high))];
}
