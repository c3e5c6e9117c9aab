/**
 * The singular values of a weight matrix beside those of a random one.
 *
 * @module
 */
import type { WeightSpectrum, WeightView } from "../diagnose/weight_view.ts";
import type { Axis } from "./axis.ts";
import { count, figure } from "./format.ts";
import { type Line, linePanel } from "./panel.ts";
import { look } from "./series.ts";

/** Points of a line at most: the first and the last are among them. */
const POINTS = 128;

/**
 * Draws the singular values of a layer as the text of an `<svg>`.
 *
 * @param view The layer.
 * @param spectrum Its singular values.
 */
export function spectrumChart({ name }: WeightView, { values, expected, of }: WeightSpectrum): string {
  const last = values.length - 1, places = placesOf(values.length);
  const line = (title: string, index: number, y: Float64Array): Line => ({
    name: title,
    look: look(index),
    points: places.map((x) => ({ x: x + 1, y: y[x] })),
  });
  const lines = [line("measured", 0, values)];
  if (expected !== null) lines.push(line(of === "initialiser" ? "theory" : "random", 1, expected));
  const largest = expected === null || expected.length === 0 ? "" : `, expected ${figure(expected[0])}`;
  return linePanel({
    label: `Line chart of the ${count(values.length)} singular values of layer ${name}: ` +
      `largest ${figure(values[0] ?? 0)}${largest}, smallest ${figure(values[last] ?? 0)}`,
    x: rankAxis(values.length),
    y: sizeAxis(Math.max(values[0] ?? 0, expected?.[0] ?? 0)),
    lines,
    markers: values.length <= 16,
  });
}

function placesOf(length: number): number[] {
  const points = Math.min(length, POINTS);
  const places = Array.from(
    { length: points },
    (_, i) => Math.round(i * (length - 1) / Math.max(1, points - 1)),
  );
  return [...new Set(places)];
}

function rankAxis(length: number): Axis {
  const most = Math.max(2, length), step = Math.max(1, Math.round((most - 1) / 4));
  const ticks = [0, 1, 2, 3, 4].map((i) => 1 + i * step).filter((tick) => tick <= most);
  return { label: "Singular values, the largest first", domain: [1, most], ticks, format: count };
}

/** From 0 on, in round steps. */
function sizeAxis(largest: number): Axis {
  const most = largest > 0 && Number.isFinite(largest) ? largest * 1.05 : 1, rough = most / 4;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((x) => x * decade).find((x) => x >= rough)!;
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
  return { label: "Singular value", domain: [0, most], ticks, format: (tick) => figure(tick, 2) };
}
