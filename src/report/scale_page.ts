/**
 * The page of `fanin bench --scale`: time against size, a chart for each kind of work.
 *
 * @module
 */
import type { MeasuredSeries } from "../bench/scale.ts";
import { type Axis, powerOfTen } from "./axis.ts";
import { figure, NOTHING } from "./format.ts";
import { html } from "./html.ts";
import { figureHtml, page, tableHtml } from "./page.ts";
import { type Line, linePanel } from "./panel.ts";
import { look } from "./series.ts";

/** What the page says beside the charts. */
export interface ScaleAbout {
  /** The adapter in words. */
  adapter: string;
  /** Rounds of which the medians count. */
  rounds: number;
  /** The command that makes the page again. */
  command: string;
}

/**
 * The whole page.
 *
 * @param series What was measured.
 * @param about Where and how.
 */
export function scalePage(
  series: readonly MeasuredSeries[],
  { adapter, rounds, command }: ScaleAbout,
): string {
  const names = namesOf(series);
  const panels = series.map((one) => ({ heading: one.title, svg: scaleChart(one, names) }));
  const caption =
    "Both axes are logarithmic: work whose time grows as its size does is a line that climbs one " +
    "decade a decade. Where a line is level, its time is that of submitting and not of computing. A size whose " +
    "time did not grow with the repetitions has no point.";
  const columns = ["Workload", "Size", ...names].map((head, i) => ({ head, number: i > 0 }));
  const rows = series.flatMap(({ points }) =>
    points.map(({ workload, size, seconds }) => [
      workload,
      size.toLocaleString("en"),
      ...names.map((name) => milliseconds(seconds[name])),
    ])
  );
  return page(
    "fanin: time against size",
    html`
      <main>
        <h1>Time against size</h1>
        <p class="setting">${adapter}; medians of ${rounds} rounds</p>
        <div class="figures">${figureHtml("Milliseconds of one repetition", caption, panels)}</div>
        <section class="tables">
          <h2>The same in numbers</h2>
          ${tableHtml("Milliseconds of one repetition, by size", columns, rows)}
        </section>
        <footer>
          <h2>Again</h2>
          <pre>${command}</pre>
        </footer>
      </main>
    `,
  );
}

/** Everybody who has a time somewhere, fanin first. */
export function namesOf(series: readonly MeasuredSeries[]): string[] {
  return [...new Set(series.flatMap(({ points }) => points.flatMap(({ seconds }) => Object.keys(seconds))))];
}

/** Milliseconds as a table says them. */
export function milliseconds(seconds: number | null | undefined): string {
  return seconds === null || seconds === undefined ? NOTHING : figure(1000 * seconds);
}

/** One chart; names keep their look from chart to chart. */
function scaleChart({ title, size, points }: MeasuredSeries, names: readonly string[]): string {
  const lines = names.flatMap((name, i): Line[] => {
    const found = points.map((point) => ({
      x: Math.log10(point.size),
      y: point.seconds[name] == null ? NaN : Math.log10(1000 * point.seconds[name]),
    }));
    return found.some(({ y }) => Number.isFinite(y)) ? [{ name, look: look(i), points: found }] : [];
  });
  const told = points.map((p) => `${size} ${p.size}: ${milliseconds(p.seconds.fanin)}`).join(", ");
  return linePanel({
    label: `Line chart of ${title}, milliseconds of fanin by size: ${told}`,
    x: axisOf(`${size} (log scale)`, points.map((point) => Math.log10(point.size))),
    y: axisOf("Milliseconds (log scale)", lines.flatMap((line) => line.points.map(({ y }) => y))),
    lines,
    markers: true,
  });
}

/** Whole decades around the values, and a tick at each. */
function axisOf(label: string, logs: readonly number[]): Axis {
  const finite = logs.filter(Number.isFinite);
  if (finite.length === 0) return { label, domain: [0, 1], ticks: [0, 1], format: powerOfTen };
  const low = Math.floor(Math.min(...finite)), high = Math.ceil(Math.max(...finite));
  const last = Math.max(high, low + 1), ticks = Array.from({ length: last - low + 1 }, (_, i) => low + i);
  return { label, domain: [low, last], ticks, format: powerOfTen };
}
