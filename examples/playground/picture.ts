/// <reference lib="dom" />
/**
 * Weights as pictures: a pixel a weight, purple below 0, green above.
 *
 * @module
 */
import { counted, figure } from "../../src/report/format.ts";
import type { LayerWeights } from "./protocol.ts";

/** An image of a digit is so wide and high. */
const SIDE = 28;

/** Neurons that are shown as images, and how many in a line. */
const TILES = 24, TILES_ACROSS = 8;

/** Numbers of which the scale is found: enough for a quantile. */
const SAMPLE = 8192;

type Color = readonly [red: number, green: number, blue: number];

/** What a number is painted in. */
interface Palette {
  readonly negative: Color;
  readonly zero: Color;
  readonly positive: Color;
}

/** The magnitude at which a colour is full: few weights are larger. */
export function fullScale(values: Float32Array): number {
  const step = Math.max(1, Math.floor(values.length / SAMPLE)), sample: number[] = [];
  for (let i = 0; i < values.length; i += step) {
    if (Number.isFinite(values[i])) sample.push(Math.abs(values[i]));
  }
  sample.sort((a, b) => a - b);
  return sample[Math.floor(0.99 * (sample.length - 1))] || sample.at(-1) || 1;
}

/** A matrix, a row of pixels for each neuron. */
export function paintMatrix(
  canvas: HTMLCanvasElement,
  { name, shape: [rows, columns], values }: LayerWeights,
): void {
  const scale = fullScale(values);
  paint(canvas, columns, rows, scale, (x, y) => values[y * columns + x]);
  canvas.style.setProperty("--shape", `${columns / rows}`);
  canvas.setAttribute(
    "aria-label",
    `Weights of layer ${name}: ${counted(rows, "neuron")} with ${counted(columns, "input")} each. ${
      range(values)
    }`,
  );
}

/** Whether a layer's neurons see images. */
export function seesImages({ shape: [, columns] }: LayerWeights): boolean {
  return columns === SIDE * SIDE;
}

/** The first neurons of a layer that sees images, each as the image of its weights. */
export function paintTiles(
  canvas: HTMLCanvasElement,
  { shape: [rows, columns], values }: LayerWeights,
): void {
  const shown = Math.min(TILES, rows), across = Math.min(TILES_ACROSS, shown), cell = SIDE + 1;
  const width = across * cell - 1, height = Math.ceil(shown / across) * cell - 1;
  paint(canvas, width, height, fullScale(values), (x, y) => {
    const tile = Math.floor(y / cell) * across + Math.floor(x / cell), [u, v] = [x % cell, y % cell];
    return u < SIDE && v < SIDE && tile < shown ? values[tile * columns + v * SIDE + u] : undefined;
  });
  canvas.style.setProperty("--shape", `${width / height}`);
  canvas.setAttribute(
    "aria-label",
    `The weights of ${counted(shown, "neuron")} of the first layer, each as an image.`,
  );
}

function paint(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  scale: number,
  valueAt: (x: number, y: number) => number | undefined,
): void {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height), palette = paletteOf(canvas);
  for (let i = 0; i < width * height; i++) {
    const value = valueAt(i % width, Math.floor(i / width));
    if (value === undefined) continue; // transparent
    const color = colorOf(value / scale, palette);
    image.data.set([...color, 255], 4 * i);
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** What is not a number has the colour of the text: it must be seen. */
function colorOf(part: number, { negative, zero, positive }: Palette): Color {
  const end = part < 0 ? negative : positive, share = Math.min(1, Math.abs(part));
  if (Number.isNaN(share)) return [128, 128, 128];
  const mix = (i: 0 | 1 | 2) => Math.round(zero[i] + (end[i] - zero[i]) * share);
  return [mix(0), mix(1), mix(2)];
}

function paletteOf(canvas: HTMLCanvasElement): Palette {
  const style = getComputedStyle(canvas);
  const color = (name: string): Color => {
    const hex = parseInt(style.getPropertyValue(name).trim().slice(1), 16);
    return [hex >> 16, hex >> 8 & 255, hex & 255];
  };
  return { negative: color("--negative"), zero: color("--zero"), positive: color("--positive") };
}

/** "Every weight is 0." or "From -0.0357 to 0.0357." */
export function range(values: Float32Array): string {
  let least = Infinity, most = -Infinity;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least === most) return `Every weight is ${figure(least)}.`;
  return `From ${figure(least)} to ${figure(most)}.`;
}
