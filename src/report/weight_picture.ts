/**
 * A weight matrix as a picture: a row of pixels a neuron, neurons that are alike beside each other, a colour centred at 0.
 *
 * @module
 */
import type { WeightView } from "../diagnose/weight_view.ts";
import { count, counted, figure, NOT_FINITE } from "./format.ts";
import { escape } from "./html.ts";
import { WIDTH } from "./panel.ts";
import { pngUri, type Rgba } from "./png.ts";

/** Pixels of a picture at most; larger matrices have means of neighbours in them. */
export const MOST_PIXELS = { rows: 256, columns: 384 } as const;

/** Neighbours with a larger cosine are marked as alike: 2.6 degrees, as where a diagnosis speaks of collapse. */
export const ALIKE = 0.999;

/** Steps of colour on either side of 0. */
const STEPS = 31;

/** The part of the pixels that is within the colours' range; the rest has the last colour. */
const WITHIN = 0.98;

const NEGATIVE = [38, 117, 214], POSITIVE = [222, 112, 20], LOST: Rgba = [214, 40, 160, 255];

/** From the most negative to the most positive, then what is not finite. At 0 the page shows through, be it light or dark. */
const PALETTE: readonly Rgba[] = [
  ...Array.from({ length: 2 * STEPS + 1 }, (_, i): Rgba => {
    const [r, g, b] = i < STEPS ? NEGATIVE : POSITIVE;
    return [r, g, b, Math.round(255 * Math.abs(i - STEPS) / STEPS)];
  }),
  LOST,
];

/** Where the parts of the drawing are. */
const LEFT = 26, TOP = 22, MARKS = 96, LEGEND = 50;

/** Neighbours in the picture that are alike. */
interface Run {
  readonly begin: number;
  readonly end: number;
}

/**
 * Draws the weights of a layer as the text of an `<svg>`.
 *
 * @param view The weights in the order of similarity.
 */
export async function weightPicture(view: WeightView): Promise<string> {
  const { order, inputs, name, outputs } = view;
  if (order.length === 0 || inputs === 0) return nothing(`Layer ${name} has no weights.`);
  const shown = shrunk(view), range = rangeOf(shown.values), runs = runsOf(view);
  const pixels = Uint8Array.from(shown.values, (value) => colour(value, range));
  const width = WIDTH - LEFT - MARKS, height = Math.max(48, Math.min(300, 300 * order.length / 96));
  const matrix = await pngUri(shown.columns, shown.rows, pixels, PALETTE);
  const scale = await pngUri(
    2 * STEPS + 1,
    1,
    Uint8Array.from({ length: 2 * STEPS + 1 }, (_, i) => i),
    PALETTE,
  );
  const alike = runs.reduce((sum, { begin, end }) => sum + end - begin, 0);
  const label = `Weights of layer ${name}, ${outputs} neurons of ${inputs} inputs, sorted by similarity: ` +
    (alike === 0
      ? "no neighbours are alike"
      : `${alike} neurons in ${counted(runs.length, "group")} are alike`);
  const total = TOP + height + LEGEND;
  return `<svg role="img" aria-label="${escape(label)}" class="plot" width="${WIDTH}" height="${
    round(total)
  }" ` +
    `viewBox="0 0 ${WIDTH} ${round(total)}" font-size="12" fill="var(--quiet)">` +
    text(LEFT, 12, `${count(inputs)} inputs →`) +
    `<text transform="translate(14 ${TOP}) rotate(-90)" text-anchor="end">← ${
      counted(order.length, "neuron")
    }</text>` +
    picture(matrix, LEFT, TOP, width, height) +
    `<rect x="${LEFT}" y="${TOP}" width="${width}" height="${
      round(height)
    }" fill="none" stroke="var(--axis)"/>` +
    runs.map((run) => bracket(run, LEFT + width, height / order.length)).join("") +
    legend(scale, TOP + height + 16, range, shown.values.some((value) => !Number.isFinite(value))) +
    "</svg>";
}

