/**
 * The timeline of symmetry: how many neurons and gradients of a layer are distinct, and how near the nearest two neurons are.
 *
 * @module
 */
import type { Comparison } from "../diagnose/comparison.ts";
import type { WatchedLayer, WatchReport } from "../diagnose/watch.ts";
import { type Axis, logAxis, wholeAxis } from "./axis.ts";
import { count, figure, list } from "./format.ts";
import { type Level, type Line, linePanel } from "./panel.ts";
import { look } from "./series.ts";

/** Room under 1 for the lines that lie there, which are the ones to look at. */
const BELOW_ONE = 0.8;

/** The least cosine that the axis shows, unless one is smaller. */
const LEAST_COSINE = 0;

/** Lines of few points have a marker at each. */
const FEW = 12;

/** An axis of numbers of neurons, logarithmic, whose last tick is the layer's width. */
function distinctAxis(width: number, label: string): Axis {
  const axis = logAxis(`${label} (log scale)`, BELOW_ONE, Math.max(2, width) * 1.1), top = Math.log10(width);
  const powers = axis.ticks.filter((tick) => Number.isInteger(tick) && tick >= 0 && top - tick > 0.15);
  return { ...axis, ticks: [...powers, top], format: (tick) => count(10 ** tick) };
}

/** The level of one neuron, where there could be more. */
function levelOfOne(width: number): Level[] {
  return width > 1 ? [{ y: 0, text: "1: all are clones" }] : [];
}

function place(neurons: number | undefined): number {
  return Math.log10(Math.max(1, neurons ?? NaN));
}

/**
 * Distinct neurons of one hidden layer by epoch, a line a run.
 *
 * @param c The comparison.
 * @param layer Which hidden layer, from 0 on.
 */
export function distinctChart(c: Comparison, layer: number): string {
  const width = Math.max(1, c.layers[layer + 1]);
  const lines = c.runs.map((run, i): Line => ({
    name: run.init,
    look: look(i),
    points: run.epochs.map((epoch) => ({ x: epoch.epoch, y: place(epoch.distinctNeurons[layer]) })),
  }));
  const last = list(c.runs.map((run) => `${run.init}: ${run.distinctNeurons[layer]} of ${width}`));
  return linePanel({
    label: `Line chart of the distinct neurons in hidden layer ${layer + 1} by epoch. ${last}.`,
    x: wholeAxis("Epoch (0 is before training)", c.epochs),
    y: distinctAxis(width, "Distinct neurons"),
    lines,
    levels: levelOfOne(width),
    markers: true,
  });
}

/**
 * Distinct gradients of one hidden layer by step, a line a run.
 *
 * @param c The comparison.
 * @param layer Which hidden layer, from 0 on.
 */
export function gradientsChart(c: Comparison, layer: number): string {
  const width = Math.max(1, c.layers[layer + 1]);
  const lines = c.runs.map((run, i) => gradientLine(run.init, i, run.symmetry, layer));
  return linePanel({
    label: `Line chart of the distinct gradients in hidden layer ${layer + 1} by step. ${
      lastOf(c, (run) => count(run.layers[layer]?.distinctGradients.at(-1) ?? NaN))
    }`,
    x: stepAxis(c.runs.map(({ symmetry }) => symmetry)),
    y: distinctAxis(width, "Distinct gradients"),
    lines,
    levels: levelOfOne(width),
  });
}

/**
 * The largest cosine between two neurons of one hidden layer by step, a line a run.
 *
 * @param c The comparison.
 * @param layer Which hidden layer, from 0 on.
 */
export function cosineChart(c: Comparison, layer: number): string {
  const runs = c.runs.map(({ symmetry }) => symmetry);
  const lines = c.runs.map((run, i) => cosineLine(run.init, i, run.symmetry, layer));
  return linePanel({
    label: `Line chart of the largest cosine between two different neurons of hidden layer ${
      layer + 1
    } by step. ${lastOf(c, (run) => cosineText(run.layers[layer]))}`,
    x: stepAxis(runs),
    y: cosineAxis(lines),
    lines,
  });
}

/**
 * Distinct neurons and distinct gradients of one layer by step.
 *
 * @param report What was seen.
 * @param index Which hidden layer, from 0 on.
 */
export function timelineChart(report: WatchReport, index: number): string {
  const { name, width, distinctNeurons, distinctGradients } = report.layers[index];
  const points = report.steps.map((x, i) => ({ x, y: place(distinctNeurons[i]) }));
  const neurons: Line = { name: "neurons", look: look(0), points };
  const ends = `${distinctNeurons.at(-1)} neurons and ${distinctGradients.at(-1)} gradients of ${width}`;
  return linePanel({
    label: `Line chart of the distinct neurons and gradients of layer ${name} by step. At the end: ${ends}`,
    x: stepAxis([report]),
    y: distinctAxis(Math.max(1, width), "Distinct"),
    lines: [neurons, gradientLine("gradients", 1, report, index)],
    levels: levelOfOne(width),
    markers: report.steps.length <= FEW,
  });
}

/**
 * The largest cosine between two neurons of every hidden layer by step.
 *
 * @param report What was seen.
 */
export function cosinesChart(report: WatchReport): string {
  const lines = report.layers.map(({ name }, i) => cosineLine(`layer ${name}`, i, report, i));
  const ends = report.layers.map((layer) => `${layer.name}: ${cosineText(layer)}`);
  return linePanel({
    label: `Line chart of the largest cosine between two different neurons of a layer by step. At the end: ${
      list(ends)
    }`,
    x: stepAxis([report]),
    y: cosineAxis(lines),
    lines,
    markers: report.steps.length <= FEW,
  });
}

/** From the first step on: before it there is no gradient. */
function gradientLine(name: string, index: number, report: WatchReport | undefined, layer: number): Line {
  const { steps = [], layers = [] } = report ?? {}, values = layers[layer]?.distinctGradients ?? [];
  const points = steps.map((x, i) => ({ x, y: place(values[i]) })).filter(({ x }) => x > 0);
  return { name, look: look(index), points };
}

function cosineLine(name: string, index: number, report: WatchReport | undefined, layer: number): Line {
  const { steps = [], layers = [] } = report ?? {}, values = layers[layer]?.largestCosine ?? [];
  // Not every sample measures it: the line goes on from one that does to the next.
  const points = steps.map((x, i) => ({ x, y: values[i] ?? NaN })).filter(({ y }) => Number.isFinite(y));
  return { name, look: look(index), points };
}

function stepAxis(reports: readonly (WatchReport | undefined)[]): Axis {
  const last = reports.map((report) => report?.steps.at(-1) ?? 0);
  return wholeAxis("Step (mini-batch)", last.reduce((a, b) => Math.max(a, b), 1));
}

function cosineAxis(lines: readonly Line[]): Axis {
  const values = lines.flatMap(({ points }) => points.map(({ y }) => y)).filter(Number.isFinite);
  const low = values.reduce((a, b) => Math.min(a, b), LEAST_COSINE) < 0 ? -1 : 0;
  const ticks = low < 0 ? [-1, -0.5, 0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
  return { label: "Largest cosine", domain: [low, 1.02], ticks, format: String };
}

function cosineText(layer: WatchedLayer | undefined): string {
  const last = layer?.largestCosine.findLast((cosine) => cosine !== null);
  return last === undefined || last === null ? "none" : figure(last);
}

/** "zeros: 1, torch_linear: 128." */
function lastOf(c: Comparison, value: (run: WatchReport) => string): string {
  return `${
    list(c.runs.map((run) => `${run.init}: ${run.symmetry ? value(run.symmetry) : "not watched"}`))
  }.`;
}
