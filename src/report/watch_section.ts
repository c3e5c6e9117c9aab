/**
 * The timelines of symmetry and of updates on the page of a diagnosis.
 *
 * @module
 */
import { counted } from "./format.ts";
import { type Html, html } from "./html.ts";
import { type Column, figureHtml, tableHtml } from "./page.ts";
import { cosinesChart, timelineChart } from "./symmetry_charts.ts";
import { VERDICT_NOTE, WATCH_HEAD, watchCells } from "./symmetry_words.ts";
import { updatesChart } from "./update_chart.ts";
import { UPDATES_HEAD, updatesCells } from "./updates_words.ts";
import type { WatchedTraining } from "./watch_table.ts";

/** Panels of layers at most. */
const MOST_LAYERS = 12;

/**
 * The figure of updates over the training.
 *
 * @param watched What was seen.
 */
export function updatesFigure({ report: { updates }, training }: WatchedTraining): Html {
  const all = updates.parameters.length / 2;
  const omitted = all > MOST_LAYERS ? ` The first ${MOST_LAYERS} layers are drawn.` : "";
  const caption =
    `How far single steps of ${training} move each layer's weights, as a part of their length.${omitted}`;
  return figureHtml("Update to weight over training", caption, [{
    svg: updatesChart(updates, MOST_LAYERS),
  }]);
}

/**
 * The figures of a timeline; none of a network without a hidden layer.
 *
 * @param watched What was seen.
 */
export function watchFigures({ report, training }: WatchedTraining): Html[] {
  const { layers, steps } = report;
  if (layers.length === 0) return [];
  const shown = layers.slice(0, MOST_LAYERS), all = steps.at(-1) ?? 0;
  const panels = shown.map(({ name, width }, i) => ({
    heading: `Layer ${name}: ${counted(width, "neuron")}`,
    svg: timelineChart(report, i),
  }));
  const omitted = shown.length < layers.length ? ` The first ${MOST_LAYERS} layers are drawn.` : "";
  const caption =
    `Trained for ${
      counted(all, "step")
    } to see: ${training}. Neurons with the same weights and the same gradient ` +
    `stay one; the cosine is of the incoming weights, where a layer has at most 1024 neurons. Lines that coincide are drawn side by side.${omitted}`;
  const cosines = {
    heading: "The nearest two neurons of each layer",
    svg: cosinesChart({ ...report, layers: shown }),
  };
  // Clones alone have no two different neurons.
  const hasCosines = shown.some(({ largestCosine }) => largestCosine.some((cosine) => cosine !== null));
  return [figureHtml("Symmetry over training", caption, hasCosines ? [...panels, cosines] : panels)];
}

/**
 * The same as tables: from the first sample to the last.
 *
 * @param watched What was seen.
 */
export function watchSection({ report }: WatchedTraining): Html {
  const updates = html`<h2>Update to weight, from the first sampled step to the last</h2>
${
    tableHtml(
      "Update to weight over training, layer by layer",
      numbers(UPDATES_HEAD),
      updatesCells(report.updates),
    )
  }`;
  if (report.layers.length === 0) return updates;
  const columns = numbers(WATCH_HEAD).map((column, i) => ({
    ...column,
    number: i > 0 && i < WATCH_HEAD.length - 1,
  }));
  return html`<h2>Symmetry, from the first step to the last</h2>
<p class="note">${VERDICT_NOTE}</p>
${tableHtml("Symmetry over training, layer by layer", columns, report.layers.map(watchCells))}
${updates}`;
}

/** Columns of numbers after the first. */
function numbers(heads: readonly string[]): Column[] {
  return heads.map((head, i) => ({ head, number: i > 0 }));
}
