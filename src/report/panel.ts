/**
 * A chart of lines: axes, one line a run, and the runs' names at the ends of their lines.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { Axis } from "./axis.ts";
import { shorten } from "./format.ts";
import { draw } from "./plot.ts";
import type { Look } from "./series.ts";

/** A point of a line, in the coordinates of its axes. A `y` of NaN interrupts the line. */
export interface Point {
  /** Along the horizontal axis. */
  x: number;
  /** Along the vertical axis. */
  y: number;
}

/** One run's line. */
export interface Line {
  /** The run's name. */
  name: string;
  /** How it is drawn. */
  look: Look;
  /** Its points, from left to right. */
  points: Point[];
  /** Says why the line ends before the right edge, and marks the place. */
  broken?: string;
}

/** A horizontal rule with a word on it: a level to compare with. */
export interface Level {
  /** Its height. */
  y: number;
  /** What it is; empty for a bare rule. */
  text: string;
  /** Whether the word stands above the rule or below. */
  side?: "above" | "below";
}

/** A stretch of heights at one place: where theory expects a point. */
export interface Reach {
  /** Its place. */
  x: number;
  /** Its lower end. */
  low: number;
  /** Its upper end. */
  high: number;
}

/** A chart of lines. */
export interface Panel {
  /** What a screen reader says. */
  label: string;
  /** The horizontal axis. */
  x: Axis;
  /** The vertical axis. */
  y: Axis;
  /** The lines. */
  lines: Line[];
  /** Levels to compare with. */
  levels?: Level[];
  /** Stretches to compare with, in the colour of the last line. */
  reaches?: Reach[];
  /** Whether every point has a marker: for lines of few points. */
  markers?: boolean;
}

/** All charts are drawn this wide, and scaled by the page. */
export const WIDTH = 460;
const TOP = 32;
const BOTTOM = 44;
const LEFT = 66;
const RIGHT = 120;
const LETTERS = 15;
const LINE_HEIGHT = 15;
/** Lines nearer than this, in pixels, are drawn side by side. */
const BESIDE = 4.5;
/** A group of such lines is never spread wider than this. */
const WIDEST = 14;
/** The share of their points that lines must have in common to be drawn side by side. */
const MOSTLY = 0.75;

/** The text marks' common part: readable over a line. */
export const HALO = { stroke: "var(--paper)", strokeWidth: 4, fontSize: 12 } as const;

/** Draws a chart of lines as the text of an `<svg>`. */
export function linePanel(panel: Panel): string {
  const height = Math.max(290, TOP + BOTTOM + LINE_HEIGHT * panel.lines.length);
  const place = placement(panel, height);
  const lines = beside(panel.lines, place);
  const levels = panel.levels ?? [];
  const marks: Plot.Markish[] = [
    ...frame(panel),
    Plot.ruleY(levels, { y: "y", stroke: "var(--quiet)", strokeDasharray: "2 3" }),
    ...reachMarks(panel),
    ...lines.flatMap((line) => lineMarks(line, panel.markers ?? false)),
    ...levels.filter((level) => level.text !== "").map((level) => levelWord(level, panel.x)),
    ...brokenMarks(lines, panel, place),
    ...endMarks(lines, panel, place),
  ];
  return draw({
    width: WIDTH,
    height,
    marginTop: TOP,
    marginBottom: BOTTOM,
    marginLeft: LEFT,
    marginRight: RIGHT,
    x: { domain: panel.x.domain, label: null },
    y: { domain: panel.y.domain, label: null },
    marks,
  }, panel.label);
}

/** Axes without ticks or frame: hairlines, and labels that read from left to right. */
function frame(panel: Panel): Plot.Markish[] {
  const { x, y } = panel;
  const quiet = { fill: "var(--quiet)", fontSize: 12, tickSize: 0, label: null };
  return [
    Plot.gridY(y.ticks, { stroke: "var(--rule)", strokeOpacity: 1 }),
    Plot.ruleY([y.domain[0]], { stroke: "var(--axis)" }),
    Plot.axisY(y.ticks, { ...quiet, tickFormat: y.format }),
    Plot.axisX(x.ticks, { ...quiet, tickFormat: x.format }),
    ...titles(y.label, x.label, LEFT),
  ];
}

