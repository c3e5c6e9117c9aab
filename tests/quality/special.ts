/**
 * The distribution functions of the statistics: gamma, chi-square, Poisson, normal and Kolmogorov.
 *
 * @module
 */

/** Lanczos' coefficients for g = 7, as computed by P. Godfrey, 2001: 15 digits. */
const LANCZOS = [
  0.99999999999980993,
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/** The logarithm of the gamma function, for x >= 1/2. */
export function logGamma(x: number): number {
  const t = x + 6.5;
  const sum = LANCZOS.reduce((total, c, i) => i === 0 ? c : total + c / (x - 1 + i), 0);
  return Math.log(2 * Math.PI) / 2 + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Both regularised incomplete gamma functions: the lower one, P(a, x), and the upper one, Q(a, x) = 1 - P(a, x). */
export interface Tails {
  /** Probability of a smaller value. */
  readonly lower: number;
  /** Probability of a larger value. */
  readonly upper: number;
}

/**
 * The regularised incomplete gamma functions: Pearson's series below a + 1, Legendre's continued fraction by Lentz' method above
 * (Press et al., Numerical Recipes, 6.2). The smaller of the two has a relative error of about 1e-15 times a.
 *
 * @param a The shape, 1/2 or more.
 * @param x From 0 on.
 */
export function incompleteGamma(a: number, x: number): Tails {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (!Number.isFinite(x)) return { lower: 1, upper: 0 };
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    const lower = Math.min(front * gammaSeries(a, x), 1);
    return { lower, upper: 1 - lower };
  }
  const upper = Math.min(front * gammaFraction(a, x), 1);
  return { lower: 1 - upper, upper };
}

function gammaSeries(a: number, x: number): number {
  let term = 1 / a, sum = term;
  for (let k = a + 1; term > sum * 2 ** -53; k++) sum += term *= x / k;
  return sum;
}

function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a, c = Infinity, d = 1 / b, h = d;
  for (let i = 1, delta = 0; Math.abs(delta - 1) > 2 ** -52; i++) {
    const an = i * (a - i);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    delta = c * d;
    h *= delta;
  }
  return h;
}

/** The probabilities of a smaller and of a larger value of the chi-square distribution. */
export function chiSquareTails(statistic: number, degrees: number): Tails {
  return incompleteGamma(degrees / 2, statistic / 2);
}

/** The probability that a standard normal number lies farther from 0 than z, on either side. */
export function normalTwoSided(z: number): number {
  return incompleteGamma(0.5, z * z / 2).upper;
}

/** The probabilities of `count` or fewer, and of `count` or more, for a Poisson distribution. */
export function poissonTails(count: number, mean: number): Tails {
  const lower = incompleteGamma(count + 1, mean).upper;
  return { lower, upper: count === 0 ? 1 : incompleteGamma(count, mean).lower };
}

/**
 * The Kolmogorov distribution, limit of sqrt(n) D: 2 sum (-1)^(k-1) exp(-2 k² x²) on the right and, on the left where that
 * cancels, sqrt(2 pi) / x sum exp(-(2k - 1)² pi² / (8 x²)).
 *
 * @param x From 0 on.
 */
export function kolmogorovTails(x: number): Tails {
  if (x < 0.02) return { lower: 0, upper: 1 };
  if (x < 1) {
    const term = (k: number) => Math.exp(-((2 * k - 1) ** 2) * Math.PI ** 2 / (8 * x * x));
    const lower = Math.sqrt(2 * Math.PI) / x * (term(1) + term(2) + term(3) + term(4));
    return { lower, upper: 1 - lower };
  }
  const term = (k: number) => Math.exp(-2 * k * k * x * x);
  const upper = 2 * (term(1) - term(2) + term(3) - term(4));
  return { lower: 1 - upper, upper };
}

/** The p-value of a test that rejects on both sides: twice the smaller tail. */
export function twoSided({ lower, upper }: Tails): number {
  return Math.min(1, 2 * Math.min(lower, upper));
}
