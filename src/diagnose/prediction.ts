/**
 * Prediction before training: from shapes and initialisers alone, the scale of the signal at every layer, forward and backward, and
 * how far one sampled network may lie from it.
 *
 * The means follow `theory.ts`. Layer by layer the model also carries what a finite width adds: the spread of the cosines between
 * rows, the spread of the rows' own scales, and the sources of fluctuation, from which {@linkcode ratioBand} makes a band.
 *
 * @module
 */
import type { ActivationName } from "../../kernels/activation.ts";
import { ArgumentError, ShapeError } from "../gpu/errors.ts";
import type { Filling, Initializer } from "../init/initializer.ts";
import { cosineCovariances, type PairCovariances, pairCovariances, responses } from "./fluctuation.ts";
import { gramMatrix, pairwiseCosine } from "./spectrum.ts";
import {
  crossEntropyGradient,
  distributionMoments,
  outputMoment,
  slopeMoment,
  standardErrors,
  type Transfer,
} from "./theory.ts";

/** What a prediction has to know of the inputs. */
export interface InputStatistics {
  /** E[x²] over all elements. */
  readonly secondMoment: number;
  /** E[x]; matters only to weights whose mean is not 0. 0 unless given. */
  readonly mean?: number;
  /** Mean cosine of two rows; 0 unless given. */
  readonly cosine?: number;
  /** Variance of that cosine over pairs; 1 / inputs unless given, as for random directions. */
  readonly cosineVariance?: number;
  /** Relative variance of the rows' own second moments; 2 / inputs unless given, as for normal elements. */
  readonly rowVariance?: number;
  /** Relative variance of the batch's own mean x² about `secondMoment`: 0 where that is measured; rowVariance / rows unless given. */
  readonly momentVariance?: number;
}

/** What is to be predicted. */
export interface PredictOptions {
  /** E[x²] of the inputs, or all that is known of them; 1 unless given. */
  readonly input?: number | InputStatistics;
  /** Rows of the batch on which the prediction is to be compared with a measurement; 256 unless given. */
  readonly rows?: number;
  /** Classes of the softmax cross-entropy at the end; the last width unless given. */
  readonly classes?: number;
  /** Mean square cosine between the rows' gradients at the last z; 1 / (classes - 1) unless given, as at random labels. */
  readonly gradientCosineSquare?: number;
}

/** One linear layer's expectation. `null` where theory has no answer; `unknown` says why. */
export interface LayerPrediction {
  /** The layer's parameter name without `.weight`. */
  readonly name: string;
  /** Number of inputs. */
  readonly inputs: number;
  /** Number of outputs. */
  readonly outputs: number;
  /** What follows it. */
  readonly transfer: Transfer;
  /** E[z²], before the activation. */
  readonly secondMoment: number | null;
  /** E[z²] over the layer below's; `null` for the first layer. */
  readonly forwardRatio: number | null;
  /** E[(∂loss/∂z)²] over the layer above's; `null` for the last. */
  readonly backwardRatio: number | null;
  /** E[(∂loss/∂z)²] of one row's softmax cross-entropy. */
  readonly gradientMoment: number | null;
  /** Mean cosine of two rows after the activation: 1 where all inputs become one. */
  readonly cosine: number | null;
  /** Standard error of the mean cosine over a batch. */
  readonly cosineError: number | null;
  /** Why something is `null`, in words. */
  readonly unknown?: string;
  /** The sources of fluctuation; `null` where the prediction is. */
  readonly noise: LayerNoise | null;
}

/** The relative variances that one layer's sampling adds, for {@linkcode ratioBand}. */
export interface LayerNoise {
  /** Of the mean z², given the layer below. */
  readonly z: number;
  /** Of the mean f(z)², given the layer below. */
  readonly h: number;
  /** Covariance of the two. */
  readonly zh: number;
  /** Covariance of the mean f'(z)² with the mean f(z)². */
  readonly slopeH: number;
  /** Part of the next layer's E[z²] that comes through the weights, not the biases. */
  readonly passed: number;
  /** d log E[f²] / d log q. */
  readonly forwardResponse: number;
  /** d log E[f'²] / d log q. */
  readonly backwardResponse: number;
  /** Second moment of a row's gradient factor over its squared mean, less 1. */
  readonly gradientRow: number;
  /** The same of two rows' factors. */
  readonly gradientPair: number;
}

