/**
 * How far one sampled network of finite width, measured on one batch, lies from the mean over networks: the delta method to first
 * order in 1/width.
 *
 * Given the layer below, a layer's neurons are independent, so the mean over n neurons and b rows of any g(z) has the variance
 * (1/n) [cov(c = 1) / b + (1 - 1/b) cov(c)], where cov(c) = Cov(g(u), g(v)) for the z of two rows with correlation c. Rows that point
 * in one direction fluctuate together and averaging over them gains nothing; for a single input of a ReLU network this is the known
 * 5/n a layer (B. Hanin, D. Rolnick, "How to start training: the effect of initialization and architecture", 2018, theorem 5).
 *
 * @module
 */
import { expectation, normalRule, visitPairs } from "./quadrature.ts";
import { isHomogeneous, type Transfer, transferFunction } from "./theory.ts";

/** Relative covariances between two rows of what is averaged over a layer's neurons, for a pair with one correlation. */
export interface PairCovariances {
  /** Of z² and z². */
  readonly zz: number;
  /** Of f(z)² and f(z)². */
  readonly hh: number;
  /** Of z² and f(z)². */
  readonly zh: number;
  /** E[f'² f'²] / E[f'²]²: not yet a covariance, as the gradients' own correlation enters. */
  readonly slopes: number;
  /** Of f'(z)² and f(z)². */
  readonly slopeH: number;
  /** E[f' f'] / E[f'²]: the cosine map of the gradients. */
  readonly slopeCosine: number;
  /** E[f f] / E[f²]: the cosine map of the signals. */
  readonly cosine: number;
  /** n times the variance of the cosine of two rows after the transfer, over networks. */
  readonly cosineVariance: number;
}

/**
 * The covariances of a transfer at a scale and a correlation.
 *
 * @param transfer Which f.
 * @param q E[z²].
 * @param c Correlation of the rows' z.
 */
export function pairCovariances(transfer: Transfer, q: number, c: number): PairCovariances {
  const { f, slope } = transferFunction(transfer), scale = scaleOf(transfer, q);
  const h2 = expectation((x) => f(scale * x) ** 2), d2 = expectation((x) => slope(scale * x) ** 2);
  const h4 = expectation((x) => f(scale * x) ** 4);
  let hh = 0, h2h2 = 0, h3h = 0, z2h2 = 0, dd = 0, d2d2 = 0, d2h2 = 0;
  visitPairs(c, (u, v, w) => {
    const a = f(scale * u), b = f(scale * v), p = slope(scale * u), r = slope(scale * v);
    hh += w * a * b;
    h2h2 += w * a * a * b * b;
    h3h += w * a * a * a * b;
    z2h2 += w * u * u * b * b;
    dd += w * p * r;
    d2d2 += w * p * p * r * r;
    d2h2 += w * p * p * b * b;
  });
  const cosine = hh / h2;
  // The influence of one neuron on the cosine is ab - cosine (a² + b²) / 2, over E[f²].
  const variance = h2h2 - 2 * cosine * h3h + cosine * cosine * (h4 + h2h2) / 2;
  return {
    zz: 2 * c * c,
    hh: h2h2 / h2 ** 2 - 1,
    zh: z2h2 / h2 - 1,
    slopes: d2d2 / d2 ** 2,
    slopeH: d2h2 / (d2 * h2) - 1,
    slopeCosine: dd / d2,
    cosine,
    cosineVariance: Math.max(0, variance / h2 ** 2),
  };
}

/** The covariances between the cosines of two pairs of rows that share one row, or none: what is left of a mean over all pairs. */
export interface CosineCovariances {
  /** n times the covariance for pairs such as (a, b) and (a, c). */
  readonly shared: number;
  /** n times the covariance for pairs such as (a, b) and (c, d). */
  readonly disjoint: number;
}

/**
 * Covariances of the cosines of different pairs, where all rows have one correlation c ≥ 0: z = √c g + √(1 - c) e with g common to
 * all rows and e each row's own, so that given g rows are independent.
 *
 * @param transfer Which f.
 * @param q E[z²].
 * @param c Correlation of any two rows; below 0 counts as 0.
 */
export function cosineCovariances(transfer: Transfer, q: number, c: number): CosineCovariances {
  const { f } = transferFunction(transfer), scale = scaleOf(transfer, q);
  const common = scale * Math.sqrt(Math.max(0, c)), own = scale * Math.sqrt(1 - Math.max(0, c));
  const { at, weight } = coarseRule(), values = new Float64Array(at.length);
  const h2 = expectation((x) => f(scale * x) ** 2);
  let cosine = 0;
  const given = Array.from(at, (g, i) => {
    let first = 0, second = 0;
    at.forEach((e, j) => {
      const h = f(common * g + own * e);
      first += weight[j] * h;
      second += weight[j] * h * h;
    });
    cosine += weight[i] * first * first / h2;
    return { g, first, second, weight: weight[i] };
  });
  let shared = 0, disjoint = 0;
  for (const { g, first, second, weight: w } of given) {
    let mean = 0, square = 0;
    for (let j = 0; j < at.length; j++) {
      values[j] = f(common * g + own * at[j]);
      const influence = (values[j] * first - cosine * (values[j] ** 2 + second) / 2) / h2;
      mean += weight[j] * influence;
      square += weight[j] * influence * influence;
    }
    shared += w * square;
    disjoint += w * mean * mean;
  }
  return { shared, disjoint };
}

/** For a kink that may lie anywhere: steps of 1/16, whose error of about 1/256 is nothing to an error bar. */
function coarseRule(): { at: Float64Array; weight: Float64Array } {
  const at = Float64Array.from({ length: 193 }, (_, i) => (i - 96) / 16);
  return { at, weight: at.map((x) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) / 16) };
}

/** What is homogeneous is the same at every scale, and at scale 1 does not overflow; a smooth f needs some scale at all. */
function scaleOf(transfer: Transfer, q: number): number {
  return isHomogeneous(transfer) ? 1 : Math.sqrt(Math.max(q, 1e-24));
}

/**
 * d log E[g(√q x)²] / d log q for the transfer (forward) and its slope (backward), from the weighted second moments:
 * by Stein's lemma it is E[(x² - 1) g²] / (2 E[g²]).
 *
 * @param transfer Which f.
 * @param q E[z²].
 */
export function responses(transfer: Transfer, q: number): { forward: number; backward: number } {
  if (isHomogeneous(transfer)) return { forward: 1, backward: 0 };
  const { f, slope } = transferFunction(transfer),
    scale = scaleOf(transfer, q),
    { at, weight } = normalRule();
  let h = 0, hx = 0, d = 0, dx = 0;
  at.forEach((x, i) => {
    const a = weight[i] * f(scale * x) ** 2, b = weight[i] * slope(scale * x) ** 2;
    h += a;
    hx += a * (x * x - 1);
    d += b;
    dx += b * (x * x - 1);
  });
  return { forward: hx / (2 * h), backward: dx / (2 * d) };
}
