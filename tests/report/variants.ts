/**
 * The fixture's edge cases: what a comparison may look like besides the usual.
 *
 * @module
 */

import type { Comparison } from "../../src/diagnose/comparison.ts";
import { fixture } from "./fixture.ts";

/** A name that would be markup, a quote and a terminal command if it were not escaped. */
export const HOSTILE = `<script>alert("1")</script>'&\x1b[31m`;

/** Comparisons by what is special about them. */
export function variants(): Map<string, Comparison> {
  return new Map([
    ["as usual", fixture()],
    ["one run", change((c) => c.runs.splice(0, 4))],
    ["no hidden layer", change(withoutHiddenLayers)],
    ["nothing finite", change(withoutFiniteNumbers)],
    ["one epoch", change(withOneEpoch)],
    ["no step", change(withoutSteps)],
    ["one neuron", change((c) => c.layers[1] = 1)],
    ["twelve runs with long names", change(withManyRuns)],
    ["hostile words", change(withHostileWords)],
  ]);
}

function change(how: (c: Comparison) => void): Comparison {
  const c = fixture();
  how(c);
  return c;
}

function withoutHiddenLayers(c: Comparison): void {
  c.layers = [784, 10];
  for (const run of c.runs) {
    run.distinctNeurons = [];
    for (const epoch of run.epochs) epoch.distinctNeurons = [];
    run.scalesBefore = run.scalesBefore.slice(-1);
    run.scalesAfter = run.scalesAfter.slice(-1);
  }
}

function withoutFiniteNumbers(c: Comparison): void {
  for (const run of c.runs) {
    run.finalLoss = null;
    run.stepLosses = run.stepLosses.map(() => null);
    for (const epoch of run.epochs) epoch.loss = epoch.testLoss = null;
    for (const layer of [...run.scalesBefore, ...run.scalesAfter]) {
      layer.activation = layer.gradient = layer.dead = null;
    }
  }
}

function withOneEpoch(c: Comparison): void {
  c.epochs = 1;
  for (const run of c.runs) {
    run.epochs = run.epochs.slice(0, 2);
    run.stepLosses = run.stepLosses.slice(0, c.stepsPerEpoch);
  }
}

function withoutSteps(c: Comparison): void {
  c.epochs = 0;
  for (const run of c.runs) {
    run.epochs = run.epochs.slice(0, 1);
    run.stepLosses = [];
  }
}

function withManyRuns(c: Comparison): void {
  const runs = c.runs;
  c.runs = Array.from({ length: 12 }, (_, i) => {
    const name = i % 2 === 0 ? "variance_scaling:2,fan_avg,truncated_normal" : "orthogonal:";
    return { ...runs[i % runs.length], init: name + i, verdict: i % 3 === 0 ? "warn" : "ok" };
  });
}

function withHostileWords(c: Comparison): void {
  c.adapter =
    c.data =
    c.seed =
    c.generator =
    c.optimizer =
      HOSTILE;
  for (const run of c.runs) run.init = run.sentence = HOSTILE;
}