/** A prediction for a whole network. */
export interface Prediction {
  /** Rows of the batch that the noise is for. */
  readonly rows: number;
  /** Relative variance that the batch's own second moment gives the first layer's E[z²]. */
  readonly inputNoise: number;
  /** From the input on. */
  readonly layers: readonly LayerPrediction[];
}

/** A band in which a measurement lies with a stated probability. */
export interface Band {
  /** Its lower end. */
  readonly low: number;
  /** The median. */
  readonly expected: number;
  /** Its upper end. */
  readonly high: number;
  /** Standard error of the natural logarithm. */
  readonly logError: number;
}

/** What a weight or bias contributes. */
interface WeightModel {
  readonly mean: number;
  readonly variance: number;
  /** Whether W is orthogonal up to a factor, so that lengths are kept and not only expected. */
  readonly isometric: boolean;
}

/**
 * Predicts a network's signal at its initialisation.
 *
 * @example PyTorch's own default keeps its variance over 30 layers and maps every input to one output
 * ```ts
 * import { predict, torchLinear } from "@fanin/fanin";
 *
 * const { layers } = predict(Array(31).fill(512), torchLinear(), "relu");
 * console.log(layers[20].forwardRatio); // 1: it looks stable
 * console.log(layers[20].cosine); // 1: it is not
 * ```
 *
 * @param widths From the inputs to the outputs.
 * @param initializer What the parameters are drawn from.
 * @param activation What follows every layer but the last.
 * @param options Inputs, batch and classes.
 * @throws {ShapeError} {@linkcode ArgumentError} when something is no network, or the initialiser does not apply.
 */
export function predict(
  widths: readonly number[],
  initializer: Initializer,
  activation: ActivationName | "linear",
  options: PredictOptions = {},
): Prediction {
  check(widths, options);
  const rows = options.rows ?? 256, models = modelsOf(widths, initializer);
  const input = inputOf(options, widths[0], rows),
    steps = forwardSteps(widths, models, activation, input, rows);
  const inputNoise = steps[0].passed ** 2 * input.momentVariance;
  return { rows, inputNoise, layers: withGradients(widths, steps, models, options, rows) };
}

/**
 * What {@linkcode predict} has to know of a batch, measured on the host: at most 256 rows are compared with one another.
 *
 * @param features [rows, columns], row-major.
 * @param columns Elements of a row.
 * @throws {ShapeError} when there is no row.
 */
export function inputStatistics(features: ArrayLike<number>, columns: number): InputStatistics {
  const rows = features.length / columns, compared = Math.min(rows, 256);
  if (!Number.isInteger(rows) || rows < 1) {
    throw new ShapeError(`${features.length} features in rows of ${columns}`, "give one row or more");
  }
  let sum = 0, total = 0, squares = 0;
  for (let r = 0; r < rows; r++) {
    let own = 0;
    for (let i = r * columns; i < (r + 1) * columns; i++) {
      sum += features[i];
      own += features[i] * features[i];
    }
    total += own;
    squares += own * own;
  }
  const cosine = pairwiseCosine(gramMatrix(features, compared, columns)) ?? { mean: 1, variance: 0 };
  return {
    secondMoment: total / features.length,
    mean: sum / features.length,
    cosine: cosine.mean,
    cosineVariance: cosine.variance,
    momentVariance: 0,
    rowVariance: total === 0 ? 0 : Math.max(0, squares * rows / (total * total) - 1),
  };
}

/**
 * The band of a ratio of second moments between two layers of one sampled network: the later layer's E[z²] over the earlier one's, or
 * the earlier one's E[(∂loss/∂z)²] over the later one's. Take the root of the number of layers between for a geometric mean.
 *
 * Log-normal about the prediction. Let v be the relative deviation of a layer's E[z²] given the layer below, ζ and η those of its
 * own mean z² and f(z)². Then v' = a (r v + η), r = d log E[f²] / d log q and a the part through the weights, and what is measured is
 * v + ζ. Backward the sources are the neurons' f'² and gradients, and v through d log E[f'²] / d log q. A mean of logarithms lies
 * half a variance below the logarithm of the mean. float32's rounding is not in it.
 *
 * @param prediction With as many rows as the measurement.
 * @param direction `forward` or `backward`.
 * @param from Number of the earlier layer, from 0.
 * @param to Number of the later layer.
 * @param level Probability of the band.
 * @returns `null` where the prediction is.
 */
