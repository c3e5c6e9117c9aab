/**
 * Statistics of runs over seeds: quartiles of one initialisation, differences of two over the seeds that they share.
 *
 * @module
 */
import { studentQuantile } from "./student.ts";

/** How far a whisker reaches, in interquartile ranges: Tukey, Exploratory Data Analysis, 1977. */
const WHISKER = 1.5;

/** Differences that agree to this part of the numbers they come from are the same but for rounding. */
const ROUNDING = 2 ** -48;

/** A box plot's numbers. All are finite. */
export interface Box {
  /** The arithmetic mean. */
  mean: number;
  /** Half of the values are at most this. */
  median: number;
  /** The lower quartile. */
  q1: number;
  /** The upper quartile. */
  q3: number;
  /** The least value within 1.5 interquartile ranges of the lower quartile. */
  low: number;
  /** The greatest value within 1.5 interquartile ranges of the upper quartile. */
  high: number;
}

/** A mean difference, with the confidence interval that holds the true one. */
export interface MeanInterval {
  /** Mean of the differences. */
  mean: number;
  /** The interval's ends. Equal where all differences are, which says nothing of their spread. */
  low: number;
  /** The upper end. */
  high: number;
}

/**
 * The numbers of a box plot; quartiles by linear interpolation (Hyndman and Fan, 1996, definition 7: NumPy's default).
 *
 * @param values Any numbers, finite.
 * @returns Undefined where there are none.
 */
export function boxOf(values: readonly number[]): Box | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b), reach = (at: number) => quantile(sorted, at);
  const q1 = reach(0.25), q3 = reach(0.75), whisker = WHISKER * (q3 - q1);
  return {
    mean: meanOf(sorted),
    median: reach(0.5),
    q1,
    q3,
    // A quartile between two values may lie inside both: the whisker never ends inside its box.
    low: Math.min(q1, sorted.find((x) => x >= q1 - whisker)!),
    high: Math.max(q3, sorted.findLast((x) => x <= q3 + whisker)!),
  };
}

function quantile(sorted: readonly number[], at: number): number {
  const place = at * (sorted.length - 1), below = Math.floor(place), part = place - below;
  const next = sorted[Math.min(below + 1, sorted.length - 1)];
  return sorted[below] + part * (next - sorted[below]);
}

/**
 * The mean of a − b over pairs, with Student's interval: mean ± t(1 − (1 − confidence)/2, n − 1) · s / sqrt(n), s the standard
 * deviation of the n differences (Student, Biometrika 6, 1908). Exact for normal differences whatever the pairs have in common.
 *
 * @param a One number a pair, finite.
 * @param b The other of each pair, in the same order.
 * @param confidence How sure the interval is to be: above 0 and below 1.
 * @returns Undefined for fewer than two pairs: one difference has no spread.
 */
export function pairedInterval(
  a: readonly number[],
  b: readonly number[],
  confidence: number,
): MeanInterval | undefined {
  const n = a.length;
  if (n < 2) return undefined;
  const differences = a.map((x, i) => x - b[i]), mean = meanOf(differences);
  const scale = [...a, ...b].reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const spread = Math.max(...differences) - Math.min(...differences);
  if (spread <= ROUNDING * scale) return { mean, low: mean, high: mean };
  const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (n - 1);
  const half = studentQuantile(1 - (1 - confidence) / 2, n - 1) * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half };
}

/** Mean about the first value, so that equal values have exactly that mean. */
function meanOf(values: readonly number[]): number {
  const [first] = values;
  return first + values.reduce((sum, x) => sum + (x - first), 0) / values.length;
}
