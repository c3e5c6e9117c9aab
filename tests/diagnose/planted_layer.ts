/**
 * A hidden layer of random weights with every kind of copy planted in it, and what is to be found.
 *
 * @module
 */
import type { LayerClones, NamedArray } from "../../src/diagnose/mod.ts";
import { mulberry32 } from "../oracle/random.ts";

/** A layer with its copies. */
export interface PlantedLayer {
  /** Weight and bias of the layer, and the weight of the next one. */
  readonly arrays: readonly NamedArray[];
  /** What `findClones` has to say of it; of factors the exact one. */
  readonly expected: LayerClones;
}

/** The layer's matrices, [width, inputs] and [outputs, width]. */
interface Layer {
  readonly width: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: Float32Array<ArrayBuffer>;
  readonly bias: Float32Array<ArrayBuffer>;
  readonly next: Float32Array<ArrayBuffer>;
}

/** Neurons that are copied or copies. */
const PLANTED = 15;

/**
 * Uniform weights on [-1, 1), of whose neurons eight are made over. The copies lie far from one another, across the parts of a matrix that is
 * split; one clone's last incoming weight and another one's last outgoing weight are off by their last bit.
 *
 * @param width Neurons, 64 or more.
 * @param inputs Weights of a neuron, 2 or more.
 * @param outputs Neurons of the next layer, 2 or more.
 */
export function plantedLayer(width: number, inputs: number, outputs: number): PlantedLayer {
  const [weight, bias, next] = [width * inputs, width, outputs * width].map((n, i) => uniform(n, i + 1));
  const layer = { width, inputs, outputs, weight, bias, next };
  const at = (i: number) => Math.floor(i * (width - 1) / (PLANTED - 1));
  const [a, b, c, d, e, f, g, h, j, k, l, m, n, o, p] = Array.from({ length: PLANTED }, (_, i) => at(i));
  // Three clones, the first and the last neuron among them; and two.
  for (const [from, to] of [[a, h], [a, p], [b, o], [c, n], [d, m]]) copy(layer, from, to, 1, 1);
  countUp(next, (outputs - 1) * width + n);
  countUp(weight, (m + 1) * inputs - 1);
  copy(layer, e, l, -1, -1);
  copy(layer, f, k, 0.37, 1 / 0.37);
  copy(layer, g, j, -3, 1);
  const arrays = [
    { name: "0.weight", shape: [width, inputs], data: weight },
    { name: "0.bias", shape: [width], data: bias },
    { name: "2.weight", shape: [outputs, width], data: next },
  ];
  const expected: LayerClones = {
    name: "0",
    width,
    effectiveWidth: width - 3,
    cloneGroups: [[a, h, p], [b, o]],
    inputOnlyDuplicates: [[c, n]],
    signFlipped: [[e, l]],
    // One bit of one weight is within the tolerance of a scaled copy: as good as the same function, and no clone.
    rescaled: [[d, m, 1], [f, k, 0.37]],
    proportional: [[g, j, -3]],
  };
  return { arrays, expected };
}

/** What was found, with the exact factors where they were found to within rounding: to be held against what was expected. */
export function withExactFactors(found: LayerClones, { rescaled, proportional }: LayerClones): LayerClones {
  const exact = (pairs: LayerClones["rescaled"], expected: LayerClones["rescaled"]) =>
    pairs.map(([i, j, factor], at): [number, number, number] => {
      const wanted = expected[at]?.[2] ?? NaN;
      return [i, j, Math.abs(factor / wanted - 1) < 2 ** -22 ? wanted : factor];
    });
  return {
    ...found,
    rescaled: exact(found.rescaled, rescaled),
    proportional: exact(found.proportional, proportional),
  };
}

/** Makes a neuron another one, its inputs times a factor and its outputs times another. */
function copy(layer: Layer, from: number, to: number, inwards: number, outwards: number): void {
  const { weight, bias, next, width, inputs, outputs } = layer;
  for (let i = 0; i < inputs; i++) weight[to * inputs + i] = inwards * weight[from * inputs + i];
  bias[to] = inwards * bias[from];
  for (let o = 0; o < outputs; o++) next[o * width + to] = outwards * next[o * width + from];
}

/** Makes an element the next float32 away from 0. */
function countUp(x: Float32Array, at: number): void {
  new Uint32Array(x.buffer)[at]++;
}

/** In a loop: `Float32Array.from` takes a minute for 2^26 of them. */
function uniform(count: number, seed: number): Float32Array<ArrayBuffer> {
  const next = mulberry32(seed), values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = (next() >>> 8) * 2 ** -23 - 1;
  return values;
}
