/**
 * Symmetry, watched over training: how many neurons and gradients stay distinct, and whether clones ever part.
 *
 * A sample is one submit and no wait: hashes, cosines and comparisons go to a log on the device, which is read when it is full or
 * when a report is asked for.
 *
 * @module
 */
import { appendWords, COSINE_BLOCK, HASH_WORDS, largestCosine, NO_COSINE } from "../../kernels/neuron.ts";
import type { GpuBuffer } from "../gpu/buffer.ts";
import { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { recordMatmul } from "../gpu/matmul.ts";
import type { Program } from "../gpu/program.ts";
import type { Recorder } from "../gpu/recorder.ts";
import type { Gradients, Mlp } from "../nn/mlp.ts";
import { findClones } from "./clones.ts";
import {
  asWords,
  type DeviceLayer,
  type Difference,
  differencesOf,
  layersOnDevice,
  type NetworkLayer,
  type PairBuffers,
  pairBuffers,
  recordHashes,
  recordInputDifferences,
  recordOutputDifferences,
} from "./neurons.ts";
import { assertCount, SampleLog } from "./sample_log.ts";

/** What became of neurons that were clones at the beginning. */
export type SplitVerdict =
  /** Equal bit for bit in every sample: they never part. */
  | "exact"
  /** Different, by no more than rounding errors add up to: no gradient ever told them apart. */
  | "rounding-broken"
  /** Different by more. */
  | "broken";

/** Neurons that were clones when the watch began. */
export interface WatchedClass {
  /** Which, in ascending order. */
  readonly neurons: readonly number[];
  /** What became of them. */
  readonly verdict: SplitVerdict;
  /** The first sampled step at which their bits differed; `null` while they never have. */
  readonly splitAt: number | null;
  /**
   * Over all samples, the largest difference from the class's first neuron, relative to the largest magnitude among its incoming weights
   * and bias, or among its outgoing weights; `null` where that is not finite, as beside a first neuron of zeros.
   */
  readonly largestDifference: number | null;
}

/** A hidden layer over the samples. */
export interface WatchedLayer {
  /** The parameters' name without ".weight": "0". */
  readonly name: string;
  /** Number of neurons. */
  readonly width: number;
  /** For each sample, how many neurons differ in their weights. */
  readonly distinctNeurons: readonly number[];
  /** For each sample, how many differ in the gradients of these weights. */
  readonly distinctGradients: readonly number[];
  /** For each sample, the largest cosine between the incoming weights of two different neurons; `null` where it was not measured. */
  readonly largestCosine: readonly (number | null)[];
  /** The clones of the beginning: two or more in each class. */
  readonly classes: readonly WatchedClass[];
}

/** What {@linkcode SymmetryWatch.report} gives. */
export interface WatchReport {
  /** The steps that were sampled. */
  readonly steps: readonly number[];
  /** The hidden layers, from the input on. */
  readonly layers: readonly WatchedLayer[];
}

/** How {@linkcode SymmetryWatch.make} watches. */
export interface WatchOptions {
  /** Samples that the log on the device holds, 1 or more; 64 unless given. When it is full it is read, with a wait. */
  capacity?: number;
  /** Layers with more neurons have no cosine measured, which costs width² · inputs; 1024 unless given. */
  cosineWidth?: number;
  /**
   * Samples from one with cosines to the next, from the first one on; 1 or more. Unless given, as many as keep them below an eighth of a
   * training step for each sample: 1 for small layers, 10 for 784-512-256-10 at 64 rows.
   */
  cosineEvery?: number;
}

/** Wider layers have too many pairs of neurons for a hook. */
const COSINE_WIDTH = 1024;

/** What the cosines of a sample may cost on the average, in training steps. */
const COSINE_STEPS = 1 / 8;

/** Products that cost nothing beside the submit. */
const FEW_PRODUCTS = 2 ** 20;

/**
 * The largest relative difference between two clones that rounding alone explains after a number of steps: 8 eps sqrt(steps).
 *
 * An update w - lr g rounds each copy's weight by at most eps/2 of it, eps = 2^-23, so the difference of two copies moves by at most eps
 * a step, in a direction that has nothing to do with the last: after t steps it spreads like sqrt(t) eps / sqrt(6) at most (the sum of two
 * uniform errors). Ten of these, about 4 eps sqrt(t), cover the largest of any number of elements. Gradients summed in different orders
 * differ by a few eps of themselves, and lr g is less than the weight: once as much again. What grows faster than that is told apart by
 * its gradients, however it began.
 *
 * @param steps Steps since the copies were equal.
 */
export function roundingBound(steps: number): number {
  return 8 * 2 ** -23 * Math.sqrt(Math.max(steps, 1));
}

/** A layer with the places of what is measured. */
interface Probe {
  readonly layer: NetworkLayer;
  readonly gradient: DeviceLayer;
  readonly classes: readonly (readonly number[])[];
  readonly pairs: PairBuffers | undefined;
  readonly results: readonly Result[];
}

/** What is logged of a layer: hashes of weights and of gradients, differences and cosines, by name. */
interface Result {
  readonly what:
    | "inputs"
    | "outputs"
    | "gradInputs"
    | "gradOutputs"
    | "cosine"
    | "pairInputs"
    | "pairOutputs";
  readonly buffer: GpuBuffer;
  /** Where in an entry of the log. */
  readonly at: number;
}

/**
 * Watches the symmetry of a network while it is trained. Released by `using`.
 *
 * Distinct neurons and gradients are counted by 128-bit hashes: two different neurons of n are taken for equal with a probability below
 * n² 2^-65. Verdicts on clones are not left to a hash: they come from comparisons of the bits.
 *
 * @example
 * ```ts
 * import { DeviceData, Gpu, key, Mlp, ones, sgd, Trainer } from "@fanin/fanin";
 * import { SymmetryWatch } from "@fanin/fanin/diagnose";
 *
 * const xor = { name: "xor", features: new Float32Array([0, 0, 0, 1, 1, 0, 1, 1]), labels: new Uint32Array([0, 1, 1, 0]) };
 * using gpu = await Gpu.open();
 * using data = new DeviceData(gpu, { ...xor, rows: 4, columns: 2, classes: 2 });
 * using network = new Mlp(gpu, [2, 8, 2]);
 * await network.initialize(ones(), key(0));
 * using trainer = await Trainer.make(gpu, network, data, { optimizer: sgd({ lr: 0.5 }), batch: 4 });
 * using watch = await SymmetryWatch.make(gpu, network, trainer.gradients);
 * for (let step = 1; step <= 20; step++) {
 *   await trainer.epoch();
 *   if (step % 5 === 0) await watch.sample(step);
 * }
 * const { layers: [layer] } = await watch.report();
 * console.log(layer.classes[0].verdict, layer.distinctNeurons); // exact [1, 1, 1, 1]
 * ```
 */
export class SymmetryWatch implements Disposable {
  readonly #stack: DisposableStack;
  readonly #probes: readonly Probe[];
  readonly #programs: Programs;
  readonly #cosineEvery: number;
  readonly #log: SampleLog;
  readonly #hasCosine: boolean[] = [];

  private constructor(
    stack: DisposableStack,
    probes: Probe[],
    log: SampleLog,
    programs: Programs,
    cosineEvery: number,
  ) {
    this.#stack = stack;
    this.#probes = probes;
    this.#programs = programs;
    this.#cosineEvery = cosineEvery;
    this.#log = log;
  }

  /**
   * Finds the clones of the network as it is now, and prepares all that a sample needs.
   *
   * @param gpu Where.
   * @param network The network.
   * @param gradients Its gradients: `trainer.gradients`.
   * @param options How.
   * @throws {ArgumentError} when the capacity or the distance of the cosines is no whole number from 1 on.
   */
  static async make(
    gpu: Gpu,
    network: Mlp,
    gradients: Gradients,
    options: WatchOptions = {},
  ): Promise<SymmetryWatch> {
    const { capacity, cosineWidth = COSINE_WIDTH } = options;
    const cosineEvery = options.cosineEvery ?? cosineSpacing(network, gradients, cosineWidth);
    assertCount("cosineEvery", cosineEvery);
    using stack = new DisposableStack();
    const clones = await findClones(gpu, network, { near: false }),
      ofGradients = layersOnDevice(gpu, gradients);
    let stride = 0;
    const probes = layersOnDevice(gpu, network).map((layer, i) => {
      const probe = makeProbe(gpu, stack, stride, {
        layer,
        gradient: ofGradients[i],
        classes: clones[i].cloneGroups,
        hasCosine: layer.width <= cosineWidth,
      });
      stride += probe.results.reduce((sum, { buffer }) => sum + buffer.length, 0);
      return probe;
    });
    const log = stack.use(new SampleLog(gpu, stride, capacity));
    const record = async (hasCosine: boolean) =>
      stack.use(
        await gpu.record("watch symmetry", (r) => {
          for (const probe of probes) recordProbe(gpu, r, stack, probe, log, hasCosine);
        }),
      );
    const programs = { whole: await record(true), quick: await record(false) };
    return new SymmetryWatch(stack.move(), probes, log, programs, cosineEvery);
  }

  /**
   * Takes a sample of the weights as they are, and of the gradients of the last step. Waits only where the log is full.
   *
   * @param step Steps done since the watch was made, 0 or more.
   * @param hasCosine Whether cosines are measured; unless given, where it is their turn.
   * @throws {DeviceLostError} when the device is lost.
   */
  async sample(step: number, hasCosine?: boolean): Promise<void> {
    const measures = hasCosine ?? this.#hasCosine.length % this.#cosineEvery === 0;
    this.#hasCosine.push(measures);
    await this.#log.take(step, measures ? this.#programs.whole : this.#programs.quick);
  }

  /**
   * What the samples so far show; with one wait.
   *
   * @throws {DeviceLostError} when the device is lost.
   */
  async report(): Promise<WatchReport> {
    const entries = await this.#log.read(), steps = [...this.#log.steps];
    return {
      steps,
      layers: this.#probes.map((probe) => watchedLayer(probe, steps, entries, this.#hasCosine)),
    };
  }

  /** Releases what it made; network and gradients belong to others. */
  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

/** A sample with cosines, and one without. */
interface Programs {
  readonly whole: Program;
  readonly quick: Program;
}

/**
 * Samples from one with cosines to the next. A layer's cosines take half its width squared times its inputs products, a step three times
 * rows times width times inputs: forward, and backward for weights and for inputs.
 */
function cosineSpacing(network: Mlp, gradients: Gradients, most: number): number {
  const hidden = network.layers.slice(0, -1).filter(({ outputs }) => outputs <= most);
  const products = hidden.reduce((sum, { outputs: n, inputs: k }) => sum + n * n * k / 2, 0);
  if (products <= FEW_PRODUCTS) return 1;
  const rows = gradients.outputs[0].length / network.layers[0].outputs;
  const step = 3 * rows * network.layers.reduce((sum, { outputs: n, inputs: k }) => sum + n * k, 0);
  return Math.max(1, Math.ceil(products / step / COSINE_STEPS));
}

function makeProbe(
  gpu: Gpu,
  stack: DisposableStack,
  begin: number,
  of: Pick<Probe, "layer" | "gradient" | "classes"> & { hasCosine: boolean },
): Probe {
  const { width } = of.layer, results: Result[] = [];
  let at = begin;
  const add = (what: Result["what"], buffer: GpuBuffer) => {
    results.push({ what, buffer, at });
    at += buffer.length;
  };
  for (const what of ["inputs", "outputs", "gradInputs", "gradOutputs"] as const) {
    add(what, stack.use(gpu.buffer(what, "u32", HASH_WORDS * width)));
  }
  if (of.hasCosine) add("cosine", stack.use(gpu.buffer("largest cosine", "f32", width)));
  const pairs = of.classes.flatMap(([left, ...others]) => others.map((right) => ({ left, right, scale: 1 })));
  if (pairs.length === 0) return { ...of, results, pairs: undefined };
  const buffers = pairBuffers(gpu, stack, pairs);
  add("pairInputs", buffers.inputs);
  add("pairOutputs", buffers.outputs);
  return { ...of, results, pairs: buffers };
}

function recordProbe(
  gpu: Gpu,
  r: Recorder,
  stack: DisposableStack,
  probe: Probe,
  log: SampleLog,
  hasCosine: boolean,
): void {
  const { layer, gradient, pairs, results } = probe, { width } = layer;
  const place = (what: Result["what"]) => results.find((one) => one.what === what)?.buffer;
  const incoming = place("inputs")!, outgoing = place("outputs")!, cosine = place("cosine");
  recordHashes(r, layer, incoming, outgoing);
  recordHashes(r, gradient, place("gradInputs")!, place("gradOutputs")!);
  if (cosine !== undefined && hasCosine) {
    const products = recordProducts(gpu, r, stack, layer);
    r.dispatch(largestCosine, { products, incoming, outgoing, out: cosine }, { n: width });
  }
  if (pairs !== undefined) {
    recordInputDifferences(r, layer, pairs);
    recordOutputDifferences(r, layer, pairs);
  }
  for (const { what, buffer, at } of results) {
    if (what === "cosine" && !hasCosine) continue;
    const of = { x: asWords(buffer), cursor: log.cursor, log: log.words };
    r.dispatch(appendWords, of, { n: buffer.length, stride: log.stride, at });
  }
}

/** The dot products of incoming weights that the kernel `largest_cosine` wants: of each block of rows with itself and all after it. */
function recordProducts(
  gpu: Gpu,
  r: Recorder,
  stack: DisposableStack,
  { weight, width, incoming: { columns: k } }: NetworkLayer,
): GpuBuffer<"f32"> {
  const blocks = [];
  for (let first = 0, at = 0; first < width; first += COSINE_BLOCK) {
    const m = Math.min(COSINE_BLOCK, width - first), n = width - first;
    blocks.push({ first, m, n, at });
    at += m * n;
  }
  const size = blocks.reduce((sum, { m, n }) => sum + m * n, 0);
  const products = stack.use(gpu.buffer("products of rows", "f32", size));
  for (const { first, m, n, at } of blocks) {
    const [a, b] = [m, n].map((rows) => weight.view(first * k, rows * k));
    recordMatmul(r, "nt", "none", { a, b, out: products.view(at, m * n) }, { m, n, k });
  }
  return products;
}

function watchedLayer(
  { layer: { name, width }, classes, results }: Probe,
  steps: readonly number[],
  entries: readonly Uint32Array<ArrayBuffer>[],
  hasCosine: readonly boolean[],
): WatchedLayer {
  const logged = entries.map((entry) => (what: Result["what"]) => {
    const result = results.find((one) => one.what === what);
    return result && entry.slice(result.at, result.at + result.buffer.length);
  });
  const differences = logged.map((of) =>
    [of("pairInputs"), of("pairOutputs")].map((w) => w && differencesOf(w))
  );
  let first = 0;
  return {
    name,
    width,
    distinctNeurons: logged.map((of) => countDistinct(of("inputs")!, of("outputs")!)),
    distinctGradients: logged.map((of) => countDistinct(of("gradInputs")!, of("gradOutputs")!)),
    largestCosine: logged.map((of, i) => hasCosine[i] ? cosineOf(of("cosine")) : null),
    classes: classes.map((neurons) => {
      const begin = first, end = first += neurons.length - 1;
      return watchedClass(
        neurons,
        steps,
        differences.map((sample) => sample.map((parts) => parts!.slice(begin, end))),
      );
    }),
  };
}

/** How many neurons have hashes of their own. */
function countDistinct(inputs: Uint32Array, outputs: Uint32Array): number {
  const seen = new Set<string>();
  for (let i = 0; i < inputs.length; i += HASH_WORDS) {
    seen.add(`${inputs.subarray(i, i + HASH_WORDS)},${outputs.subarray(i, i + HASH_WORDS)}`);
  }
  return seen.size;
}

function cosineOf(words: Uint32Array<ArrayBuffer> | undefined): number | null {
  if (words === undefined) return null;
  const most = new Float32Array(words.buffer).reduce((a, b) => Math.max(a, b), NO_COSINE);
  return most > NO_COSINE ? most : null;
}

/** @param differences For each sample the comparisons of inputs and of outputs, each with the class's first neuron. */
function watchedClass(
  neurons: readonly number[],
  steps: readonly number[],
  differences: readonly (readonly Difference[])[][],
): WatchedClass {
  let largest = 0, splitAt: number | null = null, isRounding = true;
  differences.forEach((sample, i) => {
    const all = sample.flat();
    if (all.every(({ words }) => words === 0)) return;
    splitAt ??= steps[i];
    const relative = all.reduce((most, one) => Math.max(most, relativeDifference(one)), 0);
    largest = Math.max(largest, relative);
    if (!(relative <= roundingBound(steps[i]))) isRounding = false;
  });
  const verdict = splitAt === null ? "exact" : isRounding ? "rounding-broken" : "broken";
  return { neurons, verdict, splitAt, largestDifference: Number.isFinite(largest) ? largest : null };
}

/** 0 where the bits differ and the numbers do not: 0 and -0. */
function relativeDifference({ words, largest, magnitude }: Difference): number {
  return words === 0 || largest === 0 ? 0 : largest / magnitude;
}
