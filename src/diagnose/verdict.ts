/**
 * The verdict on a network as it is: whether anything in its weights keeps it from learning.
 *
 * Weights are compared exactly; the signal is measured on a batch and, where the initialiser is known, set beside theory. Every
 * finding names the layer and a remedy.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Initializer } from "../init/initializer.ts";
import type { Mlp } from "../nn/mlp.ts";
import type { Optimizer } from "../train/optimizer.ts";
import { certificate, findClones } from "./clones.ts";
import type { Verdict } from "./comparison.ts";
import { type Evidence, finding, round, type Rule } from "./evidence.ts";
import { measureSignal, type SignalBatch } from "./moments.ts";
import { arraysOfNetwork, type NamedArray } from "./named_array.ts";
import { inputStatistics, predict, type Prediction, ratioBand } from "./prediction.ts";
import { describeRepeat, findRepeats } from "./repeats.ts";
import type { DiagnosedLayer, Diagnosis, Finding, PredictedLayer } from "./report_data.ts";
import { standardErrors } from "./theory.ts";
import { updates } from "./update_rule.ts";

/** What is known of a network besides its weights. */
export interface DiagnoseOptions {
  /** What its parameters were drawn from, where it is not trained yet: the signal is then set beside theory. */
  readonly initializer?: Initializer;
  /** Classes of the softmax cross-entropy at the end; the last width unless given. */
  readonly classes?: number;
  /** What will train it: how far its first step on the batch would move the weights is measured then, and judged. */
  readonly optimizer?: Optimizer;
  /** The layers' names in the findings, from the input on: those of a file. The network's own unless given. */
  readonly names?: readonly string[];
}

/** Rows that are measured: the spread of a mean over them is below that of the network's own weights. */
const ROWS = 256;

/** Part of a layer's neurons that clones may take before it fails: with half of them gone a layer is another, narrower one. */
const CLONES_FAIL = 0.5;

/**
 * A mean square below this part of the first layer's is a warning: a hundredth in amplitude, where `compare` too speaks of a signal
 * that vanishes. The gradient's is of the whole vector, which a fan-in initialisation keeps however widths change.
 */
const VANISHING_WARN = 1e-4;

/** Below this part it fails: a thousandth in amplitude, as in `signalDepth`. */
const VANISHING_FAIL = 1e-6;

/**
 * Logits whose mean square is above this are a warning before training: the largest of ten normals is 1.54 standard deviations on average,
 * so training begins at ten times the loss of guessing, 10 ln 10, where `compare` too speaks of an explosion.
 */
const LOGITS_WARN = 15 ** 2;

/** Above this they fail: differences of 87.3 take the softmax out of float32's normal range (2^-126), and gradients are 0 or 1. */
const LOGITS_FAIL = 87.3 ** 2;

/**
 * A mean cosine of two rows above this is a warning: 2.6 degrees, as in `signalDepth`. PyTorch's default, 7 hidden layers of 64, gets
 * there and learns digits slowly: 34% in 4 epochs, where Kaiming's gets 91%.
 */
const COLLAPSED_WARN = 0.999;

/** Above this it fails: 0.26 degrees. With 10 such layers the default passes it, and ends no better than guessing. */
const COLLAPSED_FAIL = 0.99999;

/**
 * A ReLU whose weights are symmetric about 0 is dead for one row with probability 1/2, and for a batch with no more, however alike its
 * rows are: what lies beyond half a layer by this probability's standard errors is no chance of the draw.
 */
const DEAD_LEVEL = 0.999;

/** Part of a layer's outputs beyond 99% of their range: above half of them most gradients are below 1/50 of tanh's slope at 0. */
const SATURATED_WARN = 0.5;

/** Nearly all of them. */
const SATURATED_FAIL = 0.95;

/** Probability of the band of a ratio of moments: one false alarm in 10^5 networks of ten ratios, if its tails were exact. */
const BAND_LEVEL = 1 - 1e-6;

/** Bands with a larger standard error of the logarithm are too skewed for their tails to be log-normal: they judge nothing. */
const BAND_ERROR = 0.2;

/**
 * Layers narrower than this are not judged by a band: it is of the first order in 1 / width, and where an orthogonal matrix leaves
 * little of that order (at width 10 a standard error of 0.03) the next is as large.
 */
const BAND_WIDTH = 32;