/** The names of the axes: the vertical one's over it from the picture's edge on, the other's below. */
export function titles(top: string, bottom: string, left: number): Plot.Markish[] {
  const common = { text: (title: string) => title, fill: "var(--quiet)", fontSize: 12 };
  const corner = { frameAnchor: "top-left", textAnchor: "start", dx: -left, dy: -20 } as const;
  return [
    Plot.text([top], { ...common, ...corner }),
    Plot.text([bottom], { ...common, frameAnchor: "bottom", dy: 38 }),
  ];
}

/** Broad and pale, so that the points are seen on them. */
function reachMarks({ reaches = [], lines }: Panel): Plot.Markish[] {
  if (reaches.length === 0) return [];
  const stroke = lines[lines.length - 1].look.color;
  const style = { stroke, strokeOpacity: 0.25, strokeWidth: 9, strokeLinecap: "round" } as const;
  return [Plot.ruleX(reaches, { x: "x", y1: "low", y2: "high", ...style })];
}

/** A level's word, over the lines so that none strikes it through. */
function levelWord(level: Level, x: Axis): Plot.Markish {
  const word = { x: x.domain[0] + (x.domain[1] - x.domain[0]) * 0.98, y: level.y, text: level.text };
  const dy = level.side === "below" ? 11 : -11;
  return Plot.text([word], {
    x: "x",
    y: "y",
    text: "text",
    dy,
    textAnchor: "end",
    fill: "var(--quiet)",
    ...HALO,
  });
}

function lineMarks(line: Line, markers: boolean): Plot.Markish[] {
  const { color, dash, symbol } = line.look;
  const marks: Plot.Markish[] = [
    Plot.line(line.points, {
      x: "x",
      y: "y",
      stroke: color,
      strokeWidth: 2,
      strokeDasharray: dash || undefined,
    }),
  ];
  const finite = line.points.filter((point) => Number.isFinite(point.y));
  const dots = markers ? finite : line.broken === undefined ? finite.slice(-1) : [];
  const paper = { stroke: "var(--paper)", strokeWidth: 1 };
  marks.push(Plot.dot(dots, { x: "x", y: "y", symbol, r: 3.7, fill: color, ...paper }));
  return marks;
}

/** Pixels of the axes' coordinates, and back. */
interface Placement {
  toX(x: number): number;
  fromX(pixel: number): number;
  toY(y: number): number;
  fromY(pixel: number): number;
  height: number;
}

function placement(panel: Panel, height: number): Placement {
  const [x0, x1] = panel.x.domain;
  const [y0, y1] = panel.y.domain;
  const across = (WIDTH - LEFT - RIGHT) / (x1 - x0);
  const up = (height - TOP - BOTTOM) / (y1 - y0);
  return {
    toX: (x) => LEFT + (x - x0) * across,
    fromX: (pixel) => x0 + (pixel - LEFT) / across,
    toY: (y) => height - BOTTOM - (y - y0) * up,
    fromY: (pixel) => y0 + (height - BOTTOM - pixel) / up,
    height,
  };
}

/** Moves lines that lie on each other a little apart, so that none hides another. */
function beside(lines: Line[], place: Placement): Line[] {
  const groups: Line[][] = [];
  for (const line of lines) {
    const group = groups.find((members) => members.some((member) => touch(member, line, place)));
    if (group) group.push(line);
    else groups.push([line]);
  }
  const shifts = new Map(groups.flatMap((group) => spread(group, place)));
  return lines.map((line) => {
    const shift = shifts.get(line) ?? 0;
    if (shift === 0) return line;
    return { ...line, points: line.points.map(({ x, y }) => ({ x, y: place.fromY(place.toY(y) + shift) })) };
  });
}

