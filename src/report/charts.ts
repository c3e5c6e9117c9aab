/**
 * The charts of a comparison: each a function from the comparison to the text of an `<svg>`.
 *
 * Colours are CSS custom properties of the page (see `page.ts`), so that one picture serves light and dark.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { ComparedRun, Comparison, LayerScale } from "../diagnose/comparison.ts";
import { type Axis, logAxis, percentAxis, powerOfTen, wholeAxis } from "./axis.ts";
import { count, figure, list, percent, shorten } from "./format.ts";
import { HALO, type Line, linePanel, type Point, titles, WIDTH } from "./panel.ts";
import { draw } from "./plot.ts";
import { look } from "./series.ts";

/** Which of a layer's two scales. */
export type Scale = "activation" | "gradient";
/** Measured before the first step or after the last. */
export type Moment = "before" | "after";

/** How many points the loss is drawn with at most. */
const LOSS_POINTS = 125;
/** Losses are drawn from here up to this many times the loss of guessing. */
const LOSS_FLOOR = 1e-4;
const LOSS_CEILING = 100;

/** The loss of a network that gives every class the same probability. */
export function chanceLoss(c: Comparison): number {
  return Math.log(Math.max(2, c.layers[c.layers.length - 1]));
}

/** How many neighbouring mini-batches are averaged into one point of the loss chart. */
export function lossBin(c: Comparison): number {
  return Math.max(1, Math.ceil(Math.max(0, ...c.runs.map((run) => run.stepLosses.length)) / LOSS_POINTS));
}

/** The highest loss the loss chart shows: a run that explodes must not flatten the others. */
export function lossCeiling(c: Comparison): number {
  const losses = c.runs.flatMap((run) => run.stepLosses).filter(isPositive);
  const highest = losses.reduce((a, b) => Math.max(a, b), 0);
  return Math.max(chanceLoss(c) * 2, Math.min(highest, chanceLoss(c) * LOSS_CEILING));
}

/** Training loss by step. */
export function lossChart(c: Comparison): string {
  const chance = chanceLoss(c);
  const classes = c.layers[c.layers.length - 1];
  const steps = Math.max(1, ...c.runs.map((run) => run.stepLosses.length));
  const bin = lossBin(c);
  const drawn = c.runs.map((run) => binned(run.stepLosses, bin));
  const values = drawn.flat().map((point) => point.y).filter(isPositive);
  const floor = Math.max(LOSS_FLOOR, values.reduce((a, b) => Math.min(a, b), chance / 4) / 1.15);
  const y = logAxis("Training loss, nats (log scale)", floor, lossCeiling(c) * 1.05);
  const lines = c.runs.map((run, i): Line => {
    const points = drawn[i].map((point) => ({ x: point.x, y: clamp(Math.log10(point.y), y.domain) }));
    return { name: run.init, look: look(i), points, broken: whereBroken(run.stepLosses) };
  });
  return linePanel({
    label: `Line chart of the training loss by step. ${finals(c, (run) => figure(run.finalLoss))}`,
    x: wholeAxis("Step (mini-batch)", steps),
    y,
    lines,
    levels: [{ y: Math.log10(chance), text: `guessing: ln ${classes} = ${figure(chance)}` }],
  });
}

/** Mean losses of so many neighbouring steps each. A step without a finite loss ends the line there. */
function binned(losses: readonly (number | null)[], bin: number): Point[] {
  const points: Point[] = [];
  let sum = 0;
  let size = 0;
  const flush = (step: number): void => {
    if (size > 0) points.push({ x: step - (size - 1) / 2, y: sum / size });
    sum = size = 0;
  };
  for (const [i, loss] of losses.entries()) {
    if (loss === null || !Number.isFinite(loss)) {
      flush(i);
      if (points.length > 0) points.push({ x: i + 1, y: NaN });
      continue;
    }
    sum += loss;
    if (++size === bin) flush(i + 1);
  }
  flush(losses.length);
  return points;
}

