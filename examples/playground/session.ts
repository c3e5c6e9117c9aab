/**
 * What the page knows of a training so far: built from the worker's news, drawn by the views.
 *
 * @module
 */
import type { ComparedEpoch, ComparedRun, Comparison, Diagnosis, WeightView } from "@fanin/fanin/diagnose";
import type { CloneFate, News } from "./protocol.ts";
import type { Settings } from "./settings.ts";

/** One of the two networks. */
export interface RunState {
  /** The initialiser, as it was typed. */
  readonly init: string;
  /** Before training. */
  diagnosis?: Diagnosis;
  /** Number 0 is before training. */
  epochs: ComparedEpoch[];
  stepLosses: (number | null)[];
  weights: readonly WeightView[];
  /** What became of clones; null where there were none, undefined before the end. */
  clones?: CloneFate | null;
  ended: boolean;
  /** Why there is no more to come, in words. */
  error?: string;
}

/** One press of the button. */
export interface Session {
  readonly settings: Settings;
  readonly runs: readonly [RunState, RunState];
  adapter: string;
  /** From the inputs to the outputs. */
  widths: readonly number[];
  /** The optimiser in words. */
  optimizer: string;
  trainRows: number;
  testRows: number;
}

/** A session of which nothing has happened yet. */
export function newSession(settings: Settings): Session {
  const [a, b] = settings.inits.map((init): RunState => (
    { init, epochs: [], stepLosses: [], weights: [], ended: false }
  ));
  return { settings, runs: [a, b], adapter: "", widths: [], optimizer: "", trainRows: 0, testRows: 0 };
}

/** Adds what the worker has told; of a failure of both nothing, which is the page's to show. */
export function hear(session: Session, news: News): void {
  if (news.kind === "opened") {
    const { adapter, trainRows, testRows, widths, optimizer } = news;
    Object.assign(session, { adapter, trainRows, testRows, widths, optimizer });
  }
  if (!("side" in news) || news.side === undefined) return;
  const run = session.runs[news.side];
  switch (news.kind) {
    case "drawn":
      run.diagnosis = news.diagnosis;
      break;
    case "epoch":
      run.epochs.push(news.epoch);
      run.stepLosses.push(...news.stepLosses);
      run.weights = news.weights;
      break;
    case "ended":
      run.clones = news.clones;
      run.ended = true;
      break;
    case "failed":
      run.error = news.message;
  }
}

/** How much is done, 0 to 1. */
export function progressOf({ runs, settings }: Session): number {
  const done = runs.map((run) =>
    run.error !== undefined ? 1 : Math.max(0, run.epochs.length - 1) / settings.epochs
  );
  return (done[0] + done[1]) / 2;
}

/** The session as the charts of `fanin compare` know it. */
export function asComparison(
  { settings, runs, adapter, widths, optimizer, trainRows, testRows }: Session,
): Comparison {
  return {
    adapter,
    data: settings.data,
    trainRows,
    testRows,
    layers: [...widths],
    parameters: widths.slice(1).reduce((sum, outputs, i) => sum + outputs * (widths[i] + 1), 0),
    seed: `${settings.seed}`,
    generator: "philox",
    optimizer,
    activation: settings.activation,
    batch: 0,
    epochs: settings.epochs,
    stepsPerEpoch: 0,
    runs: runs.map(asRun),
  };
}

function asRun({ init, epochs, stepLosses }: RunState): ComparedRun {
  const last = epochs.at(-1);
  return {
    init,
    verdict: "ok",
    sentence: "",
    finalLoss: last?.loss ?? null,
    finalAccuracy: last?.testAccuracy ?? 0,
    distinctNeurons: last?.distinctNeurons ?? [],
    epochs,
    stepLosses,
    scalesBefore: [],
    scalesAfter: [],
    seconds: 0,
  };
}