/**
 * Diagnoses a network with its present parameters.
 *
 * @example All ones: one neuron, copied
 * ```ts
 * import { diagnose, Gpu, key, Mlp, ones } from "@fanin/fanin";
 *
 * using gpu = await Gpu.open();
 * using network = new Mlp(gpu, [2, 4, 2]);
 * await network.initialize(ones(), key(0));
 * const batch = { features: Float32Array.of(0, 1, 1, 0, 1, 1), labels: Uint32Array.of(1, 1, 0) };
 * const { verdict, findings } = await diagnose(gpu, network, batch, { initializer: ones() });
 * console.log(verdict, findings[0].message); // fail layer 0: neurons 0, 1, 2, 3 (4 of 4) are equal bit for bit …
 * ```
 *
 * @param gpu Where the network is.
 * @param network Trained or not.
 * @param batch Inputs, 256 rows or more for a good measurement, the first of which are used; with labels, or the gradient of the
 *   loss, the way back is judged too.
 * @param options What else is known.
 * @throws {ShapeError} when batch and network do not fit. {@linkcode ArgumentError} when there are not as many names as layers.
 */
export async function diagnose(
  gpu: Gpu,
  network: Mlp,
  batch: SignalBatch,
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  const names = options.names ?? network.layers.map(({ name }) => name);
  if (names.length !== network.layers.length) {
    throw new ArgumentError(
      `${names.length} names for ${network.layers.length} layers`,
      "give one for each layer",
    );
  }
  const { optimizer } = options, signal = await measureSignal(gpu, network, batch, { rows: ROWS, optimizer });
  const found = await findClones(gpu, network);
  const clones = found.map((layer, i) => ({ ...layer, name: names[i] }));
  const input = inputStatistics(await firstRows(gpu, network, batch, signal.rows), network.widths[0]);
  const prediction = options.initializer && predict(network.widths, options.initializer, network.activation, {
    input,
    rows: signal.rows,
    classes: options.classes,
  });
  const layers = names.map((name, i) => diagnosedLayer(network, name, i, { clones, signal, prediction }));
  const repeats = findRepeats(renamed(await arraysOfNetwork(network), names));
  const inputCosine = input.cosine ?? 0;
  const evidence = {
    network,
    names,
    clones,
    signal,
    repeats,
    layers,
    initializer: options.initializer,
    optimizer,
    inputCosine,
  };
  const findings = findingsOf(evidence);
  return { verdict: worst(findings), findings, layers, rows: signal.rows };
}

/** All findings, the worst first. An update that is off where the signal is has the signal's remedy, and is not told of. */
function findingsOf(evidence: Evidence): Finding[] {
  const findings = RULES.flatMap((rule) => rule(evidence));
  const isCaused = findings.some(({ code }) => ["vanishing", "exploding", "not-finite"].includes(code));
  return [...findings, ...isCaused ? [] : updates(evidence)].sort((a, b) =>
    Number(b.severity === "fail") - Number(a.severity === "fail")
  );
}

function worst(findings: readonly Finding[]): Verdict {
  if (findings.some(({ severity }) => severity === "fail")) return "fail";
  return findings.length > 0 ? "warn" : "ok";
}

async function firstRows(
  gpu: Gpu,
  network: Mlp,
  { features }: SignalBatch,
  rows: number,
): Promise<Float32Array> {
  const count = rows * network.widths[0];
  return features instanceof Float32Array ? features.subarray(0, count) : await gpu.read(features, 0, count);
}

/** Parameters by the names of a file: "0.weight" of the network's first layer may be "1.weight" there. */
function renamed(arrays: readonly NamedArray[], names: readonly string[]): NamedArray[] {
  return arrays.map((array, i) => ({
    ...array,
    name: `${names[Math.floor(i / 2)]}.${array.name.split(".")[1]}`,
  }));
}

function diagnosedLayer(
  network: Mlp,
  name: string,
  index: number,
  { clones, signal, prediction }: Pick<Evidence, "clones" | "signal"> & { prediction?: Prediction },
): DiagnosedLayer {
  const { inputs, outputs } = network.layers[index], measured = signal.layers[index];
  const { cloneGroups = [], inputOnlyDuplicates = [], effectiveWidth = outputs } = clones[index] ?? {};
  const { effectiveRank, secondMoment, gradientMoment, cosine, deadUnits, saturated } = measured;
  const { updateRatio } = signal.parameters[2 * index];
  return {
    name,
    shape: [outputs, inputs],
    cloneGroups,
    inputOnlyDuplicates,
    effectiveWidth,
    effectiveRank,
    secondMoment,
    gradientMoment,
    cosine,
    dead: deadUnits,
    saturated,
    updateRatio,
    predicted: prediction ? predictedLayer(prediction, index) : null,
  };
}

