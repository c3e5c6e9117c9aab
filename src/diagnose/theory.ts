/**
 * Theory of signals in wide networks at their initialisation: what is to be expected, as pure functions in float64.
 *
 * In a layer z = W h + b with independent weights the elements of z are sums of many terms, normal for wide layers. With q = E[z²],
 * σ_w² = inputs · Var(W) and σ_b² = E[b²] one layer maps q → σ_w² E[f(√q x)²] + σ_b², x ~ N(0, 1), and the gradient's second moment
 * by χ = σ_w² E[f'(√q x)²].
 *
 * - K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", 2015, sections 2.2 and 2.3: ReLU, forward and backward.
 * - X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, section 4.2.1: linear.
 * - B. Poole et al., "Exponential expressivity in deep neural networks through transient chaos", 2016, equations 3 to 5: any f.
 * - S. Schoenholz, J. Gilmer, S. Ganguli, J. Sohl-Dickstein, "Deep information propagation", 2017, equations 4 to 11: depth scales.
 * - Y. Cho, L. Saul, "Kernel methods for deep learning", 2009, equations 4 to 6: the arc-cosine kernels, ReLU in closed form.
 *
 * @module
 */
import { type ActivationName, LEAKY_SLOPE } from "../../kernels/activation.ts";
import { ArgumentError } from "../gpu/errors.ts";
import type { Distribution } from "../random/distribution.ts";
import { normalCdf } from "../random/normal.ts";
import { expectation, visitPairs } from "./quadrature.ts";

/** What follows a layer: an activation, or nothing. */
export type Transfer = ActivationName | "linear";

/** Mean and variance. */
export interface Moments {
  /** The first moment. */
  readonly mean: number;
  /** The second moment about it. */
  readonly variance: number;
}

/** A transfer with its derivative, float64. */
export interface TransferFunction {
  /** f(z). */
  readonly f: (z: number) => number;
  /** f'(z); 0 at the kink of ReLU. */
  readonly slope: (z: number) => number;
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

const TRANSFERS: Readonly<Record<Transfer, TransferFunction>> = {
  linear: { f: (z) => z, slope: () => 1 },
  relu: { f: (z) => Math.max(z, 0), slope: (z) => z > 0 ? 1 : 0 },
  leaky_relu: { f: (z) => z > 0 ? z : LEAKY_SLOPE * z, slope: (z) => z > 0 ? 1 : LEAKY_SLOPE },
  tanh: { f: Math.tanh, slope: (z) => 1 - Math.tanh(z) ** 2 },
  sigmoid: { f: sigmoid, slope: (z) => sigmoid(z) * sigmoid(-z) },
};

/**
 * A transfer and its derivative on the host, in float64.
 *
 * @param transfer Its name.
 */
export function transferFunction(transfer: Transfer): TransferFunction {
  return TRANSFERS[transfer];
}

/** Whether f(k z) = k f(z) for k > 0: then all but the scale is independent of q. */
export function isHomogeneous(transfer: Transfer): boolean {
  return transfer === "linear" || transfer === "relu" || transfer === "leaky_relu";
}

/**
 * Mean and variance of a distribution. The truncated normal's are those of N. Johnson, S. Kotz, N. Balakrishnan, "Continuous
 * univariate distributions", volume 1, 1994, section 10.1.
 *
 * @param d A distribution of real numbers, or of integers.
 * @throws {ArgumentError} for `bits`, which are no numbers.
 */
export function distributionMoments(d: Distribution): Moments {
  switch (d.kind) {
    case "constant":
      return { mean: d.value, variance: 0 };
    case "uniform":
      return { mean: (d.low + d.high) / 2, variance: (d.high - d.low) ** 2 / 12 };
    case "bounded":
      return { mean: 0, variance: d.bound ** 2 / 3 };
    case "normal":
      return { mean: d.mean, variance: d.std ** 2 };
    case "truncated_normal":
      return truncatedMoments(d.mean, d.std, d.low, d.high);
    case "integers":
      return { mean: (d.low + d.high - 1) / 2, variance: ((d.high - d.low) ** 2 - 1) / 12 };
    case "bernoulli":
      return { mean: d.probability, variance: d.probability * (1 - d.probability) };
    case "bits":
      throw new ArgumentError("bits have no moments", "give a distribution of numbers");
  }
}

function truncatedMoments(mean: number, std: number, low: number, high: number): Moments {
  const a = (low - mean) / std, b = (high - mean) / std, left = normalCdf(b) - normalCdf(a);
  const density = (x: number) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) / left;
  const shift = density(a) - density(b);
  // An infinite bound has no density, and ∞ · 0 is no number.
  const edge = (x: number) => Number.isFinite(x) ? x * density(x) : 0;
  return { mean: mean + std * shift, variance: std * std * (1 + edge(a) - edge(b) - shift * shift) };
}