export function ratioBand(
  prediction: Prediction,
  direction: "forward" | "backward",
  from: number,
  to: number,
  level = 0.95,
): Band | null {
  const { layers, rows, inputNoise } = prediction, upTo = layers.slice(0, to + 1);
  if (!(0 <= from && from < to && to < layers.length)) {
    throw new ArgumentError(`layers ${from} to ${to} of ${layers.length}`, "give an earlier and a later one");
  }
  if (upTo.some((layer) => layer.noise === null)) return null;
  const noise = upTo.map((layer) => layer.noise!);
  let logRatio = 0;
  for (let i = from; i < to; i++) {
    const ratio = direction === "forward" ? layers[i + 1].forwardRatio : layers[i].backwardRatio;
    if (ratio === null || ratio === 0) return null;
    logRatio += Math.log(ratio);
  }
  const { variance, shift } = direction === "forward"
    ? forwardVariance(noise, from, to, inputNoise)
    : backwardVariance(noise, from, to, rows, inputNoise);
  const middle = logRatio + shift, error = Math.sqrt(variance), reach = standardErrors(level) * error;
  return {
    low: Math.exp(middle - reach),
    expected: Math.exp(middle),
    high: Math.exp(middle + reach),
    logError: error,
  };
}

/** v of layer `at` as a sum of the sources η of the layers below, and of the input's, with these weights. */
function passage(noise: readonly LayerNoise[], at: number): { input: number; layers: number[] } {
  const layers = Array<number>(at).fill(0);
  let product = 1;
  for (let k = at - 1; k >= 0; k--) {
    layers[k] = product * noise[k].passed;
    product *= noise[k].passed * noise[k].forwardResponse;
  }
  return { input: product, layers };
}

function forwardVariance(
  noise: readonly LayerNoise[],
  from: number,
  to: number,
  inputNoise: number,
): { variance: number; shift: number } {
  const late = passage(noise, to), early = passage(noise, from);
  const own = ({ input, layers }: typeof late, at: number) =>
    layers.reduce((sum, w, k) => sum + w * w * noise[k].h, noise[at].z + input * input * inputNoise);
  let variance = noise[to].z + (late.input - early.input) ** 2 * inputNoise;
  late.layers.forEach((w, k) => variance += (w - (early.layers[k] ?? 0)) ** 2 * noise[k].h);
  variance += noise[from].z - 2 * late.layers[from] * noise[from].zh;
  return { variance: Math.max(0, variance), shift: (own(early, from) - own(late, to)) / 2 };
}

function backwardVariance(
  noise: readonly LayerNoise[],
  from: number,
  to: number,
  rows: number,
  inputNoise: number,
): { variance: number; shift: number } {
  let row = 1, pair = 1, input = 0;
  const coupling = Array<number>(to).fill(0);
  for (let l = from; l < to; l++) {
    row *= 1 + noise[l].gradientRow;
    pair *= 1 + noise[l].gradientPair;
    const through = passage(noise, l);
    through.layers.forEach((w, k) => coupling[k] += w * noise[l].backwardResponse);
    input += through.input * noise[l].backwardResponse;
  }
  // Rows part by products of their own factors: few rows carry the mean in the end.
  const direct = Math.log(row / rows + (1 - 1 / rows) * pair);
  let indirect = input * input * inputNoise;
  coupling.forEach((t, k) => indirect += t * t * noise[k].h + (k >= from ? 2 * t * noise[k].slopeH : 0));
  return { variance: Math.max(0, direct + indirect), shift: -direct / 2 };
}

function check(widths: readonly number[], { rows = 256, classes }: PredictOptions): void {
  if (widths.length < 2 || widths.some((w) => !Number.isSafeInteger(w) || w < 1)) {
    throw new ShapeError(
      `layers ${widths.join(",")} are no network`,
      "give two widths or more, such as 784,128,10",
    );
  }
  if (!Number.isSafeInteger(rows) || rows < 1) throw new ArgumentError(`${rows} rows`, "give 1 or more");
  if (classes !== undefined && (classes < 1 || classes > widths[widths.length - 1])) {
    throw new ArgumentError(`${classes} classes`, `give 1 to ${widths[widths.length - 1]}`);
  }
}