function predictedLayer(prediction: Prediction, i: number): PredictedLayer {
  const { secondMoment, gradientMoment, cosine, unknown } = prediction.layers[i];
  return {
    secondMoment,
    gradientMoment,
    cosine,
    forwardBand: i === 0 ? null : ratioBand(prediction, "forward", i - 1, i, BAND_LEVEL),
    backwardBand: i === prediction.layers.length - 1
      ? null
      : ratioBand(prediction, "backward", i, i + 1, BAND_LEVEL),
    ...(unknown === undefined ? {} : { unknown }),
  };
}

/** In the order in which findings of one severity stand: causes before what follows from them. */
const RULES: readonly Rule[] = [
  notFinite,
  cloned,
  repeated,
  inputDuplicates,
  nearCopies,
  zeroGradient,
  forwardScale,
  backwardScale,
  collapsed,
  dead,
  saturated,
  offTheory,
];

/** An initialiser that keeps the scale under this activation, as it is typed and as it is written. */
function initRemedy({ network: { activation } }: Evidence): string {
  switch (activation) {
    case "relu":
      return "initialise with kaimingNormal(): fanin init --init kaiming_normal";
    case "tanh":
      return "initialise with xavierUniform({ gain: 5 / 3 }): fanin init --init xavier_uniform --nonlinearity tanh";
    default:
      return "initialise with xavierUniform(): fanin init --init xavier_uniform";
  }
}

function notFinite({ signal, names, network }: Evidence): Finding[] {
  const { firstNonFinite } = signal;
  if (firstNonFinite === null) return [];
  const at = network.layers.findIndex(({ name }) => name === firstNonFinite.layer), name = names[at];
  const { nonFinite, nonFiniteGradients } = signal.layers[at];
  const what = firstNonFinite.where === "forward"
    ? `${nonFinite} of its outputs are`
    : `${nonFiniteGradients} of its gradients are`;
  return [finding("not-finite", "fail", name, [
    `layer ${name}: ${what} infinite or NaN, so the loss is no number and every step spreads it`,
    "initialise with a smaller scale, such as --init kaiming_normal; of a trained network take an earlier checkpoint and a lower --lr",
  ])];
}

function cloned(evidence: Evidence): Finding[] {
  return evidence.clones.filter((layer) => layer.effectiveWidth < layer.width).map((layer) => {
    const lost = 1 - layer.effectiveWidth / layer.width, [largest] = bySize(layer.cloneGroups);
    const severity = layer.effectiveWidth === 1 || lost >= CLONES_FAIL ? "fail" : "warn";
    const rest = layer.cloneGroups.length > 1
      ? `; ${layer.cloneGroups.length} groups leave ${layer.effectiveWidth} different neurons of ${layer.width}`
      : "";
    return finding("clones", severity, layer.name, [
      certificate(layer, largest) + rest,
      "draw every neuron's weights at random: " +
      "initialise with torchLinear() or kaimingNormal(): fanin init --init kaiming_normal",
    ]);
  });
}

function bySize(groups: readonly (readonly number[])[]): (readonly number[])[] {
  return [...groups].sort((a, b) => b.length - a.length);
}

function repeated({ repeats, initializer }: Evidence): Finding[] {
  const names = new Set(repeats.map(({ second }) => second.name));
  return [...names].map((name) => {
    const [repeat, ...others] = repeats.filter(({ second }) => second.name === name);
    // Weights of few bits may be proportional by chance: in a file of unknown origin only equal bits are proof.
    const severity = repeat.exact || initializer !== undefined ? "fail" : "warn";
    const more = others.length === 0 ? "" : ` (and ${others.length} more in ${name})`;
    const layer = name.slice(0, name.lastIndexOf("."));
    return finding("repeated-draws", severity, layer, [
      `layer ${layer}: ${describeRepeat(repeat)}${more}`,
      'seed once, and draw each parameter from a stream of its own: key(0).stream("2.weight"); fanin init --layers does so',
    ]);
  });
}

function inputDuplicates({ clones }: Evidence): Finding[] {
  return clones.filter(({ inputOnlyDuplicates }) => inputOnlyDuplicates.length > 0).map((layer) => {
    const { name, inputOnlyDuplicates: [group], width } = layer;
    const count = layer.inputOnlyDuplicates.reduce((sum, { length }) => sum + length, 0);
    return finding("input-duplicates", "warn", name, [
      `layer ${name}: ${count} of ${width} neurons share their incoming weights and bias with another one, such as ${
        group[0]
      } and ${group[1]}, and only their outgoing weights part them`,
      "draw the incoming weights at random too: fanin init --init kaiming_normal",
    ]);
  });
}

