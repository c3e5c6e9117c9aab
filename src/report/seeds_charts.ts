/**
 * The charts of a study of seeds: box plots with their points, and paired differences with their intervals.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { Comparison, Measure, SeedDifference, SeedStudy } from "../diagnose/comparison.ts";
import type { Box } from "../diagnose/paired.ts";
import { accuracyAxis, differenceAxis, type PlacedAxis, positiveAxis } from "./axis.ts";
import { figure, list, shorten } from "./format.ts";
import { HALO, titles, WIDTH } from "./panel.ts";
import { draw } from "./plot.ts";
import { look } from "./series.ts";
import { valueText } from "./seeds_words.ts";

/** A comparison of several seeds. */
export type Studied = Comparison & { seeds: SeedStudy };

const LEFT = 124, RIGHT = 70, TOP = 12, BOTTOM = 44, LETTERS = 15;
/** Pixels of a row. */
const BOX_ROW = 46, PAIR_ROW = 38;
/** Where a row's box and its points are, about its middle: the row is one unit high. */
const BOX_TOP = -0.36, BOX_BOTTOM = -0.06, POINTS_TOP = 0.08, POINTS_BOTTOM = 0.36;

/** The common part of a chart whose rows are named at the left. */
function rowsChart(
  { axis, rows, row, marks, label }: {
    axis: PlacedAxis;
    rows: number;
    row: number;
    marks: Plot.Markish[];
    label: string;
  },
): string {
  return draw({
    width: WIDTH,
    height: TOP + BOTTOM + row * rows,
    marginTop: TOP,
    marginBottom: BOTTOM,
    marginLeft: LEFT,
    marginRight: RIGHT,
    x: { domain: axis.domain, label: null },
    y: { domain: [rows - 0.5, -0.5], axis: null },
    marks: [
      Plot.gridX(axis.ticks, { stroke: "var(--rule)", strokeOpacity: 1 }),
      Plot.axisX(axis.ticks, {
        fill: "var(--quiet)",
        fontSize: 12,
        tickSize: 0,
        label: null,
        tickFormat: axis.format,
      }),
      ...titles("", axis.label, LEFT),
      ...marks,
    ],
  }, label);
}

/**
 * How the ends of every initialisation are spread: a box, its whiskers, and a point for every seed under it.
 *
 * @param c The comparison.
 * @param measure Loss or accuracy.
 */
export function spreadChart(c: Studied, measure: Measure): string {
  const { spread, results } = c.seeds, values = results.map((result) => valueOf(result, measure));
  const axis = measure === "loss"
    ? positiveAxis("Training loss at the end, nats (log scale)", values)
    : accuracyAxis(
      "Test accuracy at the end (log scale of the error)",
      values.map((x) => x ?? 0),
      c.testRows,
    );
  const marks = spread.flatMap(({ init, ...boxes }, y) => {
    const ends = results.filter((result) => result.init === init).map((result) => valueOf(result, measure));
    return [
      ...nameMarks(init, y),
      ...boxMarks(boxes[measure], measure, y, axis),
      ...pointMarks(ends, y, axis),
    ];
  });
  const medians = list(spread.map((s) => `${s.init}: ${valueText(measure, s[measure]?.median ?? null)}`));
  const label = `Box plots of the final ${measure} over ${c.seeds.seeds.length} seeds. Medians: ${medians}.`;
  return rowsChart({ axis, rows: spread.length, row: BOX_ROW, marks, label });
}

function valueOf(
  { finalLoss, finalAccuracy }: SeedStudy["results"][number],
  measure: Measure,
): number | null {
  return measure === "loss" ? finalLoss : finalAccuracy;
}

function nameMarks(init: string, y: number): Plot.Markish[] {
  const name = { y, text: shorten(init, LETTERS) };
  const place = { frameAnchor: "left", textAnchor: "start", dx: -LEFT } as const;
  return [Plot.text([name], { y: "y", text: "text", fill: look(y).color, ...place, ...HALO })];
}

function boxMarks(box: Box | null, measure: Measure, row: number, axis: PlacedAxis): Plot.Markish[] {
  const value = { y: row, text: valueText(measure, box?.median ?? null) };
  const place = { frameAnchor: "right", textAnchor: "end", dx: RIGHT - 4, fontSize: 12 } as const;
  const median = Plot.text([value], { y: "y", text: "text", fill: "var(--ink)", ...place });
  if (box === null) return [median];
  const { color } = look(row), at = axis.place, y = row + (BOX_TOP + BOX_BOTTOM) / 2;
  const whiskers = [{ x1: at(box.low), x2: at(box.q1), y }, { x1: at(box.q3), x2: at(box.high), y }];
  const body = { x1: at(box.q1), x2: at(box.q3), y1: row + BOX_TOP, y2: row + BOX_BOTTOM };
  const edges = { x1: "x1", x2: "x2", y1: "y1", y2: "y2" } as const;
  return [
    Plot.link(whiskers, { x1: "x1", x2: "x2", y: "y", stroke: color, strokeWidth: 1.5 }),
    Plot.rect([body], { ...edges, fill: color, fillOpacity: 0.18, stroke: color, strokeWidth: 1.5 }),
    Plot.link([{ ...body, x1: at(box.median), x2: at(box.median) }], {
      ...edges,
      stroke: color,
      strokeWidth: 3,
    }),
    median,
  ];
}

