/**
 * Student's t distribution with a whole number of degrees of freedom, in closed form.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";

/** Halvings of the quantile's bracket: more than a double has bits. */
const HALVINGS = 120;

/**
 * The probability that a t-distributed number is at most `t`.
 *
 * Half of 1 + A(t|ν), A from the finite trigonometric series of Abramowitz and Stegun, Handbook of Mathematical Functions,
 * 26.7.3 (odd ν) and 26.7.4 (even ν). Absolute error below 1e-13 up to 10,000 degrees.
 *
 * @param t Any number; the infinities give 0 and 1.
 * @param degrees Degrees of freedom ν: a whole number, 1 or more.
 * @throws {ArgumentError} when the degrees are none.
 */
export function studentCdf(t: number, degrees: number): number {
  if (!Number.isSafeInteger(degrees) || degrees < 1) {
    throw new ArgumentError(`degrees = ${degrees}`, "give a whole number from 1 on");
  }
  const within = centralProbability(Math.atan(Math.abs(t) / Math.sqrt(degrees)), degrees);
  return t < 0 ? (1 - within) / 2 : (1 + within) / 2;
}

/** A(t|ν), the probability of the range from -t to t, where θ = arctan(t / sqrt(ν)). */
function centralProbability(theta: number, degrees: number): number {
  const sin = Math.sin(theta), cos = Math.cos(theta), odd = degrees % 2 === 1;
  // 1, 2/3, 2·4/(3·5), … times the odd powers of the cosine; or 1, 1/2, 1·3/(2·4), … times the even ones.
  let term = odd ? cos : 1, sum = 0;
  for (let k = odd ? 3 : 2; k <= degrees; k += 2) {
    sum += term;
    term *= cos * cos * (k - 1) / k;
  }
  return odd ? 2 / Math.PI * (theta + sin * sum) : sin * sum;
}

/**
 * The quantile of Student's t: the number that a t-distributed one is at most with probability `p`, by bisection of
 * {@linkcode studentCdf}.
 *
 * @param p Above 0 and below 1.
 * @param degrees Degrees of freedom: a whole number, 1 or more.
 * @throws {ArgumentError} when one is out of range.
 */
export function studentQuantile(p: number, degrees: number): number {
  if (!(p > 0 && p < 1)) throw new ArgumentError(`p = ${p}`, "give a probability above 0 and below 1");
  // From the median on the right: there the upper bound is found by doubling.
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  let low = 0, high = 1;
  while (studentCdf(high, degrees) < p) high *= 2;
  for (let i = 0; i < HALVINGS && low < high; i++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, degrees) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