/** Copies with a factor: under ReLU any positive one, under tanh the other sign. */
function nearCopies({ clones, network: { activation } }: Evidence): Finding[] {
  return clones.flatMap((layer) => {
    const { name, signFlipped, rescaled, proportional } = layer;
    const copies: readonly (readonly number[])[] = activation === "tanh"
      ? [...signFlipped, ...proportional.filter(([, , a]) => a === -1)]
      : activation === "relu"
      ? [...rescaled, ...proportional.filter(([, , a]) => a > 0)]
      : [];
    if (copies.length === 0) return [];
    const [[i, j]] = copies;
    return [finding("proportional", "warn", name, [
      `layer ${name}: ${copies.length} of ${layer.width} neurons compute another one's output times a constant under ${activation}, ` +
      `such as ${j} that of ${i}, so one could stand for both`,
      "draw every neuron's weights at random: fanin init --init kaiming_normal",
    ])];
  });
}

function zeroGradient(evidence: Evidence): Finding[] {
  const { signal: { parameters }, names } = evidence;
  const norms = names.map((_, i) => parameters[2 * i].gradientNorm);
  const first = norms.indexOf(0);
  if (first < 0) return [];
  if (norms.every((norm) => norm === 0)) {
    return [finding("zero-gradient", "fail", names[first], [
      `layer ${
        names[first]
      }: the gradients of its weights, and of all others, are exactly 0, so that the first step changes no weight`,
      initRemedy(evidence),
    ])];
  }
  const where = names.filter((_, i) => norms[i] === 0);
  return [finding("zero-gradient", "warn", where[0], [
    `layer ${
      where.join(", ")
    }: the gradients of its weights are exactly 0, so that the first step leaves them as they are`,
    initRemedy(evidence),
  ])];
}

/**
 * What the first layer gives the next ones, as a mean z²: of a ReLU twice what it passes, which is z² itself where z is symmetric about
 * 0. A neuron with a huge negative bias, or a tanh far out, has a huge z of which nothing passes: no layer above can have lost it.
 */
function firstScale(
  { layers: [{ secondMoment }], signal, network: { activation } }: Evidence,
): number | null {
  const passed = signal.layers[0].passedMoment;
  if (secondMoment === null || passed === null || signal.layers.length === 1) return secondMoment;
  return passed === 0 ? secondMoment : Math.min(secondMoment, activation === "relu" ? 2 * passed : passed);
}

function forwardScale(evidence: Evidence): Finding[] {
  const { layers, initializer } = evidence, moments = layers.map(({ secondMoment }) => secondMoment);
  const first = moments[0], last = moments.length - 1, found: Finding[] = [];
  if (first === null) return [];
  // A last layer of zeros is a choice that the first step undoes: its gradient is not 0.
  const given = firstScale(evidence) ?? first;
  const parts = moments.map((m, i) => m === null || i === last && m === 0 ? 1 : given === 0 ? 0 : m / given);
  const faint = parts.findIndex((part) => part < VANISHING_WARN);
  if (faint >= 0) {
    const { name } = layers[faint], severity = parts.some((p) => p < VANISHING_FAIL) ? "fail" : "warn";
    const text = parts[faint] === 0
      ? `layer ${name}: its outputs are 0 for every input`
      : `layer ${name}: the signal vanishes, to ${
        round(Math.sqrt(parts[faint]))
      } of the first layer's amplitude`;
    found.push(finding("vanishing", severity, name, [text, initRemedy(evidence)]));
  }
  const loud = moments.findIndex((m) => m !== null && m * VANISHING_FAIL > first),
    logits = moments[last] ?? 0;
  const limit = initializer === undefined ? LOGITS_FAIL : LOGITS_WARN;
  if (loud < 0 && logits <= limit) return found;
  const { name, secondMoment } = layers[loud < 0 ? last : loud];
  const severity = loud >= 0 || logits > LOGITS_FAIL ? "fail" : "warn";
  const text = loud < 0
    ? `layer ${name}: the logits are ${
      round(Math.sqrt(logits))
    } in root mean square, so that the softmax is ${
      severity === "fail" ? "0 or 1 in float32" : "nearly certain of a guess"
    }`
    : `layer ${name}: the signal explodes, to ${
      round(Math.sqrt(secondMoment! / first))
    } times the first layer's amplitude`;
  found.push(finding("exploding", severity, name, [text, initRemedy(evidence)]));
  return found;
}