function inputOf({ input = 1 }: PredictOptions, inputs: number, rows: number): Required<InputStatistics> {
  const given = typeof input === "number" ? { secondMoment: input } : input;
  if (!(given.secondMoment >= 0 && Number.isFinite(given.secondMoment))) {
    throw new ArgumentError(`second moment ${given.secondMoment} of the inputs`, "give a number from 0 on");
  }
  const rowVariance = given.rowVariance ?? 2 / inputs, momentVariance = rowVariance / rows;
  return { mean: 0, cosine: 0, cosineVariance: 1 / inputs, momentVariance, ...given, rowVariance };
}

/** Weight and bias of one layer; without an answer, why. */
interface LayerModel {
  readonly weight: WeightModel | string;
  readonly bias: WeightModel | string;
}

function modelsOf(widths: readonly number[], initializer: Initializer): LayerModel[] {
  return widths.slice(1).map((outputs, i) => {
    const shape = [outputs, widths[i]], place = { first: i === 0, last: i === widths.length - 2 };
    return {
      weight: modelOf(initializer, initializer.weight(shape, place), shape),
      bias: modelOf(initializer, initializer.bias(shape, place), shape),
    };
  });
}

/** A computed filling is a black box; of those that are made of random numbers the scale is known by name. */
function modelOf(
  { name, options }: Initializer,
  filling: Filling,
  [outputs, inputs]: readonly number[],
): WeightModel | string {
  if (filling.kind !== "computed") return { ...distributionMoments(filling), isometric: false };
  if (name === "orthogonal") {
    // Orthonormal along the shorter side: E[w²] = gain² / the longer one.
    const variance = Number(options.gain) ** 2 / Math.max(outputs, inputs);
    return { mean: 0, variance, isometric: true };
  }
  if (name === "sparse") {
    const kept = 1 - Math.ceil(Number(options.sparsity) * outputs) / outputs;
    return { mean: 0, variance: kept * Number(options.std) ** 2, isometric: false };
  }
  return `theory of random weights does not cover ${name}, whose elements depend on their place`;
}

/** A layer on the way forward. */
interface Step {
  readonly transfer: Transfer;
  readonly q: number | null;
  readonly unknown?: string;
  readonly state?: State;
  readonly pairs?: Pairs;
  readonly cosine: number | null;
  readonly cosineError: number | null;
  readonly passed: number;
}

/** What of z is carried from layer to layer. */
interface State {
  /** E[z²]. */
  readonly q: number;
  /** Mean cosine of two rows. */
  readonly cosine: number;
  /** Its variance over pairs and networks. */
  readonly pairVariance: number;
  /** Its covariance for pairs that share a row, and for those that do not. */
  readonly shared: number;
  readonly disjoint: number;
  /** Relative variance of one row's E[z²] over rows and networks. */
  readonly rowVariance: number;
  /** Relative variance of the mean z² that an orthogonal W takes away: 2/n, else 0. */
  readonly sphere: number;
}

/** Covariances of a row with itself, and of two rows one standard deviation of the cosine below and above its mean. */
interface Pairs {
  readonly same: PairCovariances;
  readonly below: PairCovariances;
  readonly above: PairCovariances;
}

