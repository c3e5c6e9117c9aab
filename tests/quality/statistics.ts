/**
 * The statistics: each takes numbers and gives a statistic and its p-value under the hypothesis that they are independent and
 * have the distribution that is claimed.
 *
 * All reject on both sides, since numbers that are too even are as wrong as numbers that are not even: the p-value is twice the
 * smaller tail. "Detects" is said for a significance of 1e-6 and a probability of 0.99; `power.ts` has the same as
 * functions of the sample size, and the tests of this folder check them by simulation.
 *
 * @module
 */
import { chiSquareTails, kolmogorovTails, normalTwoSided, poissonTails, twoSided } from "./special.ts";

/** What a test gives. */
export interface Outcome {
  /** The statistic. */
  readonly statistic: number;
  /** How probable one as far out or farther is. */
  readonly p: number;
}

/**
 * Kolmogorov and Smirnov: D = sup |F_n - F|.
 *
 * Null distribution: sqrt(n) D has Kolmogorov's; Stephens' (sqrt(n) + 0.12 + 0.11 / sqrt(n)) D is good from n = 5 on. F must be
 * continuous, or its steps small beside 1 / sqrt(n). Source: A. Kolmogorov, 1933; M. Stephens, J. R. Stat. Soc. B 32, 1970.
 *
 * Power: detects a distribution function that is off by 3.92 / sqrt(n) anywhere: by 0.0038 for n = 2^20.
 *
 * @param values The numbers, in any order.
 * @param cdf The distribution function that is claimed.
 */
export function kolmogorovSmirnov(values: ArrayLike<number>, cdf: (x: number) => number): Outcome {
  const sorted = Float64Array.from(values).sort(), n = sorted.length;
  let statistic = 0;
  for (let i = 0; i < n; i++) {
    const f = cdf(sorted[i]);
    statistic = Math.max(statistic, f - i / n, (i + 1) / n - f);
  }
  const root = Math.sqrt(n);
  return { statistic, p: twoSided(kolmogorovTails((root + 0.12 + 0.11 / root) * statistic)) };
}

/**
 * Pearson's chi-square: the sum of (observed - expected)² / expected.
 *
 * Null distribution: chi-square with one degree fewer than there are cells, if every cell expects some ten or more. Source:
 * K. Pearson, 1900; D. Knuth, The Art of Computer Programming 2, 3.3.1.
 *
 * Power: with cells that are off by the factor 1 ± e (root mean square e), n e² is the noncentrality. Detected are 212 or more
 * for 255 degrees, 702 for 4095: e = 0.0142 for 256 cells and e = 0.0259 for 4096 cells of n = 2^20 numbers.
 *
 * @param observed Counts.
 * @param expected What is expected in each cell, or in all alike.
 * @param degrees Degrees of freedom, where they are others.
 */
export function chiSquare(
  observed: ArrayLike<number>,
  expected: number | ArrayLike<number>,
  degrees: number = observed.length - 1,
): Outcome {
  let statistic = 0;
  for (let i = 0; i < observed.length; i++) {
    const e = typeof expected === "number" ? expected : expected[i];
    statistic += (observed[i] - e) ** 2 / e;
  }
  return chiSquareOutcome(statistic, degrees);
}

/** A statistic that has the chi-square distribution. */
export function chiSquareOutcome(statistic: number, degrees: number): Outcome {
  return { statistic, p: twoSided(chiSquareTails(statistic, degrees)) };
}

/**
 * The mean: z = (mean - mu) / (sigma / sqrt(n)).
 *
 * Null distribution: standard normal, by the central limit theorem. Source: any textbook.
 *
 * Power: detects a mean that is off by 7.22 sigma / sqrt(n): by 0.0071 sigma for n = 2^20, 0.0035 sigma for 2^22. For numbers
 * that are 0 or 1, where it is the Kolmogorov-Smirnov test as well, a probability of 0.3 that is off by 0.0016 at n = 2^22.
 *
 * @param values The numbers, or powers of them.
 * @param mean The mean that is claimed.
 * @param sigma Their standard deviation.
 */
export function meanTest(values: ArrayLike<number>, mean: number, sigma: number): Outcome {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] - mean;
  return normalOutcome(sum / (sigma * Math.sqrt(values.length)));
}

/**
 * Wald and Wolfowitz' runs test: the number of runs of numbers at or above the median, and below it.
 *
 * Null distribution: given n1 numbers above and n2 below, normal with mean 2 n1 n2 / n + 1 and variance
 * 2 n1 n2 (2 n1 n2 - n) / (n² (n - 1)). Source: A. Wald, J. Wolfowitz, Ann. Math. Stat. 11, 1940.
 *
 * Power: detects neighbours whose sides of the median correlate by 7.22 / sqrt(n): by 0.0071 for n = 2^20, which is 0.35 % too
 * many or too few runs.
 *
 * @param values The numbers, in order.
 * @param median Where they are cut.
 */
export function runsTest(values: ArrayLike<number>, median: number): Outcome {
  const n = values.length;
  let above = 0, runs = 1;
  for (let i = 0; i < n; i++) {
    const side = values[i] >= median;
    if (side) above++;
    if (i > 0 && side !== values[i - 1] >= median) runs++;
  }
  const product = 2 * above * (n - above), mean = product / n + 1;
  const variance = product * (product - n) / (n * n * (n - 1));
  return variance > 0 ? normalOutcome((runs - mean) / Math.sqrt(variance)) : { statistic: Infinity, p: 0 };
}