function backwardScale(evidence: Evidence): Finding[] {
  const { layers } = evidence;
  // Of the whole vector: an initialisation by fan-in keeps it, whatever the widths.
  const squares = layers.map(({ gradientMoment, shape: [outputs] }) =>
    gradientMoment === null ? null : gradientMoment * outputs
  );
  const last = squares.at(-1) ?? 0, first = squares[0];
  if (last === 0 || first === null || first === 0) return [];
  const part = first / last, amplitude = round(Math.sqrt(part)), { name } = layers[0];
  if (part < VANISHING_WARN) {
    return [finding("vanishing", part < VANISHING_FAIL ? "fail" : "warn", name, [
      `layer ${name}: the gradient vanishes on its way back, to ${amplitude} of its length at the last layer`,
      initRemedy(evidence),
    ])];
  }
  if (part <= 1 / VANISHING_WARN) return [];
  return [finding("exploding", part > 1 / VANISHING_FAIL ? "fail" : "warn", name, [
    `layer ${name}: the gradient explodes on its way back, to ${amplitude} times its length at the last layer`,
    initRemedy(evidence),
  ])];
}

function collapsed(evidence: Evidence): Finding[] {
  const { layers, inputCosine } = evidence, hidden = layers.slice(0, -1);
  const first = hidden.find(({ cosine }) => cosine !== null && cosine > COLLAPSED_WARN);
  if (first === undefined) return [];
  const severity = hidden.some(({ cosine }) => (cosine ?? 0) > COLLAPSED_FAIL) ? "fail" : "warn";
  return [finding("collapsed", severity, first.name, [
    `layer ${first.name}: all inputs have become nearly one (mean cosine ${
      first.cosine!.toFixed(4)
    }), so that no layer above can tell them apart`,
    inputCosine > COLLAPSED_WARN
      ? `standardise the inputs, whose own mean cosine is ${inputCosine.toFixed(4)}`
      : "initialise with biases of 0, such as kaimingNormal(), or use fewer layers: fanin init --init kaiming_normal",
  ])];
}

function dead(evidence: Evidence): Finding[] {
  return evidence.layers.flatMap(({ name, dead, shape: [width] }) => {
    const count = dead?.length ?? 0, chance = (width + standardErrors(DEAD_LEVEL) * Math.sqrt(width)) / 2;
    if (count < width && count <= chance) return [];
    const text = count === width && width > 0
      ? `layer ${name}: all ${width} ReLUs are dead, so that nothing passes and no gradient comes back`
      : `layer ${name}: ${count} of ${width} ReLUs give 0 for every row, and no gradient reaches them`;
    return [finding("dead-units", count === width ? "fail" : "warn", name, [
      text,
      "initialise with biases of 0, standardise the inputs, or lower --lr: --init kaiming_normal",
    ])];
  });
}

function saturated(evidence: Evidence): Finding[] {
  return evidence.layers.filter((layer) => (layer.saturated ?? 0) > SATURATED_WARN).map((layer) =>
    finding("saturated", layer.saturated! > SATURATED_FAIL ? "fail" : "warn", layer.name, [
      `layer ${layer.name}: ${
        Math.round(100 * layer.saturated!)
      }% of its outputs are at the ends of ${evidence.network.activation}'s range, where it has no slope`,
      initRemedy(evidence),
    ])
  );
}

/** What lies outside of theory's range says that the weights are not what they are said to be. */
function offTheory({ layers, initializer, signal }: Evidence): Finding[] {
  for (const [i, { name, predicted }] of layers.entries()) {
    if (predicted === null) return [];
    const [outputs, inputs] = layers[i].shape;
    if (Math.min(outputs, inputs) < BAND_WIDTH) continue;
    const ways = [
      ["signal", "below", signal.layers[i].forwardRatio, predicted.forwardBand],
      ["gradient", "above", signal.layers[i].backwardRatio, predicted.backwardBand],
    ] as const;
    for (const [what, neighbour, ratio, band] of ways) {
      if (ratio === null || band === null || band.logError > BAND_ERROR) continue;
      if (band.low <= ratio && ratio <= band.high) continue;
      return [finding("off-theory", "warn", name, [
        `layer ${name}: the ${what}'s mean square is ${
          round(ratio)
        } times the layer ${neighbour}'s, and ${initializer} gives ${round(band.low)} to ${round(band.high)}`,
        "name the initialiser that drew these weights, or look for what changed them",
      ])];
    }
  }
  return [];
}