/**
 * E[f(√q x)²], x ~ N(0, 1): the second moment after a transfer. ReLU: q/2 (He 2015, equation 8).
 *
 * @param transfer Which f.
 * @param q E[z²], 0 or more.
 */
export function outputMoment(transfer: Transfer, q: number): number {
  if (transfer === "linear") return q;
  if (transfer === "relu") return q / 2;
  if (transfer === "leaky_relu") return q * (1 + LEAKY_SLOPE ** 2) / 2;
  const { f } = TRANSFERS[transfer], scale = Math.sqrt(q);
  return expectation((x) => f(scale * x) ** 2);
}

/**
 * E[f'(√q x)²]: the part of the gradient's second moment that a transfer lets pass. ReLU: 1/2.
 *
 * @param transfer Which f.
 * @param q E[z²], 0 or more.
 */
export function slopeMoment(transfer: Transfer, q: number): number {
  if (transfer === "linear") return 1;
  if (transfer === "relu") return 0.5;
  if (transfer === "leaky_relu") return (1 + LEAKY_SLOPE ** 2) / 2;
  const { slope } = TRANSFERS[transfer], scale = Math.sqrt(q);
  return expectation((x) => slope(scale * x) ** 2);
}

/** The random layers of a uniform network. */
export interface MeanField {
  /** What follows each. */
  readonly transfer: Transfer;
  /** σ_w²: inputs · Var(W). */
  readonly weight: number;
  /** σ_b²: E[b²]. */
  readonly bias: number;
}

/**
 * One layer: q → σ_w² E[f(√q x)²] + σ_b² (Poole 2016, equation 3). ReLU: σ_w² q / 2 + σ_b².
 *
 * @param field The layer.
 * @param q E[z²] of the layer below.
 */
export function momentMap(field: MeanField, q: number): number {
  return field.weight * outputMoment(field.transfer, q) + field.bias;
}

/**
 * χ = σ_w² E[f'(√q x)²], by which a gradient's second moment changes from a layer to the one below, and a small angle between two
 * signals from a layer to the next (Schoenholz 2017, equations 5 and 9). ReLU: σ_w² / 2.
 *
 * @param field The layer.
 * @param q E[z²] of the layer whose transfer the gradient passes.
 */
export function gradientFactor(field: MeanField, q: number): number {
  return field.weight * slopeMoment(field.transfer, q);
}

/**
 * E[f(√q u) f(√q v)] / E[f(√q x)²] for standard normals of a correlation: the cosine of two signals after a transfer.
 *
 * ReLU in closed form (Cho and Saul 2009, equation 6, n = 1): (sin θ + (π - θ) cos θ) / π, θ = arccos c. Others by quadrature.
 *
 * @param transfer Which f.
 * @param q E[z²] of both signals.
 * @param correlation Of the two before the transfer, -1 to 1.
 */
export function cosineMap(transfer: Transfer, q: number, correlation: number): number {
  const c = Math.min(1, Math.max(-1, correlation)), theta = Math.acos(c);
  if (transfer === "linear") return c;
  if (transfer === "relu") return (Math.sin(theta) + (Math.PI - theta) * c) / Math.PI;
  return cosineByQuadrature(transfer, q, c);
}

/**
 * {@linkcode cosineMap} by quadrature for every transfer.
 *
 * @param transfer Which f.
 * @param q E[z²] of both signals.
 * @param correlation Of the two before the transfer, -1 to 1.
 */
export function cosineByQuadrature(transfer: Transfer, q: number, correlation: number): number {
  const { f } = TRANSFERS[transfer];
  // At q = 0 an f with f(0) = 0 has no direction of its own, only the limit; a homogeneous one is the same at every scale.
  const scale = Math.sqrt(isHomogeneous(transfer) ? 1 : Math.max(q, 1e-24));
  let product = 0, square = 0;
  visitPairs(correlation, (u, v, w) => {
    const a = f(scale * u);
    product += w * a * f(scale * v);
    square += w * a * a;
  });
  return product / square;
}

/**
 * The cosine of two inputs' activations after some layers of ReLU without biases, whatever the weights' scale. 30 layers
 * make 0.972 of 0.
 *
 * @param cosine Of the two inputs.
 * @param layers How many.
 */
export function reluCosine(cosine: number, layers: number): number {
  let c = cosine;
  for (let i = 0; i < layers; i++) c = cosineMap("relu", 1, c);
  return c;
}

/** Where {@linkcode momentMap} comes to rest, and how fast. */
export interface FixedPoint {
  /** q*, or Infinity where the signal grows without end. */
  readonly q: number;
  /** χ at q*: below 1 two inputs become one (ordered), above 1 they part (chaotic). */
  readonly chi: number;
  /** ξ = 1 / |ln χ|: the number of layers in which what tells two inputs apart, and a gradient, changes by a factor of e. */
  readonly depthScale: number;
}

