/**
 * The normal distribution's CDF and its inverse in float64, relative error about 1e-15 in the tails and in
 * the middle alike.
 *
 * The CDF has no fitted coefficients: Marsaglia's series ("Evaluating the Normal Distribution", J. Stat.
 * Softw. 11(4), 2004) near zero, where all its terms have one sign, and Laplace's continued fraction for
 * Mills' ratio in the tails. The inverse starts from Wichura's AS241 PPND16 (Appl. Statist. 37(3), 1988),
 * which is good to 1e-16 in theory, and is polished by the CDF: a slip in any of its coefficients would be
 * repaired, not passed on.
 *
 * @module
 */

const SQRT_TWO_PI = Math.sqrt(2 * Math.PI);
const LOG_SQRT_TWO_PI = Math.log(2 * Math.PI) / 2;

/** Where the series hands over to the continued fraction: both still converge well there. */
const TAIL = 1.25;
/** Enough of the continued fraction for 1e-16 from {@linkcode TAIL} on. */
const FRACTION_TERMS = 400;
/** AS241: below this distance from 1/2 a polynomial in the square of the distance serves. */
const CENTRAL = 0.425;

// AS241's coefficients, lowest power first, numerator and denominator: the middle, the tails, the far tails.
// deno-fmt-ignore
const MIDDLE = [
  [3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
   4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3],
  [1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
   2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3],
];
// deno-fmt-ignore
const NEAR_TAIL = [
  [1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
   1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4],
  [1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
   1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9],
];
// deno-fmt-ignore
const FAR_TAIL = [
  [6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
   2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7],
  [1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
   7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15],
];

/** The density `exp(-x^2 / 2) / sqrt(2 pi)`. */
export function normalDensity(x: number): number {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? NaN : 0;
  // Cody's device: x^2 in two parts of which the first is exact, because exp turns an absolute error into a
  // relative one.
  const coarse = Math.trunc(x * 16) / 16;
  return Math.exp(-coarse * coarse / 2) * Math.exp(-(x - coarse) * (x + coarse) / 2) / SQRT_TWO_PI;
}

/** The probability of a value up to `x`. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) < TAIL) return 0.5 + fromZero(x);
  if (!Number.isFinite(x)) return x < 0 ? 0 : 1;
  const tail = normalDensity(x) * millsRatio(Math.abs(x));
  return x < 0 ? tail : 1 - tail;
}

/**
 * The `x` with `normalCdf(x) = probability`: -Infinity at 0, Infinity at 1, NaN outside.
 *
 * @param probability From 0 to 1. In the upper tail its own spacing, 2^-53, is what limits the result.
 */
export function inverseNormalCdf(probability: number): number {
  const q = probability - 0.5;
  if (Math.abs(q) <= CENTRAL) return inverseNormalCdfFromHalf(q);
  // 1 - p is exact from 1/2 on, and a small p is kept as it is: p - 1/2 would round it.
  return q < 0 ? lowerTail(probability) : -lowerTail(1 - probability);
}

/**
 * The `x` with `normalCdf(x) = 1/2 + q`: keeps the relative precision of small q, that 1/2 + q would round
 * away.
 *
 * @param q From -1/2 to 1/2.
 */
export function inverseNormalCdfFromHalf(q: number): number {
  if (!(Math.abs(q) <= CENTRAL)) return q < 0 ? lowerTail(0.5 + q) : -lowerTail(0.5 - q);
  const x = q * rational(MIDDLE, CENTRAL * CENTRAL - q * q);
  // Halley: f / f' by the density, and f'' / f' = -x.
  const newton = (centralProbability(x) - q) / normalDensity(x);
  return x - newton / (1 + x * newton / 2);
}

/** The inverse error function, by way of the normal: `erfInv(y) = x` with `erf(x) = y`, from -1 to 1. */
export function erfInv(y: number): number {
  return inverseNormalCdfFromHalf(y / 2) / Math.SQRT2;
}

/** `normalCdf(x) - 1/2` without the cancellation. */
function centralProbability(x: number): number {
  if (Math.abs(x) < TAIL) return fromZero(x);
  return Math.sign(x) * (0.5 - normalDensity(x) * millsRatio(Math.abs(x)));
}

/** Marsaglia: the integral of the density from 0 to x is `density(x) (x + x^3/3 + x^5/15 + …)`. */
function fromZero(x: number): number {
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > Math.abs(sum) * 2 ** -60; odd += 2) {
    term *= x * x / odd;
    sum += term;
  }
  return sum * normalDensity(x);
}

/**
 * Mills' ratio, upper tail over density: `1 / (x + 1 / (x + 2 / (x + 3 / (x + …))))`, from the inside out.
 */
function millsRatio(x: number): number {
  let denominator = x;
  for (let term = FRACTION_TERMS; term > 0; term--) denominator = x + term / denominator;
  return 1 / denominator;
}

/** The inverse for a probability under 0.075 or so. */
function lowerTail(probability: number): number {
  if (probability === 0) return -Infinity;
  if (!(probability > 0)) return NaN;
  const r = Math.sqrt(-Math.log(probability));
  const y = r <= 5 ? rational(NEAR_TAIL, r - 1.6) : rational(FAR_TAIL, r - 5);
  // Newton on the logarithm of the tail, whose slope is -1 / Mills' ratio: nothing underflows, and a rounding
  // of the logarithm, about y^2 / 2, moves the result by a y-th part of it.
  const mills = millsRatio(y);
  const logTail = Math.log(mills) - LOG_SQRT_TWO_PI - y * y / 2;
  return -y - mills * (logTail - Math.log(probability));
}

function rational([numerator, denominator]: number[][], x: number): number {
  const horner = (coefficients: number[]): number => coefficients.reduceRight((sum, c) => sum * x + c, 0);
  return horner(numerator) / horner(denominator);
}