function whereBroken(losses: readonly (number | null)[]): string | undefined {
  const last = losses.findLastIndex((loss) => loss !== null && Number.isFinite(loss));
  return last === losses.length - 1 ? undefined : `not finite from step ${count(last + 2)}`;
}

/** Test accuracy by epoch. */
export function accuracyChart(c: Comparison): string {
  const classes = c.layers[c.layers.length - 1];
  const lines = c.runs.map((run, i): Line => ({
    name: run.init,
    look: look(i),
    points: run.epochs.map((epoch) => ({ x: epoch.epoch, y: epoch.testAccuracy })),
  }));
  return linePanel({
    label: `Line chart of the test accuracy by epoch. ${finals(c, (run) => percent(run.finalAccuracy))}`,
    x: wholeAxis("Epoch (0 is before training)", c.epochs),
    y: percentAxis("Test accuracy"),
    lines,
    levels: [{ y: 1 / classes, text: `guessing: 1 in ${classes}`, side: "below" }],
    markers: true,
  });
}

/**
 * A scale by layer, before or after training. Both moments have the same axis.
 *
 * @param c The comparison.
 * @param scale The activations' or the gradients'.
 * @param moment Before or after.
 */
export function scaleChart(c: Comparison, scale: Scale, moment: Moment): string {
  const title = scale === "activation"
    ? "RMS of the activations (log scale)"
    : "RMS of the gradient (log scale)";
  const layers = c.layers.length - 1;
  const y = scaleAxis(
    title,
    c.runs.flatMap((run) => [...run.scalesBefore, ...run.scalesAfter].map((l) => l[scale])),
  );
  const lines = c.runs.map((run, i): Line => ({
    name: run.init,
    look: look(i),
    points: scales(run, moment).map((layer, x) => ({ x, y: y.place(layer[scale]) })),
  }));
  const ends = finals(c, (run) => scales(run, moment).map((layer) => figure(layer[scale])).join(", "));
  return linePanel({
    label: `Line chart of the ${scale} scale by layer, ${moment} training. First layer to last: ${ends}`,
    x: layerAxis(layers),
    y: y.axis,
    lines,
    levels: y.special.map((at) => ({ y: at, text: "" })),
    markers: true,
  });
}

function scales(run: ComparedRun, moment: Moment): LayerScale[] {
  return moment === "before" ? run.scalesBefore : run.scalesAfter;
}

function layerAxis(layers: number): Axis {
  const ticks = Array.from({ length: layers }, (_, i) => i);
  const format = (tick: number): string => tick === layers - 1 ? "output" : String(tick + 1);
  return { label: "Layer, from the input on", domain: [-0.1, Math.max(0.02, layers - 1)], ticks, format };
}

/** A logarithmic axis with places of their own for 0, at the bottom, and for what is not finite, at the top. */
function scaleAxis(
  label: string,
  values: (number | null)[],
): { axis: Axis; special: number[]; place: (value: number | null) => number } {
  const positive = values.filter(isPositive).map(Math.log10);
  const low = Math.floor(positive.reduce((a, b) => Math.min(a, b), 0));
  const high = Math.max(low + 1, Math.ceil(positive.reduce((a, b) => Math.max(a, b), 0)));
  const apart = (high - low) / 7;
  const zero = values.includes(0) ? low - apart : undefined;
  const lost = values.some((value) => value === null) ? high + apart : undefined;
  const base = logAxis(label, 10 ** low, 10 ** high);
  const format = (tick: number): string =>
    tick === zero ? "0" : tick === lost ? "not finite" : powerOfTen(tick);
  const special = [zero, lost].filter((at) => at !== undefined);
  const domain: [number, number] = [(zero ?? low) - apart / 3, (lost ?? high) + apart / 3];
  const place = (value: number | null): number =>
    value === null || !Number.isFinite(value) ? high + apart : value <= 0 ? low - apart : Math.log10(value);
  return { axis: { ...base, domain, format, ticks: [...base.ticks, ...special] }, special, place };
}

