/**
 * A paired difference in a plain sentence.
 *
 * @module
 */
import type { Measure, SeedDifference } from "./comparison.ts";

/** How a measure is spoken of. A better end comes first: lower in loss, higher in accuracy. */
const WORDS: Record<Measure, { noun: string; better: string; unit: string; scale: number; sign: 1 | -1 }> = {
  loss: { noun: "loss", better: "lower", unit: "", scale: 1, sign: -1 },
  accuracy: { noun: "test accuracy", better: "higher", unit: " points", scale: 100, sign: 1 },
};

/** From here on a number is written with an exponent. */
const LARGE = 1e6;

/** Digits after the point at most; a number that needs more is written with an exponent. */
const MOST_DECIMALS = 5;

/**
 * Says which of two initialisations ends better, by how much, and whether that may be luck.
 *
 * @param difference What was found.
 * @param of How many seeds there are.
 */
export function seedSentence(difference: Omit<SeedDifference, "sentence">, of: number): string {
  const { measure, a, b, seeds, mean, interval, outcome } = difference, words = WORDS[measure];
  if (mean === null || interval === null) {
    const both = `${seeds} of ${of} seeds`;
    return `${a} and ${b} both end with a finite ${words.noun} from ${both}: an interval needs 2.`;
  }
  if (outcome === "same" && mean === 0) {
    return `${a} and ${b} end with the same ${words.noun} from each of ${over(seeds, of)}: no difference.`;
  }
  const first = mean * words.sign >= 0 ? a : b, second = first === a ? b : a;
  const towards = words.sign * (first === a ? 1 : -1) * words.scale;
  const [low, high] = interval.map((end) => end * towards).sort((x, y) => x - y);
  const [by, from, to] = inDigits([mean * towards, low, high]);
  const said = `${first} ends ${by}${words.unit} ${words.better} in ${words.noun} than ${second}`;
  if (outcome === "same") {
    return `${said} from each of ${
      over(seeds, of)
    }, by the same each time: there is no spread to judge it by.`;
  }
  const luck = outcome === "unclear" ? "the interval holds 0, so it may be luck" : "not luck";
  return `${said}, 95% CI ${from} to ${to} over ${over(seeds, of)}: ${luck}.`;
}

function over(seeds: number, of: number): string {
  return seeds === of ? `${of} seeds` : `the ${seeds} of ${of} seeds from which both end finite`;
}

/** A mean and its interval with as many decimals each: two digits of the half-width, more where an end beside 0 would be 0. */
function inDigits(values: readonly [mean: number, low: number, high: number]): string[] {
  const [mean, low, high] = values, half = (high - low) / 2, size = half > 0 ? half : Math.abs(mean);
  let decimals = Math.max(0, 1 - Math.floor(Math.log10(size)));
  const nearest = Math.min(Math.abs(low), Math.abs(high));
  while (low * high > 0 && Number(nearest.toFixed(decimals)) === 0 && decimals <= MOST_DECIMALS) decimals++;
  if (decimals > MOST_DECIMALS || values.some((x) => Math.abs(x) >= LARGE)) {
    return values.map((x) => x.toExponential(1).replace("e+", "e"));
  }
  return values.map((x) => x.toFixed(decimals).replace(/^-(0(\.0*)?)$/, "$1"));
}