function forwardSteps(
  widths: readonly number[],
  models: readonly LayerModel[],
  activation: Transfer,
  input: Required<InputStatistics>,
  rows: number,
): Step[] {
  const steps: Step[] = [];
  const own = input.cosineVariance;
  let below: State = {
    ...input,
    q: input.secondMoment,
    pairVariance: own,
    shared: 0,
    disjoint: 0,
    sphere: 0,
  };
  let moment = input.secondMoment, unknown: string | undefined;
  models.forEach((model, i) => {
    const n = widths[i], transfer = i === models.length - 1 ? "linear" : activation;
    const none = { transfer, q: null, cosine: null, cosineError: null, passed: 0 } as const;
    unknown ??= [model.weight, model.bias].find((m) => typeof m === "string");
    if (unknown !== undefined) return steps.push({ ...none, unknown });
    const weight = model.weight as WeightModel, bias = model.bias as WeightModel;
    const through = n * weight.variance * moment,
      biases = bias.variance + bias.mean ** 2,
      q = through + biases;
    if (weight.mean !== 0 || bias.mean !== 0) {
      unknown =
        "weights or biases whose mean is not 0 give every neuron a common part, which has no wide limit";
      const common = weight.mean ** 2 * (n * moment + n * (n - 1) * input.mean ** 2) +
        2 * bias.mean * weight.mean * n * input.mean;
      return steps.push({ ...none, q: i === 0 ? q + common : null, unknown });
    }
    const a = q === 0 ? 0 : through / q, width = widths[i + 1], kept = lengthKept(weight, width, n);
    const state = { ...enter(below, q, a), sphere: 2 * kept / width };
    const pairs = pairsOf(transfer, state), after = leave(transfer, state, pairs, width);
    const cosineError = Math.sqrt(batchOfPairs(after, rows));
    steps.push({ transfer, q, state, pairs, cosine: q === 0 ? null : after.cosine, cosineError, passed: a });
    moment = overRows(state, (p) => outputMoment(transfer, p));
    below = after;
  });
  return steps;
}

/** Biases are common to all rows: they add to every pair's product. */
function enter(below: State, q: number, a: number): State {
  const a2 = a * a;
  return {
    q,
    cosine: a * below.cosine + 1 - a,
    pairVariance: a2 * below.pairVariance,
    shared: a2 * below.shared,
    disjoint: a2 * below.disjoint,
    rowVariance: a2 * below.rowVariance,
    sphere: 0,
  };
}

function pairsOf(transfer: Transfer, { q, cosine, pairVariance }: State): Pairs {
  const spread = Math.min(Math.sqrt(pairVariance), 1 - cosine, 1 + cosine);
  return {
    same: pairCovariances(transfer, q, 1),
    below: pairCovariances(transfer, q, cosine - spread),
    above: pairCovariances(transfer, q, cosine + spread),
  };
}

function leave(transfer: Transfer, state: State, { same, below, above }: Pairs, n: number): State {
  const covariances = cosineCovariances(transfer, state.q, state.cosine);
  const difference = (above.cosine - below.cosine) / 2;
  const spread = Math.min(Math.sqrt(state.pairVariance), 1 - state.cosine, 1 + state.cosine);
  const slope2 = spread > 1e-9 ? (difference / spread) ** 2 : 1;
  const response = responses(transfer, state.q).forward;
  return {
    q: state.q,
    cosine: (above.cosine + below.cosine) / 2,
    pairVariance: difference ** 2 + (above.cosineVariance + below.cosineVariance) / 2 / n,
    shared: slope2 * state.shared + covariances.shared / n,
    disjoint: slope2 * state.disjoint + covariances.disjoint / n,
    rowVariance: response ** 2 * state.rowVariance + same.hh / n - explained(same) * state.sphere / 2,
    sphere: 0,
  };
}

/** How much of n Var(mean f(z)²) the mean z² explains. */
function explained({ zh, zz }: PairCovariances): number {
  return zh * zh / zz;
}

/** Variance of the mean over all pairs of a batch: of b (b - 1) / 2 pairs each shares a row with 2 (b - 2). */
function batchOfPairs({ pairVariance, shared, disjoint }: State, rows: number): number {
  if (rows < 3) return pairVariance;
  const pairs = rows * (rows - 1) / 2, neighbours = 2 * (rows - 2);
  return (pairVariance + neighbours * shared + (pairs - 1 - neighbours) * disjoint) / pairs;
}

/**
 * The mean over rows whose own E[z²] spread about q. Where an orthogonal W fixes the length of z, its elements lie on a sphere: that is
 * narrower than independent ones by the 2/n of their own length, and the spread may count as less than none.
 */
function overRows({ q, rowVariance, sphere }: State, g: (q: number) => number): number {
  const variance = rowVariance - sphere, spread = Math.min(0.9, Math.sqrt(Math.abs(variance)));
  const bend = (g(q * (1 + spread)) + g(q * (1 - spread))) / 2 - g(q);
  return g(q) + Math.sign(variance) * bend;
}

/** Which part of the fluctuation of z² an orthogonal W [outputs, inputs] takes away: all, unless it makes the vector shorter. */
function lengthKept(weight: WeightModel, outputs: number, inputs: number): number {
  return weight.isometric ? Math.min(1, outputs / inputs) : 0;
}