/** How far each line of a group is moved: as little as it takes, and the group as a whole stays. */
function spread(group: Line[], place: Placement): [Line, number][] {
  if (group.length === 1) return [];
  const levels = group.map((line) => {
    const sorted = line.points.map((point) => place.toY(point.y)).filter(Number.isFinite).sort((a, b) =>
      a - b
    );
    return sorted[sorted.length >> 1] ?? 0;
  });
  const moved = apart(levels, -Infinity, Infinity, Math.min(BESIDE, WIDEST / (group.length - 1)));
  const drift = moved.reduce((sum, level, i) => sum + level - levels[i], 0) / group.length;
  return group.map((line, i) => [line, moved[i] - levels[i] - drift]);
}

/** Whether most of two lines is in the same place: one that only starts elsewhere still hides the other. */
function touch(a: Line, b: Line, place: Placement): boolean {
  if (a.points.length !== b.points.length || a.points.length === 0) return false;
  const near = a.points.filter((point, i) =>
    Math.abs(place.toY(point.y) - place.toY(b.points[i].y)) < BESIDE
  );
  return near.length >= MOSTLY * a.points.length;
}

/** A cross where a line breaks off, and beside it what happened. */
function brokenMarks(lines: Line[], panel: Panel, place: Placement): Plot.Markish[] {
  const broken = lines.filter((line) => line.broken !== undefined);
  const ends = broken.map((line) => lastPoint(line) ?? { x: panel.x.domain[0], y: panel.y.domain[1] });
  const heights = apart(ends.map((end) => place.toY(end.y)), TOP + 2, place.height - BOTTOM);
  return broken.flatMap((line, i) => {
    const end = ends[i];
    const leftward = place.toX(end.x) > WIDTH / 2;
    const word = {
      ...end,
      y: place.fromY(heights[i]),
      text: `${shorten(line.name, LETTERS)}: ${line.broken}`,
    };
    const anchor = leftward
      ? { textAnchor: "end", dx: -10 } as const
      : { textAnchor: "start", dx: 10 } as const;
    const cross = { symbol: "times", r: 6, stroke: line.look.color, strokeWidth: 2.5 } as const;
    return [
      Plot.dot([end], { x: "x", y: "y", ...cross }),
      Plot.text([word], { x: "x", y: "y", text: "text", fill: line.look.color, ...anchor, ...HALO }),
    ];
  });
}

/** The names at the right edge, pushed apart where lines end close together. */
function endMarks(lines: Line[], panel: Panel, place: Placement): Plot.Markish[] {
  const whole = lines.filter((line) => line.broken === undefined && lastPoint(line) !== undefined);
  const ends = whole.map((line) => lastPoint(line) as Point);
  const heights = apart(ends.map((end) => place.toY(end.y)), TOP, place.height - BOTTOM + 6);
  const right = panel.x.domain[1];
  return whole.flatMap((line, i) => {
    const y = place.fromY(heights[i]);
    const fill = line.look.color;
    const leader = {
      x1: place.fromX(place.toX(ends[i].x) + 7),
      y1: ends[i].y,
      x2: place.fromX(place.toX(right) + 17),
      y2: y,
    };
    const word = { x: place.fromX(place.toX(right) + 20), y, text: shorten(line.name, LETTERS) };
    return [
      Plot.link([leader], { x1: "x1", y1: "y1", x2: "x2", y2: "y2", stroke: fill, strokeWidth: 1 }),
      Plot.text([word], { x: "x", y: "y", text: "text", fill, textAnchor: "start", fontSize: 12 }),
    ];
  });
}

function lastPoint(line: Line): Point | undefined {
  return line.points.findLast((point) => Number.isFinite(point.y));
}

/**
 * Heights in pixels, moved so that they are at least so far apart, within bounds.
 *
 * @param heights The heights.
 * @param top The least height.
 * @param bottom The greatest.
 * @param distance How far apart: a line of text.
 */
export function apart(
  heights: number[],
  top: number,
  bottom: number,
  distance: number = LINE_HEIGHT,
): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a] - heights[b] || a - b);
  const moved = heights.map((height) => Math.min(bottom, Math.max(top, height)));
  for (let k = 1; k < order.length; k++) {
    moved[order[k]] = Math.max(moved[order[k]], moved[order[k - 1]] + distance);
  }
  let limit = bottom;
  for (const i of order.reverse()) {
    moved[i] = Math.min(moved[i], limit);
    limit = moved[i] - distance;
  }
  return moved;
}