/** A point a seed: the first seed highest, in every row, so that an eye can follow a seed. */
function pointMarks(ends: readonly (number | null)[], row: number, axis: PlacedAxis): Plot.Markish[] {
  const step = (POINTS_BOTTOM - POINTS_TOP) / Math.max(1, ends.length - 1), { color, symbol } = look(row);
  const points = ends.map((end, i) => ({ x: axis.place(end), y: row + POINTS_TOP + step * i, end }));
  const at = { x: "x", y: "y" } as const;
  return [
    Plot.dot(points.filter(({ end }) => end !== null), {
      ...at,
      symbol,
      r: 2.8,
      fill: color,
      fillOpacity: 0.85,
      stroke: "var(--paper)",
      strokeWidth: 0.6,
    }),
    Plot.dot(points.filter(({ end }) => end === null), { ...at, symbol: "times", r: 3, stroke: color }),
  ];
}

/**
 * The paired differences: a dot at the mean with its interval, filled where luck does not explain it.
 *
 * @param c The comparison.
 * @param measure Loss or accuracy.
 */
export function differenceChart(c: Studied, measure: Measure): string {
  const pairs = c.seeds.differences.filter((difference) => difference.measure === measure);
  const ends = pairs.flatMap(({ interval }) => interval ?? []),
    extents = pairs.flatMap(({ interval }) => interval === null ? [] : [Math.max(...interval.map(Math.abs))]);
  const label = measure === "loss"
    ? "Difference in final loss, nats (symmetric log scale)"
    : "Difference in test accuracy, points (symmetric log scale)";
  const range = [ends.reduce((a, b) => Math.min(a, b), 0), ends.reduce((a, b) => Math.max(a, b), 0)] as const;
  const axis = differenceAxis(label, extents, range, (value) => short(value, measure));
  const said = list(pairs.map((pair) => pair.sentence.replace(/\.$/, "")));
  return rowsChart({
    axis,
    rows: pairs.length,
    row: PAIR_ROW,
    marks: [
      Plot.ruleX([0], { stroke: "var(--ink)", strokeWidth: 1.2 }),
      ...pairs.flatMap((pair, y) => pairMarks(pair, y, axis)),
    ],
    label: `Dot chart of the paired differences in ${measure} with their intervals. ${said}.`,
  });
}

/** A size as short as it can be said. */
function short(value: number, measure: Measure): string {
  const scaled = measure === "loss" ? value : 100 * value;
  return scaled >= 1e-4 && scaled < 1e5
    ? `${Number(scaled.toPrecision(2))}`
    : scaled.toExponential(0).replace("e+", "e");
}

function pairMarks(pair: SeedDifference, y: number, axis: PlacedAxis): Plot.Markish[] {
  const { a, b, mean, interval, outcome, measure } = pair,
    isSure = outcome === "lower" || outcome === "higher";
  const color = isSure ? "var(--accent)" : "var(--quiet)";
  const scaled = mean === null ? null : measure === "loss" ? mean : 100 * mean;
  const sign = scaled === null || scaled === 0 ? "" : scaled < 0 ? "−" : "+";
  const value = { y, text: scaled === null ? "unknown" : sign + figure(Math.abs(scaled), 2) };
  const words = [{ y, text: shorten(a, LETTERS), dy: -7 }, {
    y,
    text: `− ${shorten(b, LETTERS)}`,
    dy: 7,
  }];
  const left = { frameAnchor: "left", textAnchor: "start", dx: -LEFT, ...HALO } as const;
  const marks: Plot.Markish[] = [
    ...words.map(({ dy, ...word }) =>
      Plot.text([word], { y: "y", text: "text", fill: isSure ? "var(--ink)" : "var(--quiet)", ...left, dy })
    ),
    Plot.text([value], {
      y: "y",
      text: "text",
      fill: color,
      frameAnchor: "right",
      textAnchor: "end",
      dx: RIGHT - 4,
      fontSize: 12,
    }),
  ];
  if (mean === null || interval === null) return marks;
  const [x1, x2] = interval.map(axis.place), dot = { x: axis.place(mean), y };
  return [
    ...marks,
    Plot.link([{ x1, x2, y }], {
      x1: "x1",
      x2: "x2",
      y: "y",
      stroke: color,
      strokeWidth: 2.5,
      strokeLinecap: "round",
    }),
    Plot.dot([dot], {
      x: "x",
      y: "y",
      r: 4.8,
      fill: isSure ? color : "var(--paper)",
      stroke: color,
      strokeWidth: 2,
    }),
  ];
}
