/**
 * The charts of a comparison with their titles and captions.
 *
 * @module
 */
import type { Comparison } from "../diagnose/comparison.ts";
import {
  accuracyChart,
  chanceLoss,
  deadChart,
  lossBin,
  lossCeiling,
  lossChart,
  type Scale,
  scaleChart,
} from "./charts.ts";
import { count, counted, figure } from "./format.ts";
import type { Html } from "./html.ts";
import { figureHtml, type PanelContent } from "./page.ts";
import { cosineChart, distinctChart, gradientsChart } from "./symmetry_charts.ts";

/**
 * Every chart of the page, in its order.
 *
 * @param c The comparison.
 */
export function figures(c: Comparison): Html[] {
  const hidden = c.layers.slice(1, -1);
  const panels = (chart: (c: Comparison, layer: number) => string): PanelContent[] =>
    hidden.map((width, i) => ({
      heading: `Hidden layer ${i + 1}: ${counted(width, "neuron")}`,
      svg: chart(c, i),
    }));
  const all = [
    figureHtml("Training loss", lossCaption(c), [{ svg: lossChart(c) }]),
    figureHtml(
      "Test accuracy",
      "On rows that training never sees. Lines that coincide are drawn side by side.",
      [
        { svg: accuracyChart(c) },
      ],
    ),
  ];
  if (hidden.length > 0) {
    const caption = "Neurons with the same weights compute the same thing and get the same gradient: " +
      "clones stay clones, and a layer that stays at 1 is worth a single neuron. " +
      "Lines that coincide are drawn side by side.";
    all.push(figureHtml("Distinct neurons", caption, panels(distinctChart)));
    if (c.runs.some(({ symmetry }) => symmetry !== undefined)) all.push(...timeline(panels));
  }
  all.push(
    scaleFigure(
      c,
      "activation",
      "Signal through the layers",
      "Root mean square of each layer's output before its ReLU.",
    ),
    scaleFigure(
      c,
      "gradient",
      "Gradient through the layers",
      "Root mean square of the loss's gradient at each layer.",
    ),
  );
  if (hidden.length > 0) {
    const caption = "Neurons whose ReLU gives 0 for every row of the batch: they pass no gradient. " +
      "Ring: before training. Dot and figure: after it.";
    all.push(figureHtml("Dead ReLUs", caption, panels(deadChart)));
  }
  return all;
}

/** What the watch saw between the epochs. */
function timeline(panels: (chart: (c: Comparison, layer: number) => string) => PanelContent[]): Html[] {
  const gradients = "How many neurons of the layer get a gradient of their own from a mini-batch: " +
    "as many as there are distinct ones, or fewer where dead ReLUs get none. Lines that coincide are drawn side by side.";
  const cosines =
    "Between the incoming weights of the two different neurons that are nearest: at 1 they point the same way. " +
    "A layer that is one neuron copied has no line.";
  return [
    figureHtml("Distinct gradients", gradients, panels(gradientsChart)),
    figureHtml("The nearest two neurons", cosines, panels(cosineChart)),
  ];
}

function scaleFigure(c: Comparison, scale: Scale, title: string, caption: string): Html {
  const steady = `${caption} A good initialisation keeps it level from the first layer to the last.`;
  return figureHtml(title, steady, [
    { heading: "Before training", svg: scaleChart(c, scale, "before") },
    { heading: "After training", svg: scaleChart(c, scale, "after") },
  ]);
}

function lossCaption(c: Comparison): string {
  const bin = lossBin(c);
  const points = bin === 1
    ? "Each point is one mini-batch."
    : `Each point is the mean of ${count(bin)} neighbouring mini-batches.`;
  const ceiling = lossCeiling(c);
  const above = c.runs.some((run) => run.stepLosses.some((loss) => loss !== null && loss > ceiling));
  return points + (above ? ` Losses over ${figure(ceiling)} are drawn at the upper edge.` : "") +
    ` Dotted: what guessing costs, ${figure(chanceLoss(c))} nats.`;
}
