/**
 * Which hidden neurons are clones of each other, by comparing every number of theirs exactly.
 *
 * Two neurons with the same incoming weights, bias and outgoing weights get the same gradient on every batch,
 * and so stay the same under any optimiser that treats elements alike: training cannot tell them apart.
 *
 * @module
 */
import { expectLength } from "./check.ts";

/** A hidden layer's neurons: what enters each and what leaves it. */
export interface HiddenLayer {
  /** `[hidden, inputs]`. */
  readonly incoming: ArrayLike<number>;
  /** `[hidden]`. */
  readonly bias: ArrayLike<number>;
  /** `[outputs, hidden]`: a neuron's outgoing weights are a column. */
  readonly outgoing: ArrayLike<number>;
}

/**
 * The neurons in groups of equals, each group and the groups themselves in the order of the neurons. Equal is
 * `Object.is` with the zeros taken as one: a clone is still a clone when one of its zeros is -0.
 *
 * @param layer The layer's weights, or their gradients.
 * @returns Every neuron's index, in exactly one group; a group of one is a neuron of its own.
 */
export function equalNeurons(layer: HiddenLayer): number[][] {
  const hidden = layer.bias.length;
  if (hidden === 0) return [];
  const inputs = layer.incoming.length / hidden;
  const outputs = layer.outgoing.length / hidden;
  expectLength("incoming", layer.incoming, Math.floor(inputs) * hidden);
  expectLength("outgoing", layer.outgoing, Math.floor(outputs) * hidden);
  const groups = new Map<string, number[]>();
  for (let neuron = 0; neuron < hidden; neuron++) {
    const numbers = [layer.bias[neuron]];
    for (let i = 0; i < inputs; i++) numbers.push(layer.incoming[neuron * inputs + i]);
    for (let o = 0; o < outputs; o++) numbers.push(layer.outgoing[o * hidden + neuron]);
    // The shortest text that reads back as the same float64: equal texts, equal numbers.
    const key = numbers.join();
    groups.set(key, [...groups.get(key) ?? [], neuron]);
  }
  return [...groups.values()];
}
