/**
 * Symmetry: which neurons of a hidden layer are the same neuron.
 *
 * Two neurons with equal incoming weights, bias and outgoing weights compute the same number and get the same gradient from
 * any data. No optimiser that treats weights one by one can ever part them. Only exact equality gives that certificate, so the
 * bits are compared.
 *
 * @module
 */
import { ShapeError } from "../gpu/errors.ts";

/** The weights around one hidden layer. */
export interface HiddenLayer {
  /** Incoming weights, [neurons, inputs]. */
  readonly weight: Float32Array;
  /** [neurons]. */
  readonly bias: Float32Array;
  /** Weights of the layer that follows, [its outputs, neurons]. */
  readonly next: Float32Array;
}

/**
 * The classes of neurons whose incoming weights, bias and outgoing weights are equal bit for bit.
 *
 * @param layer The weights around the layer.
 * @returns A partition of 0 … neurons - 1: every class in ascending order, classes in the order of their first neuron.
 * @throws {ShapeError} when the weights are no whole number of rows for the bias.
 */
export function cloneGroups(layer: HiddenLayer): number[][] {
  const neurons = layer.bias.length;
  if (neurons === 0) return [];
  if (layer.weight.length % neurons !== 0 || layer.next.length % neurons !== 0) {
    throw new ShapeError(
      `${layer.weight.length} incoming and ${layer.next.length} outgoing weights are no rows of ${neurons} neurons`,
      "give [neurons, inputs] and [outputs, neurons]",
    );
  }
  const words = neuronWords(layer);
  const byHash = new Map<number, number[][]>();
  const groups: number[][] = [];
  for (let neuron = 0; neuron < neurons; neuron++) {
    const hash = hashWords(words[neuron]);
    const candidates = byHash.get(hash) ?? [];
    const group = candidates.find(([first]) => equalWords(words[first], words[neuron]));
    if (group !== undefined) {
      group.push(neuron);
      continue;
    }
    const fresh = [neuron];
    groups.push(fresh);
    byHash.set(hash, [...candidates, fresh]);
  }
  return groups;
}

/**
 * How many different neurons each hidden layer of a multilayer perceptron has.
 *
 * @param parameters Weight and bias of each layer, in order, by name, as `Mlp.read` gives them.
 * @returns One number a hidden layer.
 */
export function distinctNeurons(parameters: ReadonlyMap<string, Float32Array>): number[] {
  const values = [...parameters.values()];
  const counts: number[] = [];
  for (let i = 0; i + 2 < values.length; i += 2) {
    counts.push(cloneGroups({ weight: values[i], bias: values[i + 1], next: values[i + 2] }).length);
  }
  return counts;
}

/**
 * Each neuron's incoming weights, bias and outgoing weights as one row of bit patterns. Read as words throughout: on its way
 * through a number, a NaN may lose its pattern.
 */
function neuronWords(layer: HiddenLayer): Uint32Array[] {
  const weight = bits(layer.weight), bias = bits(layer.bias), next = bits(layer.next);
  const neurons = bias.length, inputs = weight.length / neurons, outputs = next.length / neurons;
  return Array.from({ length: neurons }, (_, neuron) => {
    const row = new Uint32Array(inputs + 1 + outputs);
    row.set(weight.subarray(neuron * inputs, (neuron + 1) * inputs));
    row[inputs] = bias[neuron];
    for (let o = 0; o < outputs; o++) row[inputs + 1 + o] = next[o * neurons + neuron];
    return row;
  });
}

function bits(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** FNV-1a over words: only spreads candidates, equality decides. */
function hashWords(words: Uint32Array): number {
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193) ^ (word >>> 16);
  return hash;
}

function equalWords(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}
