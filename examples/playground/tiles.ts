/// <reference lib="dom" />
/**
 * The first layer's neurons as images of their weights, where the network sees images: blue below 0, orange above.
 *
 * @module
 */
import type { WeightView } from "@fanin/fanin/diagnose";
import { counted } from "../../src/report/format.ts";

/** An image of a digit is so wide and high. */
const SIDE = 28;

/** Neurons that are shown, and how many in a line. */
const TILES = 24, TILES_ACROSS = 8;

/** Numbers of which the scale is found: enough for a quantile. */
const SAMPLE = 8192;

/** What is not a number: neither of the two colours. */
const LOST: Color = [214, 40, 160];

type Color = readonly [red: number, green: number, blue: number];

/** What a number is painted in. */
interface Palette {
  readonly negative: Color;
  readonly zero: Color;
  readonly positive: Color;
}

/** Whether a layer's neurons see images. */
export function seesImages({ inputs }: WeightView): boolean {
  return inputs === SIDE * SIDE;
}

/** Paints the first neurons of a layer that sees images. */
export function paintTiles(canvas: HTMLCanvasElement, { outputs, inputs, data }: WeightView): void {
  const shown = Math.min(TILES, outputs), lines = Math.ceil(shown / TILES_ACROSS), cell = SIDE + 1;
  const scale = fullScale(data), palette = paletteOfPage();
  canvas.width = TILES_ACROSS * cell - 1;
  canvas.height = lines * cell - 1;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `The weights of ${counted(shown, "neuron")}, each as an image.`);
  const context = canvas.getContext("2d")!;
  for (let tile = 0; tile < shown; tile++) {
    const image = new ImageData(SIDE, SIDE);
    for (let i = 0; i < inputs; i++) {
      image.data.set([...colorOf(data[tile * inputs + i] / scale, palette), 255], 4 * i);
    }
    context.putImageData(image, tile % TILES_ACROSS * cell, Math.floor(tile / TILES_ACROSS) * cell);
  }
}

/** The magnitude at which a colour is full: few weights are larger. */
function fullScale(data: Float32Array): number {
  const step = Math.max(1, Math.floor(data.length / SAMPLE)), sample: number[] = [];
  for (let i = 0; i < data.length; i += step) if (Number.isFinite(data[i])) sample.push(Math.abs(data[i]));
  sample.sort((a, b) => a - b);
  return sample[Math.floor(0.99 * (sample.length - 1))] || sample.at(-1) || 1;
}

function colorOf(part: number, { negative, zero, positive }: Palette): Color {
  if (Number.isNaN(part)) return LOST;
  const end = part < 0 ? negative : positive, share = Math.min(1, Math.abs(part));
  const mix = (i: 0 | 1 | 2) => Math.round(zero[i] + (end[i] - zero[i]) * share);
  return [mix(0), mix(1), mix(2)];
}

function paletteOfPage(): Palette {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): Color => {
    const text = style.getPropertyValue(name).trim().slice(1);
    const hex = parseInt(text.length === 3 ? text.replace(/./g, "$&$&") : text, 16);
    return [hex >> 16, hex >> 8 & 255, hex & 255];
  };
  return { negative: color("--negative"), zero: color("--zero"), positive: color("--positive") };
}
