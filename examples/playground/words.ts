/**
 * The verdict on a network, and what became of it, in sentences.
 *
 * @module
 */
import type { Verdict } from "@fanin/fanin/diagnose";
import { count, counted, figure, percent } from "../../src/report/format.ts";
import type { RunState } from "./session.ts";

/** A final loss within this fraction of guessing's has learnt nothing to speak of: as `fanin compare` has it. */
const NEAR_CHANCE = 0.05;

/** Whether a network does better than guessing. */
function hasLearnt({ epochs }: RunState, classes: number): boolean {
  const loss = epochs.at(-1)?.loss ?? null;
  return loss !== null && loss <= Math.log(classes) * (1 - NEAR_CHANCE);
}

/** How many epochs were trained. */
function epochsOf({ epochs }: RunState): number {
  return Math.max(0, epochs.length - 1);
}

/**
 * The verdict: that on the first weights, and after training no better than what came of it. Clones stay a failure whatever the loss.
 *
 * @param run A network.
 * @param classes Number of classes.
 * @returns undefined where there is none yet.
 */
export function verdictOf(run: RunState, classes: number): Verdict | undefined {
  const first = run.error === undefined ? run.diagnosis?.verdict : undefined;
  if (first === undefined || !run.ended || epochsOf(run) === 0) return first;
  if (!hasLearnt(run, classes)) return "fail";
  const isCloned = run.diagnosis!.findings.some(({ code }) => code === "clones");
  return first === "fail" && !isCloned ? "warn" : first;
}

/** What the first weights promise. */
export function promise({ diagnosis }: RunState): string {
  if (diagnosis === undefined) return "";
  if (diagnosis.findings.length > 0) return sentence(diagnosis.findings[0].message);
  return "Nothing in the first weights keeps it from learning: no clones, and a signal in order both ways.";
}

/** What came of it; empty before the end. */
export function outcome(run: RunState, classes: number, testRows: number): string {
  const last = run.epochs.at(-1), epochs = epochsOf(run);
  if (!run.ended || last === undefined) return "";
  if (epochs === 0) return "Stopped before the first epoch ended.";
  const right = `${percent(last.testAccuracy)} of ${count(testRows)} unseen rows are right`;
  const after = `After ${counted(epochs, "epoch")}`;
  if (last.loss === null) return `${after} the loss is no longer a finite number, and ${right}.`;
  const guessing = hasLearnt(run, classes) ? "" : `, no better than guessing (${figure(Math.log(classes))})`;
  return `${after} the loss is ${figure(last.loss)}${guessing}, and ${right}.`;
}

/** What became of the clones; empty where there were none, and before the end. */
export function cloneSentence({ clones }: RunState): string {
  if (!clones || clones.steps === 0) return "";
  const steps = counted(clones.steps, "step");
  return clones.stillEqual
    ? `The ${
      count(clones.neurons)
    } neurons that began as clones are still equal, bit for bit, after ${steps}.`
    : `Some of the ${count(clones.neurons)} neurons that began as clones have parted within ${steps}.`;
}

/** A text with a capital and a full stop. */
export function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}
