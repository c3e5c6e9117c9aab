/**
 * What a verdict's findings are drawn from, and what each of them is made of.
 *
 * @module
 */
import type { Initializer } from "../init/initializer.ts";
import type { Mlp } from "../nn/mlp.ts";
import type { Optimizer } from "../train/optimizer.ts";
import type { LayerClones } from "./clones.ts";
import type { SignalMeasurement } from "./moments.ts";
import type { Repeat } from "./repeats.ts";
import type { DiagnosedLayer, Finding, FindingCode } from "./report_data.ts";

/** Everything that the findings are drawn from. */
export interface Evidence {
  readonly network: Mlp;
  readonly names: readonly string[];
  readonly clones: readonly LayerClones[];
  readonly signal: SignalMeasurement;
  readonly repeats: readonly Repeat[];
  readonly layers: readonly DiagnosedLayer[];
  readonly initializer: Initializer | undefined;
  /** What makes the first step, where its updates were measured. */
  readonly optimizer: Optimizer | undefined;
  /** Mean cosine of two rows of the batch. */
  readonly inputCosine: number;
}

/** One kind of evidence, judged. */
export type Rule = (evidence: Evidence) => Finding[];

/** A finding, of its message and its remedy. */
export function finding(
  code: FindingCode,
  severity: Finding["severity"],
  layer: string,
  [message, remedy]: readonly [string, string],
): Finding {
  return { code, severity, layer, message, remedy };
}

/** A number in a message. */
export function round(x: number): string {
  return `${Number(x.toPrecision(3))}`;
}