function nothing(words: string): string {
  return `<svg role="img" aria-label="${escape(words)}" class="plot" width="${WIDTH}" height="40" ` +
    `viewBox="0 0 ${WIDTH} 40" font-size="12" fill="var(--quiet)">${text(0, 24, words)}</svg>`;
}

/** The matrix in its order, as means over boxes where it has more elements than pixels. */
function shrunk(
  { order, inputs, data }: WeightView,
): { rows: number; columns: number; values: Float64Array } {
  const rows = Math.min(order.length, MOST_PIXELS.rows), columns = Math.min(inputs, MOST_PIXELS.columns);
  const values = new Float64Array(rows * columns), sizes = new Float64Array(rows * columns);
  order.forEach((row, i) => {
    const y = Math.floor(i * rows / order.length);
    for (let c = 0; c < inputs; c++) {
      const at = y * columns + Math.floor(c * columns / inputs);
      values[at] += data[row * inputs + c];
      sizes[at]++;
    }
  });
  return { rows, columns, values: values.map((sum, at) => sum / sizes[at]) };
}

/** The value of the last colour: most pixels are within it. 0 where all are. */
function rangeOf(values: Float64Array): number {
  const sizes = values.filter(Number.isFinite).map(Math.abs).sort();
  if (sizes.length === 0) return 0;
  // Where most weights are 0 the others are the ones to see.
  return sizes[Math.floor(WITHIN * (sizes.length - 1))] || sizes[sizes.length - 1];
}

function colour(value: number, range: number): number {
  if (!Number.isFinite(value)) return PALETTE.length - 1;
  if (range === 0) return STEPS;
  return STEPS + Math.round(STEPS * Math.min(1, Math.max(-1, value / range)));
}

/** Where at least two neighbours are alike, from the first to the last. */
function runsOf({ cosines }: WeightView): Run[] {
  const runs: Run[] = [];
  cosines.forEach((cosine, i) => {
    if (i === 0 || cosine < ALIKE) return;
    const last = runs.at(-1);
    if (last?.end === i) runs[runs.length - 1] = { begin: last.begin, end: i + 1 };
    else runs.push({ begin: i - 1, end: i + 1 });
  });
  return runs;
}

/** A bar beside the rows that are alike, with their number where there is room for it. */
function bracket({ begin, end }: Run, x: number, row: number): string {
  const y = TOP + begin * row, height = Math.max(2, (end - begin) * row);
  const word = height < 14
    ? ""
    : `<text x="${x + 15}" y="${round(y + height / 2 + 4)}" fill="var(--fail)">${
      count(end - begin)
    } alike</text>`;
  return `<rect x="${x + 5}" y="${round(y)}" width="4" height="${round(height)}" fill="var(--fail)"/>${word}`;
}

function legend(scale: string, y: number, range: number, hasLost: boolean): string {
  const width = 180, middle = LEFT + width / 2, below = y + 25;
  const [low, high] = range === 0 ? ["", ""] : [`−${figure(range, 2)}`, `+${figure(range, 2)}`];
  const lost = hasLost
    ? `<rect x="${LEFT + width + 30}" y="${y}" width="10" height="10" fill="rgb(${LOST.slice(0, 3)})"/>` +
      text(LEFT + width + 46, y + 9, NOT_FINITE)
    : "";
  return picture(scale, LEFT, y, width, 10) +
    `<rect x="${LEFT}" y="${round(y)}" width="${width}" height="10" fill="none" stroke="var(--axis)"/>` +
    text(LEFT, below, low) + text(middle, below, "0", "middle") + text(LEFT + width, below, high, "end") +
    lost;
}

function picture(uri: string, x: number, y: number, width: number, height: number): string {
  return `<image href="${uri}" x="${x}" y="${round(y)}" width="${width}" height="${round(height)}" ` +
    'preserveAspectRatio="none" style="image-rendering:pixelated"/>';
}

function text(x: number, y: number, words: string, anchor = "start"): string {
  return `<text x="${x}" y="${round(y)}" text-anchor="${anchor}">${escape(words)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
