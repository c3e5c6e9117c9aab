/**
 * Judging a trained run: a verdict, and one plain sentence that says what happened.
 *
 * @module
 */
import type { ComparedRun, LayerScale, Verdict } from "./comparison.ts";

/** A run without its verdict. */
export type UnjudgedRun = Omit<ComparedRun, "verdict" | "sentence">;

/** A signal whose scale at the last layer is below this part of the first layer's has vanished. */
const VANISHED = 0.01;

/** A first loss this many times that of guessing says that the logits are far too large. */
const EXPLODED_START = 10;

/** A final loss within this fraction of chance's has learnt nothing to speak of. */
const NEAR_CHANCE = 0.05;

/** More dead ReLUs than this in a layer is worth a word. */
const MANY_DEAD = 0.5;

/**
 * Judges a run.
 *
 * `fail`: a hidden layer is a single neuron, the loss is not finite, or it ends no better than guessing. `warn`: some neurons
 * are clones, the scales explode or vanish at the start, or most ReLUs of a layer are dead. `ok` otherwise.
 *
 * @param run What was measured.
 * @param widths Neurons of each hidden layer.
 * @param classes Number of classes; guessing has the loss ln(classes).
 */
export function judge(run: UnjudgedRun, widths: readonly number[], classes: number): {
  verdict: Verdict;
  sentence: string;
} {
  const chance = Math.log(classes), first = run.epochs[0]?.loss ?? null, last = run.finalLoss;
  const collapsed = run.distinctNeurons.some((count, i) => count === 1 && widths[i] > 1);
  const stuck = last === null || last > chance * (1 - NEAR_CHANCE);
  const findings = [
    symmetryFinding(run.distinctNeurons, widths),
    scaleFinding(run.scalesBefore, first, chance),
    deadFinding(run.scalesAfter),
  ].filter((text) => text !== undefined);
  const verdict: Verdict = collapsed || stuck ? "fail" : findings.length > 0 ? "warn" : "ok";
  // The first finding is the cause; what follows from it would only make the sentence longer.
  const cause = findings[0] ?? (stuck ? undefined : "neurons stay distinct and scales level");
  const sentence = [cause, outcome(run, chance, stuck)].filter((text) => text !== undefined).join("; ");
  return { verdict, sentence: `${sentence[0].toUpperCase()}${sentence.slice(1)}.` };
}

function symmetryFinding(distinct: readonly number[], widths: readonly number[]): string | undefined {
  const clones = widths.map((width, i) => ({ width, count: distinct[i] })).filter((l) => l.count < l.width);
  if (clones.length === 0) return undefined;
  const counts = clones.map((l) => `${l.count} of ${l.width}`).join(", ");
  if (clones.every((l) => l.count === 1)) {
    const layers = clones.length === 1
      ? "a hidden layer is"
      : `${
        clones.length === widths.length ? "each hidden layer" : `each of ${clones.length} hidden layers`
      } is`;
    return `${layers} one neuron copied (${counts} distinct): equal weights get equal gradients, so they never part`;
  }
  return `clones leave ${counts} neurons distinct`;
}

function scaleFinding(
  scales: readonly LayerScale[],
  firstLoss: number | null,
  chance: number,
): string | undefined {
  if (scales.some((s) => s.activation === null)) return "activations overflow before the first step";
  const ratio = (scales.at(-1)?.activation ?? 0) / (scales[0]?.activation ?? 0);
  const loss = firstLoss === null ? "not finite" : round(firstLoss);
  if (firstLoss === null || firstLoss > EXPLODED_START * chance) {
    const growth = scales.map((s) => round(s.activation!)).join(" → ");
    return `the signal explodes (activations ${growth}): training begins at loss ${loss} where guessing has ${
      round(chance)
    }`;
  }
  const gradients = scales.map((s) => s.gradient ?? 0);
  if (gradients[0] === 0 && gradients.length > 1) return "no gradient reaches the first layer";
  if (ratio < VANISHED) {
    return `the signal vanishes by the last layer, to ${percent(ratio)} of the first`;
  }
  return undefined;
}

function deadFinding(scales: readonly LayerScale[]): string | undefined {
  const dead = scales.filter((s) => s.dead !== null && s.dead > MANY_DEAD);
  if (dead.length === 0) return undefined;
  return `${
    dead.map((s) => `${percent(s.dead!)} of layer ${s.name}'s ReLUs`).join(" and ")
  } are dead at the end`;
}

function outcome(run: UnjudgedRun, chance: number, stuck: boolean): string {
  const accuracy = `test accuracy ${percent(run.finalAccuracy)}`;
  if (run.finalLoss === null) return `the loss is no longer a finite number (${accuracy})`;
  if (stuck) return `the loss ends at ${round(run.finalLoss)}, no better than guessing (${round(chance)})`;
  return `it learns, to loss ${round(run.finalLoss)} and ${accuracy}`;
}

function round(x: number): string {
  return Math.abs(x) >= 1e5 ? x.toExponential(1) : `${Number(x.toPrecision(3))}`;
}

function percent(x: number): string {
  return `${Number((100 * x).toPrecision(3))}%`;
}