/**
 * Dead ReLUs of one hidden layer: before training a ring, after it a dot.
 *
 * @param c The comparison.
 * @param layer Which hidden layer, from 0 on.
 */
export function deadChart(c: Comparison, layer: number): string {
  const rows = c.runs.map((run, y) => ({
    y,
    name: shorten(run.init, 15),
    before: run.scalesBefore[layer]?.dead ?? NaN,
    after: run.scalesAfter[layer]?.dead ?? NaN,
    look: look(y),
  }));
  const left = 118;
  const ends = finals(c, (run) => percent(run.scalesAfter[layer]?.dead ?? null));
  return draw({
    width: WIDTH,
    height: 66 + 30 * rows.length,
    marginTop: 12,
    marginBottom: 44,
    marginLeft: left,
    marginRight: 70,
    x: { domain: [0, 1], label: null },
    y: { domain: [rows.length - 0.5, -0.5], axis: null },
    marks: [
      Plot.gridX([0, 0.25, 0.5, 0.75, 1], { stroke: "var(--rule)", strokeOpacity: 1 }),
      Plot.axisX([0, 0.25, 0.5, 0.75, 1], {
        fill: "var(--quiet)",
        fontSize: 12,
        tickSize: 0,
        label: null,
        tickFormat: (tick: number) => `${tick * 100}%`,
      }),
      ...titles("", "Dead ReLUs", left),
      ...rows.flatMap((row) => deadMarks(row, left)),
    ],
  }, `Dot chart of the dead ReLUs in hidden layer ${layer + 1} after training. ${ends}`);
}

interface DeadRow {
  y: number;
  name: string;
  before: number;
  after: number;
  look: ReturnType<typeof look>;
}

function deadMarks(row: DeadRow, left: number): Plot.Markish[] {
  const { color } = row.look;
  const dot = { y: "y", r: 5, strokeWidth: 2 } as const;
  const value = { y: "y", frameAnchor: "right", textAnchor: "end", dx: 62, fontSize: 12 } as const;
  return [
    Plot.text([row], {
      y: "y",
      text: "name",
      fill: color,
      frameAnchor: "left",
      textAnchor: "start",
      dx: -left,
      ...HALO,
    }),
    Plot.link([row], { x1: "before", x2: "after", y: "y", stroke: color, strokeWidth: 2 }),
    Plot.dot([row], { ...dot, x: "before", fill: "var(--paper)", stroke: color }),
    Plot.dot([row], { ...dot, x: "after", fill: color, stroke: color, r: 3.5 }),
    Plot.text([row], { ...value, text: (r: DeadRow) => Number.isNaN(r.after) ? "–" : percent(r.after) }),
  ];
}

/** A run's line and marker alone, for a legend or a card. */
export function swatch(index: number): string {
  const { color, dash, symbol } = look(index);
  const ends = [{ x: 0, y: 0 }, { x: 2, y: 0 }];
  return draw({
    width: 40,
    height: 14,
    margin: 0,
    x: { axis: null, domain: [0, 2] },
    y: { axis: null, domain: [-1, 1] },
    marks: [
      Plot.line(ends, { x: "x", y: "y", stroke: color, strokeWidth: 2, strokeDasharray: dash || undefined }),
      Plot.dot([{ x: 1, y: 0 }], {
        x: "x",
        y: "y",
        symbol,
        r: 4.5,
        fill: color,
        stroke: "var(--paper)",
        strokeWidth: 1,
      }),
    ],
  }, "");
}

/** "zeros: 2.30, ones: 2.30 and kaiming_normal: 0.04." */
function finals(c: Comparison, value: (run: ComparedRun) => string): string {
  return list(c.runs.map((run) => `${run.init}: ${value(run)}`)) + ".";
}

function isPositive(value: number | null): value is number {
  return value !== null && Number.isFinite(value) && value > 0;
}

function clamp(value: number, [low, high]: [number, number]): number {
  return Number.isNaN(value) ? value : Math.min(high, Math.max(low, value));
}
