/**
 * The timeline of symmetry on the page of a diagnosis.
 *
 * @module
 */
import { counted } from "./format.ts";
import { type Html, html } from "./html.ts";
import { figureHtml, tableHtml } from "./page.ts";
import { cosinesChart, timelineChart } from "./symmetry_charts.ts";
import { VERDICT_NOTE, WATCH_HEAD, watchCells } from "./symmetry_words.ts";
import type { WatchedTraining } from "./watch_table.ts";

/** Panels of layers at most. */
const MOST_LAYERS = 12;

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
 * The same as a table: from the first sample to the last.
 *
 * @param watched What was seen.
 */
export function watchSection({ report }: WatchedTraining): Html {
  if (report.layers.length === 0) return html``;
  const columns = WATCH_HEAD.map((head, i) => ({ head, number: i > 0 && i < WATCH_HEAD.length - 1 }));
  return html`<h2>Symmetry, from the first step to the last</h2>
<p class="note">${VERDICT_NOTE}</p>
${tableHtml("Symmetry over training, layer by layer", columns, report.layers.map(watchCells))}`;
}