/** Rounds of the map; next to criticality q falls as 1 / layers and has not come to rest after any number of them. */
const MOST_LAYERS = 20_000;

/**
 * The fixed point q* of the map from q, χ there, and the depth scale ξ (Schoenholz 2017, equations 7 to 11).
 *
 * ReLU: q* = σ_b² / (1 - σ_w²/2). `torch_linear` has σ_w² = 1/3 and σ_b² = 1/(3n), hence 0.4/n.
 *
 * @param field The layers.
 * @param from q to begin with; 1 unless given.
 */
export function fixedPoint(field: MeanField, from = 1): FixedPoint {
  const q = restingPoint(field, from), chi = gradientFactor(field, q === Infinity ? 1 : q);
  return { q, chi, depthScale: 1 / Math.abs(Math.log(chi)) };
}

function restingPoint(field: MeanField, from: number): number {
  if (isHomogeneous(field.transfer)) {
    const slope = momentMap({ ...field, bias: 0 }, 1);
    if (slope < 1) return field.bias / (1 - slope);
    return slope === 1 && field.bias === 0 ? from : Infinity;
  }
  let q = from;
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    const next = momentMap(field, q);
    if (Math.abs(next - q) <= 1e-13 * Math.abs(next) || next < 1e-30) return next < 1e-30 ? 0 : next;
    q = next;
  }
  return q;
}

/**
 * The number of layers after which a signal's second moment has changed by a given factor, at a rate per layer. Infinity at rate 1.
 *
 * @param ratio Factor per layer.
 * @param factor Total factor of loss or growth that still counts as reaching; 1e6 unless given, a thousandth of the amplitude.
 */
export function reach(ratio: number, factor = 1e6): number {
  return ratio === 1 ? Infinity : Math.log(factor) / Math.abs(Math.log(ratio));
}

/**
 * E[(∂loss/∂z)²] per element and row, of softmax cross-entropy on logits that are independent N(0, q) and tell nothing of the label:
 * (E[Σ p²] + 1 - 2/K) / K. At q = 0 it is (1 - 1/K) / K.
 *
 * E[Σ p²] = K ∫ E[w² e^-w] E[e^-w]^(K-1) ds with w = e^(s + √q x), from 1/S² = ∫ t e^(-tS) dt and t = e^s; trapezoidal, which for
 * integrands that vanish at both ends converges faster than any power.
 *
 * @param classes K, 1 or more.
 * @param q E[z²] of the logits, 0 or more.
 */
export function crossEntropyGradient(classes: number, q: number): number {
  const sigma = Math.sqrt(q), concentration = (square: number) => (square + 1 - 2 / classes) / classes;
  // Logits this far apart have one winner: Σ p² is 1 to within about K / σ.
  if (!(sigma < 1e3)) return concentration(1);
  const low = -20 - 6 * sigma,
    high = 6 + 6 * sigma,
    steps = Math.ceil((high - low) * 8),
    h = (high - low) / steps;
  const nodes = Array.from({ length: 241 }, (_, i) => -6 + i / 20);
  const weights = nodes.map((x) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) / 20);
  let total = 0;
  for (let i = 0; i <= steps; i++) {
    let peak = 0, rest = 0;
    nodes.forEach((x, j) => {
      const w = Math.exp(low + i * h + sigma * x), decay = weights[j] * Math.exp(-w);
      if (decay === 0) return; // and w may be infinite
      peak += decay * w * w;
      rest += decay;
    });
    total += peak * rest ** (classes - 1);
  }
  return concentration(Math.min(1, Math.max(1 / classes, classes * total * h)));
}

/**
 * How many directions a set of vectors takes, counted by the weight in each: exp(H(p)), p = σ_i / Σ σ over the singular values.
 * 1 for copies of one vector, n for n orthogonal ones of equal length, 0 for zeros.
 *
 * O. Roy, M. Vetterli, "The effective rank: a measure of effective dimensionality", 2007, definition 1.
 *
 * @param singularValues 0 or more each.
 */
export function effectiveRankOf(singularValues: ArrayLike<number>): number {
  let total = 0, entropy = 0;
  for (let i = 0; i < singularValues.length; i++) total += singularValues[i];
  if (total === 0) return 0;
  for (let i = 0; i < singularValues.length; i++) {
    const p = singularValues[i] / total;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return Math.exp(entropy);
}

/**
 * The quantile of the standard normal distribution, by bisection of {@linkcode normalCdf}: the number of standard errors of a
 * two-sided interval.
 *
 * @param level Probability that it holds, between 0 and 1: 0.95 gives 1.96.
 * @throws {ArgumentError} when it is not between 0 and 1.
 */
export function standardErrors(level: number): number {
  if (!(level > 0 && level < 1)) {
    throw new ArgumentError(`confidence level ${level}`, "give a number between 0 and 1");
  }
  let low = 0, high = 8;
  // Counted in the left tail, where no digits are lost.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(-middle) > (1 - level) / 2) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
