/**
 * What the statistics can see: the smallest deviation that is detected with probability 0.99 at a significance of 1e-6.
 *
 * @module
 */
import { inverseNormalCdf } from "../oracle/normal.ts";
import { chiSquareTails } from "./special.ts";

/**
 * The significance of every single test. There are some five hundred, so that an honest generator fails one for one seed in two
 * thousand; the seeds are fixed, so that it fails always or never.
 */
export const ALPHA = 1e-6;

/** How probably a deviation of the stated size is detected. */
export const POWER = 0.99;

/** How far out a standard normal statistic is rejected: 4.89; and how much farther the mean must be for that to be sure: 2.33. */
const Z_REJECT = -inverseNormalCdf(ALPHA / 2), Z_SURE = inverseNormalCdf(POWER);

/** A mean that is off by this many standard deviations is detected; so is a correlation of this size. */
export function detectableShift(n: number): number {
  return (Z_REJECT + Z_SURE) / Math.sqrt(n);
}

/**
 * A distribution function that is off by this much at one place is detected by Kolmogorov and Smirnov: where it is off by d,
 * D is at least d less the noise there, whose standard deviation is at most 1 / (2 sqrt(n)).
 */
export function detectableDistance(n: number): number {
  const reject = Math.sqrt(Math.log(4 / ALPHA) / 2); // 2 exp(-2 x²) = alpha / 2
  return (reject + Z_SURE / 2) / Math.sqrt(n);
}

/** A noncentrality of this size is detected by chi-square, with the noncentral distribution taken as normal. */
export function detectableNoncentrality(degrees: number): number {
  const reject = root((x) => ALPHA / 2 - chiSquareTails(x, degrees).upper, degrees, 4 * degrees + 200);
  const sure = (extra: number) => degrees + extra - Z_SURE * Math.sqrt(2 * (degrees + 2 * extra)) - reject;
  return root(sure, 0, 20 * degrees + 1000);
}

/** Where an increasing function is 0. */
function root(f: (x: number) => number, low: number, high: number): number {
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (f(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
