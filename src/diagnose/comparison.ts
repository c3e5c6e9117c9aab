/**
 * What a comparison of initialisations found: plain data, made by `compare`, drawn by the reports.
 *
 * @module
 */

import type { Box } from "./paired.ts";
import type { WatchReport } from "./watch.ts";

/** How a judged network stands: it can learn, it may not, or it cannot. */
export type Verdict = "ok" | "warn" | "fail";

/** The scale of the signal at one linear layer, measured on a batch of real data. */
export interface LayerScale {
  /** The layer's parameter name without `.weight`: "0", "2", "4". */
  name: string;
  /** Number of the layer's outputs (neurons). */
  width: number;
  /** Root mean square of the layer's output z before its ReLU. `null` when it is not finite. */
  activation: number | null;
  /** Root mean square of the gradient of a row's loss with respect to z. `null` when it is not finite. */
  gradient: number | null;
  /** Fraction, 0 to 1, of the neurons whose ReLU gives 0 for every row of the batch; `null` for the output layer. */
  dead: number | null;
}

/** One epoch of one run. Numbers that are not finite are `null`. */
export interface ComparedEpoch {
  /** 0 is before training. */
  epoch: number;
  /** Mean cross-entropy over the whole training set after the epoch, in nats. */
  loss: number | null;
  /** Fraction of the training set that is classified correctly after the epoch. */
  accuracy: number;
  /** The same on the held-out test set. */
  testLoss: number | null;
  /** The same on the held-out test set. */
  testAccuracy: number;
  /** For each hidden layer, how many neurons are still distinct. */
  distinctNeurons: number[];
}

/** One initialisation, trained. */
export interface ComparedRun {
  /** The initialiser's name as it was typed: "torch_linear", "normal:1". */
  init: string;
  /** How it did. */
  verdict: Verdict;
  /** One plain sentence that says what happened. */
  sentence: string;
  /** Mean training loss at the end, in nats; `null` when it is not finite. */
  finalLoss: number | null;
  /** Accuracy on the test set at the end, 0 to 1. */
  finalAccuracy: number;
  /** For each hidden layer, how many neurons are distinct at the end. */
  distinctNeurons: number[];
  /** Epoch 0 (before training) to the last. */
  epochs: ComparedEpoch[];
  /** Mean loss of every mini-batch, in order; `null` where it is not finite. */
  stepLosses: (number | null)[];
  /** Scales before the first step, layer by layer from the input on. */
  scalesBefore: LayerScale[];
  /** Scales after the last step. */
  scalesAfter: LayerScale[];
  /** Symmetry over the steps; results that an earlier version kept have none. */
  symmetry?: WatchReport;
  /** Wall time of the run. */
  seconds: number;
}

/** A whole comparison. */
export interface Comparison {
  /** The adapter that computed it, in words. */
  adapter: string;
  /** "digits", "iris" or a file's name. */
  data: string;
  /** Rows in the training set. */
  trainRows: number;
  /** Rows in the test set. */
  testRows: number;
  /** Widths from input to output: [784, 128, 64, 10]. */
  layers: number[];
  /** Number of trainable parameters. */
  parameters: number;
  /** The seed of weights and of data order: the first one, where there are several. */
  seed: string;
  /** The counter-based generator that drew the weights. */
  generator: string;
  /** Optimiser in words: "sgd lr 0.05 momentum 0.9". */
  optimizer: string;
  /** What follows every layer but the last: "relu". */
  activation: string;
  /** Rows in a mini-batch. */
  batch: number;
  /** Epochs trained. */
  epochs: number;
  /** Mini-batches in an epoch. */
  stepsPerEpoch: number;
  /** One entry an initialisation, in the order asked for: from the first seed. */
  runs: ComparedRun[];
  /** What became of each from several seeds, where that was asked for. */
  seeds?: SeedStudy;
}

/** How one initialisation ended from one seed. */
export interface SeedResult {
  /** The seed of weights and of data order. */
  seed: string;
  /** The initialiser's name. */
  init: string;
  /** How it did. */
  verdict: Verdict;
  /** Mean training loss at the end, in nats; `null` when it is not finite. */
  finalLoss: number | null;
  /** Accuracy on the test set at the end, 0 to 1. */
  finalAccuracy: number;
  /** Wall time of the run. */
  seconds: number;
}

/** What was compared over the seeds: training loss at the end, in nats, or test accuracy, 0 to 1. */
export type Measure = "loss" | "accuracy";

/** How one initialisation ended over all seeds. */
export interface SeedSpread {
  /** The initialiser's name. */
  init: string;
  /** From how many seeds its verdict is `ok`. */
  ok: number;
  /** From how many seeds its loss is not finite at the end. */
  exploded: number;
  /** Final loss over the other seeds; `null` where there are none. */
  loss: Box | null;
  /** Final test accuracy over all seeds. */
  accuracy: Box | null;
}

/**
 * What the seeds say of two initialisations. `lower` and `higher`: the first is, and luck does not explain it. `unclear`: the
 * interval holds 0. `same`: every seed has the very same difference, so that there is no spread to judge it by. `unknown`:
 * fewer than two seeds from which both end finite.
 */
export type SeedOutcome = "lower" | "higher" | "unclear" | "same" | "unknown";

/** Two initialisations over the seeds that they share. */
export interface SeedDifference {
  /** What is compared. */
  measure: Measure;
  /** The first initialiser's name. */
  a: string;
  /** The second one's. */
  b: string;
  /** From how many seeds both end finite. */
  seeds: number;
  /** Mean of a − b over these seeds; `null` below two. */
  mean: number | null;
  /** The interval that holds the true mean difference, as sure as the study's `confidence` for all pairs of the measure together. */
  interval: [low: number, high: number] | null;
  /** What that says. */
  outcome: SeedOutcome;
  /** The same in a plain sentence. */
  sentence: string;
}

/** Every initialisation from every seed. Within a seed all see the same rows in the same order. */
export interface SeedStudy {
  /** The seeds, in order. */
  seeds: string[];
  /** How sure the intervals of all pairs are together: 0.95. */
  confidence: number;
  /** One entry a seed and initialisation, seed by seed. */
  results: SeedResult[];
  /** One entry an initialisation, in the order asked for. */
  spread: SeedSpread[];
  /** One entry a pair of initialisations and measure; empty for a single seed, which says nothing of luck. */
  differences: SeedDifference[];
}