/**
 * Correlation of two sequences whose mean and standard deviation are known: z = sum (a - mu)(b - mu) / (sigma² sqrt(n)).
 *
 * Null distribution: standard normal: the products have mean 0, variance sigma⁴, and do not correlate. Source: Knuth 3.3.2 K,
 * with the moments known instead of estimated.
 *
 * Power: detects a correlation of 7.22 / sqrt(n): 0.0071 for n = 2^20.
 *
 * @param a The one sequence.
 * @param b The other one.
 * @param mean The mean of both.
 * @param sigma Their standard deviation.
 */
export function crossCorrelation(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  mean: number,
  sigma: number,
): Outcome {
  return laggedProducts(a, b, 0, mean, sigma);
}

/**
 * Correlation of a sequence with itself `lag` places further on; as {@linkcode crossCorrelation}.
 *
 * @param values The numbers, in order.
 * @param lag 1 or more.
 * @param mean Their mean.
 * @param sigma Their standard deviation.
 */
export function serialCorrelation(
  values: ArrayLike<number>,
  lag: number,
  mean: number,
  sigma: number,
): Outcome {
  return laggedProducts(values, values, lag, mean, sigma);
}

function laggedProducts(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  lag: number,
  mean: number,
  sigma: number,
): Outcome {
  const n = Math.min(a.length, b.length) - lag;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (a[i] - mean) * (b[i + lag] - mean);
  return normalOutcome(sum / (sigma * sigma * Math.sqrt(n)));
}

/**
 * A count of rare things: how many against how many are expected.
 *
 * Null distribution: Poisson. Power: from 0 expected it detects 1 that is there; from 128 it detects a mean of 221 or
 * of 58; from 14.6 or more it notices that there are none.
 *
 * @param count How many there are.
 * @param expected How many are expected.
 */
export function countTest(count: number, expected: number): Outcome {
  return { statistic: count, p: twoSided(poissonTails(count, expected)) };
}

/**
 * Birthday test for duplicates: n blocks of b bits, less the different ones among them.
 *
 * Null distribution: Poisson with mean n (n - 1) / 2^(b + 1) as long as that is small beside n. Source: Knuth 3.3.2 I, the
 * collision test.
 *
 * Power: 64-bit blocks: a single one that occurs twice is detected, for n up to 2^22. 32-bit words: from 128 expected at
 * n = 2^20 it detects 93 more or 70 fewer; a generator that runs through a period of 2^32 without repeating itself has none.
 *
 * @param blocks The blocks; they are left as they are.
 */
export function duplicates(blocks: Uint32Array | BigUint64Array): Outcome {
  const sorted = blocks.slice().sort(), n = blocks.length;
  let equal = 0;
  for (let i = 1; i < n; i++) if (sorted[i] === sorted[i - 1]) equal++;
  return countTest(equal, n * (n - 1) / 2 / 2 ** (8 * blocks.BYTES_PER_ELEMENT));
}

/** Days in the year and birthdays of {@linkcode birthdaySpacings}, and how many years: 4 equal spacings a year are expected. */
const DAYS = 2 ** 32, BIRTHDAYS = 4096, YEARS = 16;

/**
 * Marsaglia's birthday spacings: 4096 birthdays in a year of 2^32 days are sorted; how many of the spacings between them occur
 * more than once? In 16 years.
 *
 * Null distribution: Poisson with mean 16 · 4096³ / 2^34 = 64. Source: G. Marsaglia, W. Tsang, "Some difficult-to-pass tests of
 * randomness", J. Stat. Softw. 7(3), 2002, with their m and n; P. L'Ecuyer, R. Simard, Math. Comput. Simul. 55, 2001, for the
 * bound N m³ <= n^(5/4) up to which the limit is good: it is met with equality.
 *
 * Power: detects 134 equal spacings on average instead of 64, or 18. Lattices have hundreds.
 *
 * @param words 2^16 words or more; the first 2^16 are taken.
 */
export function birthdaySpacings(words: Uint32Array): Outcome {
  let equal = 0;
  for (let year = 0; year < YEARS; year++) {
    const days = words.slice(year * BIRTHDAYS, (year + 1) * BIRTHDAYS).sort();
    const spacings = days.map((day, i) => day - (i === 0 ? days[BIRTHDAYS - 1] : days[i - 1])).sort();
    for (let i = 1; i < BIRTHDAYS; i++) if (spacings[i] === spacings[i - 1]) equal++;
  }
  return countTest(equal, YEARS * BIRTHDAYS ** 3 / (4 * DAYS));
}

/**
 * The largest of n absolute values of standard normal numbers.
 *
 * Null distribution: P(max <= m) = (1 - 2 Φ(-m))^n. Source: the definition.
 *
 * Power: at n = 2^25, where 5.5 is typical, a largest value under 5.05 or above 7.7 is rejected; so a normal that is cut at 5.05
 * or before is detected always.
 *
 * @param largest The largest absolute value.
 * @param n Of how many.
 */
export function largestTest(largest: number, n: number): Outcome {
  const exponent = -n * normalTwoSided(largest); // log(1 - x) is -x here
  return { statistic: largest, p: twoSided({ lower: Math.exp(exponent), upper: -Math.expm1(exponent) }) };
}

/** The p-value of the smallest of several, by Bonferroni: never too small, whatever the dependence among them. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  const least = outcomes.reduce((a, b) => b.p < a.p ? b : a);
  return { statistic: least.statistic, p: Math.min(1, least.p * outcomes.length) };
}

function normalOutcome(z: number): Outcome {
  return { statistic: z, p: normalTwoSided(z) };
}
