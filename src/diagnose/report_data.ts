/**
 * What a diagnosis found: plain data, made by `diagnose`, drawn by the reports.
 *
 * @module
 */
import type { Verdict } from "./comparison.ts";
import type { Band } from "./prediction.ts";

/** What a finding is about. */
export type FindingCode =
  | "clones"
  | "input-duplicates"
  | "proportional"
  | "repeated-draws"
  | "vanishing"
  | "exploding"
  | "collapsed"
  | "dead-units"
  | "saturated"
  | "not-finite"
  | "zero-gradient"
  | "update-ratio"
  | "off-theory";

/** Something that keeps a network from learning, or may. */
export interface Finding {
  /** What it is about. */
  readonly code: FindingCode;
  /** How bad it is. */
  readonly severity: Exclude<Verdict, "ok">;
  /** The layer's parameter name without `.weight`; where it begins, if it is in several. */
  readonly layer: string;
  /** One plain sentence that names the layer. */
  readonly message: string;
  /** What to do: a command, or a line of code. */
  readonly remedy: string;
}

/** What theory expects of one layer; `null` where it has no answer. */
export interface PredictedLayer {
  /** E[z²]. */
  readonly secondMoment: number | null;
  /** E[(∂loss/∂z)²]. */
  readonly gradientMoment: number | null;
  /** Mean cosine of two rows after the activation. */
  readonly cosine: number | null;
  /** The layer's E[z²] over the layer below's, with the range for a sample. */
  readonly forwardBand: Band | null;
  /** The layer's E[(∂loss/∂z)²] over the layer above's, with the range for a sample. */
  readonly backwardBand: Band | null;
  /** Why something is `null`, in words. */
  readonly unknown?: string;
}

/** One linear layer, diagnosed. A mean over numbers of which some are not finite is `null`. */
export interface DiagnosedLayer {
  /** The layer's parameter name without `.weight`: "0", "2". */
  readonly name: string;
  /** [out, in]. */
  readonly shape: readonly [outputs: number, inputs: number];
  /** Neurons that no training can tell apart: two or more in each group. None of the last layer, whose outputs have a label each. */
  readonly cloneGroups: readonly (readonly number[])[];
  /** Neurons with equal inputs and different outputs: two or more in each group. */
  readonly inputOnlyDuplicates: readonly (readonly number[])[];
  /** Number of different neurons. */
  readonly effectiveWidth: number;
  /** Effective rank of the rows after the activation. */
  readonly effectiveRank: number | null;
  /** Mean z² over rows and neurons, before the activation. */
  readonly secondMoment: number | null;
  /** Mean (∂loss/∂z)² over rows and neurons, of each row's own loss. */
  readonly gradientMoment: number | null;
  /** Mean cosine of two rows after the activation. */
  readonly cosine: number | null;
  /** Neurons whose ReLU gives 0 for every row; `null` where there is no ReLU. */
  readonly dead: readonly number[] | null;
  /** Fraction of all numbers after the activation that are saturated; `null` for activations that do not saturate. */
  readonly saturated: number | null;
  /**
   * |w_after - w_before| / |w_before| of the layer's weights, L2 norms, in the optimiser's first step on the measured rows: about 1e-3 is
   * healthy. `null` where no optimiser was named or nothing measured backward, for weights of zeros, and where something is not finite.
   */
  readonly updateRatio: number | null;
  /** What theory expects; `null` where the initialiser is not known. */
  readonly predicted: PredictedLayer | null;
}

/** A network, diagnosed. */
export interface Diagnosis {
  /** The worst of the findings. */
  readonly verdict: Verdict;
  /** Worst first, then from the input on. */
  readonly findings: readonly Finding[];
  /** From the input on. */
  readonly layers: readonly DiagnosedLayer[];
  /** Rows that the signal was measured on. */
  readonly rows: number;
}
