/**
 * The weight matrices of a network on a page: pictures and spectra.
 *
 * @module
 */
import type { WeightView } from "../diagnose/weight_view.ts";
import { count } from "./format.ts";
import type { Html } from "./html.ts";
import { figureHtml } from "./page.ts";
import { spectrumChart } from "./spectrum_chart.ts";
import { ALIKE, MOST_PIXELS, weightPicture } from "./weight_picture.ts";

/** Layers that are drawn at most, half of them from the input on and half of them up to the output. */
const MOST_LAYERS = 12;

/**
 * The figures of the weights; none where there are no weights.
 *
 * @param all The weight matrices, from the input on.
 */
export async function weightFigures(all: readonly WeightView[]): Promise<Html[]> {
  const views = chosen(all), left = all.length - views.length;
  if (views.length === 0) return [];
  const omitted = left === 0
    ? ""
    : ` Of ${count(all.length)} layers the first and the last ${MOST_LAYERS / 2} are drawn.`;
  const pictures = [];
  for (const view of views) pictures.push({ heading: headingOf(view), svg: await weightPicture(view) });
  const spectra = views.flatMap((view) =>
    view.spectrum === null ? [] : [{ heading: headingOf(view), svg: spectrumChart(view, view.spectrum) }]
  );
  const found = [figureHtml("Weights, sorted by similarity", pictureCaption(views) + omitted, pictures)];
  if (spectra.length > 0) {
    found.push(figureHtml("Singular values of the weights", spectrumCaption(views) + omitted, spectra));
  }
  return found;
}

function chosen(all: readonly WeightView[]): readonly WeightView[] {
  if (all.length <= MOST_LAYERS) return all;
  return [...all.slice(0, MOST_LAYERS / 2), ...all.slice(-MOST_LAYERS / 2)];
}

function headingOf({ name, outputs, inputs }: WeightView): string {
  return `Layer ${name}: ${count(outputs)} × ${count(inputs)}`;
}

function pictureCaption(views: readonly WeightView[]): string {
  const isShrunk = views.some(({ order, inputs }) =>
    order.length > MOST_PIXELS.rows || inputs > MOST_PIXELS.columns
  );
  const sampled = views.filter(({ order, outputs }) => order.length < outputs);
  return "One row a neuron, each followed by the one most like it by the cosine of their incoming weights: copies show as blocks. " +
    `Marked at the side: neighbours with a cosine above ${ALIKE}.` +
    (isShrunk
      ? ` Larger matrices are drawn in ${MOST_PIXELS.rows} × ${MOST_PIXELS.columns} pixels, each the mean of its weights.`
      : "") +
    (sampled.length > 0
      ? ` Of layers with more neurons ${
        count(sampled[0].order.length)
      } are compared and drawn, evenly spaced.`
      : "");
}

function spectrumCaption(views: readonly WeightView[]): string {
  const lost = views.filter(({ spectrum }) => spectrum === null).length;
  const kinds = new Set(views.map(({ spectrum }) => spectrum?.expected ? spectrum.of : ""));
  return "What the matrix makes of lengths: a value far above the others is a direction that drowns the rest, values near 0 are directions that are lost. Lines that coincide are drawn side by side." +
    (kinds.has("initialiser")
      ? " Theory: what the initialiser gives, the Marchenko-Pastur law where its weights are independent."
      : "") +
    (kinds.has("same scale")
      ? " Random: the Marchenko-Pastur law, what independent weights of the same mean square would have; what training has learnt stands out of it."
      : "") +
    (lost > 0 ? " Matrices that are too large, or not finite, have none." : "");
}