function withGradients(
  widths: readonly number[],
  steps: readonly Step[],
  models: readonly LayerModel[],
  options: PredictOptions,
  rows: number,
): LayerPrediction[] {
  const last = steps.length - 1, classes = options.classes ?? widths[widths.length - 1];
  let cosineSquare = options.gradientCosineSquare ?? 1 / Math.max(1, classes - 1);
  const q = steps[last].q;
  // Outputs beyond the classes get the softmax's share too, so that all of them count.
  let gradient = q === null ? null : crossEntropyGradient(widths[widths.length - 1], q);
  const layers: LayerPrediction[] = [];
  for (let l = last; l >= 0; l--) {
    const step = steps[l], above = models[l + 1]?.weight, n = widths[l + 1];
    let ratio: number | null = null;
    if (l < last) {
      ratio = step.state === undefined || typeof above === "string" || above.mean !== 0
        ? null
        : widths[l + 2] * above.variance * overRows(step.state, (p) => slopeMoment(step.transfer, p));
      gradient = ratio === null || gradient === null ? null : gradient * ratio;
    }
    const isometric = l < last && typeof above !== "string" && above.isometric
      ? Math.min(1, n / widths[l + 2])
      : 0;
    const noise = noiseOf(
      step,
      models[l],
      steps[l + 1]?.passed ?? 1,
      n,
      widths[l],
      rows,
      cosineSquare,
      isometric,
    );
    if (l < last && step.pairs) cosineSquare = gradientCosine(step.pairs, cosineSquare, n);
    const below = l > 0 ? steps[l - 1].q : null;
    layers.unshift({
      name: `${2 * l}`,
      inputs: widths[l],
      outputs: n,
      transfer: step.transfer,
      secondMoment: step.q,
      forwardRatio: below === null || below === 0 || step.q === null ? null : step.q / below,
      backwardRatio: ratio,
      gradientMoment: gradient,
      cosine: step.cosine,
      cosineError: step.cosine === null ? null : step.cosineError,
      ...(step.unknown === undefined ? {} : { unknown: step.unknown }),
      noise,
    });
  }
  return layers;
}

/** The mean square cosine of two rows' gradients one layer down: their own, and what is random in n dimensions. */
function gradientCosine({ below, above }: Pairs, square: number, n: number): number {
  const kept = ((below.slopeCosine + above.slopeCosine) / 2) ** 2, slopes = (below.slopes + above.slopes) / 2;
  return Math.min(1, square * kept + (1 - square) ** 2 * slopes / n);
}

function noiseOf(
  { pairs, transfer, state }: Step,
  { weight }: LayerModel,
  passed: number,
  n: number,
  inputs: number,
  rows: number,
  cosineSquare: number,
  isometricAbove: number,
): LayerNoise | null {
  if (pairs === undefined || state === undefined) return null;
  // An orthogonal W keeps lengths: of the fluctuation of z² nothing is left, of that of f(z)² what z² does not explain.
  const kept = (weight as WeightModel).isometric ? Math.min(1, n / inputs) : 0,
    beta = pairs.same.zh / pairs.same.zz;
  const z = (p: PairCovariances) => (1 - kept) * p.zz, zh = (p: PairCovariances) => (1 - kept) * p.zh;
  const h = (p: PairCovariances) => p.hh - kept * (2 * beta * p.zh - beta * beta * p.zz);
  const gradient = (square: number) => (p: PairCovariances) =>
    (1 + 2 * square) * p.slopes - 1 - isometricAbove * 2 * square;
  const pair = (of: (p: PairCovariances) => number) => (of(pairs.below) + of(pairs.above)) / 2 / n;
  const batch = (of: (p: PairCovariances) => number) => of(pairs.same) / n / rows + (1 - 1 / rows) * pair(of);
  const response = responses(transfer, state.q);
  return {
    z: batch(z),
    h: batch(h),
    zh: batch(zh),
    slopeH: batch((p) => p.slopeH),
    passed,
    forwardResponse: response.forward,
    backwardResponse: response.backward,
    gradientRow: gradient(1)(pairs.same) / n,
    gradientPair: pair(gradient(cosineSquare)),
  };
}
