/**
 * Hidden layers on the device, whatever their size: hashes of neurons, and exact comparisons of pairs of them.
 *
 * @module
 */
import {
  columnHash,
  compareColumns,
  compareRows,
  COMPARISON_WORDS,
  HASH_WORDS,
  rowHash,
} from "../../kernels/neuron.ts";
import { ELEMENT_BYTES, GpuBuffer } from "../gpu/buffer.ts";
import type { DisposableStack } from "../gpu/disposable_stack.ts";
import { ShapeError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { partOf, partsOf } from "../gpu/parts.ts";
import type { Recorder } from "../gpu/recorder.ts";
import type { Gradients, Mlp, Parameter } from "../nn/mlp.ts";
import type { NamedArray } from "./named_array.ts";

/** Consecutive rows of a matrix in one buffer. */
interface Part {
  readonly words: GpuBuffer<"u32">;
  readonly first: number;
  readonly rows: number;
}

/** A matrix, in as many parts as the device's largest binding asks for. */
export interface DeviceMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly parts: readonly Part[];
}

/** The weights around one hidden layer, or their gradients. */
export interface DeviceLayer {
  /** As in the parameters' names: "0". */
  readonly name: string;
  /** Number of neurons. */
  readonly width: number;
  /** [width, inputs]. */
  readonly incoming: DeviceMatrix;
  /** [width]. */
  readonly bias: GpuBuffer<"u32">;
  /** [outputs, width]. */
  readonly outgoing: DeviceMatrix;
}

/** A layer of a network, whose incoming weights are in one buffer. */
export interface NetworkLayer extends DeviceLayer {
  /** The incoming weights as numbers. */
  readonly weight: GpuBuffer<"f32">;
}

/** Two neurons, and the number by which the second's incoming weights are those of the first. */
export interface Pair {
  readonly left: number;
  readonly right: number;
  readonly scale: number;
}

/** How two tuples of weights differ. */
export interface Difference {
  /** Words that differ in their bits. */
  readonly words: number;
  /** Elements further off the scaled one than the tolerance. */
  readonly elements: number;
  /** The largest distance from the scaled one; infinite or NaN where an element is. */
  readonly largest: number;
  /** The largest magnitude in the left tuple. */
  readonly magnitude: number;
}

/** Where pairs of neurons and their comparisons lie. */
export interface PairBuffers {
  readonly pairs: GpuBuffer<"u32">;
  readonly scales: GpuBuffer<"f32">;
  readonly inverse: GpuBuffer<"f32">;
  readonly inputs: GpuBuffer<"u32">;
  readonly outputs: GpuBuffer<"u32">;
}

/** The same memory as words, without a copy: the kernels here compare bits. It stays the original's to release. */
export function asWords(buffer: GpuBuffer): GpuBuffer<"u32"> {
  const source = () => buffer.disposed ? undefined : buffer.raw;
  return new GpuBuffer(buffer.label, "u32", buffer.length, buffer.offset, source, () => {});
}

/**
 * The hidden layers of a network, or of its gradients: views, which own nothing.
 *
 * @param gpu Where they are.
 * @param parameters Weight and bias of each layer, in order.
 * @throws {LimitError} when rows are too long to be bound.
 */
export function layersOnDevice(
  gpu: Gpu,
  { parameters }: Pick<Mlp | Gradients, "parameters">,
): NetworkLayer[] {
  const layers: NetworkLayer[] = [];
  for (let i = 0; i + 2 < parameters.length; i += 2) {
    const { name, tensor } = parameters[i];
    layers.push({
      name: name.replace(/\.weight$/, ""),
      width: tensor.shape[0],
      weight: tensor.buffer,
      incoming: matrixOf(gpu, parameters[i]),
      bias: asWords(parameters[i + 1].tensor.buffer),
      outgoing: matrixOf(gpu, parameters[i + 2]),
    });
  }
  return layers;
}

function matrixOf({ bindingBytes }: Gpu, { name, tensor: { shape, buffer } }: Parameter): DeviceMatrix {
  const [rows, columns] = shape, words = asWords(buffer);
  const whole = buffer.byteLength <= bindingBytes;
  const parts = whole ? [{ first: 0, count: rows }] : partsOf(rows, [columns], bindingBytes, name);
  return {
    rows,
    columns,
    parts: parts.map((part) => ({
      words: whole ? words : partOf(words, part, columns),
      first: part.first,
      rows: part.count,
    })),
  };
}

/** A linear layer of a file: a bias may be missing. */
interface LinearArrays {
  readonly name: string;
  readonly weight: NamedArray;
  readonly bias: NamedArray | undefined;
}

/**
 * Uploads the hidden layers of tensors on the host.
 *
 * @param gpu Where to.
 * @param arrays Tensors by PyTorch's names, in any order; layers follow one another by the numbers in their names.
 * @param stack What releases the buffers.
 * @param partBytes Most bytes of a part; what the device binds at most unless given.
 * @throws {ShapeError} when the layers are no chain of linear layers.
 */
export function uploadLayers(
  gpu: Gpu,
  arrays: readonly NamedArray[],
  stack: DisposableStack,
  partBytes: number = gpu.bindingBytes,
): DeviceLayer[] {
  const layers = chain(arrays);
  const matrices = layers.map(({ weight }) => uploadMatrix(gpu, weight, stack, partBytes));
  return layers.slice(0, -1).map(({ name, bias }, i) => ({
    name,
    width: matrices[i].rows,
    incoming: matrices[i],
    // Without a bias all neurons have the same one.
    bias: stack.use(gpu.buffer(`${name}.bias`, "u32", matrices[i].rows, bias && bitsOf(bias.data))),
    outgoing: matrices[i + 1],
  }));
}

/** The linear layers in order, each as wide as the next one takes. */
function chain(arrays: readonly NamedArray[]): LinearArrays[] {
  const numbers = new Intl.Collator("en", { numeric: true });
  const layers = arrays.filter(({ name, shape }) => /(^|\.)weight$/.test(name) && shape.length === 2)
    .map((weight) => {
      const stem = weight.name.replace(/weight$/, "");
      return {
        name: stem.replace(/\.$/, ""),
        weight,
        bias: arrays.find(({ name }) => name === `${stem}bias`),
      };
    }).sort((a, b) => numbers.compare(a.name, b.name));
  layers.forEach(({ weight, bias }, i) => {
    const next = layers[i + 1]?.weight;
    if (next !== undefined && next.shape[1] !== weight.shape[0]) {
      throw new ShapeError(
        `${next.name} [${next.shape}] does not follow ${weight.name} [${weight.shape}]`,
        "give the layers of a multilayer perceptron, weights [outputs, inputs]",
      );
    }
    if (weight.data.length !== weight.shape[0] * weight.shape[1]) {
      throw new ShapeError(
        `${weight.name} [${weight.shape}] has ${weight.data.length} elements`,
        "give all of them",
      );
    }
    if (bias !== undefined && bias.data.length !== weight.shape[0]) {
      throw new ShapeError(
        `${bias.name} has ${bias.data.length} elements`,
        `give one for each row of ${weight.name} [${weight.shape}]`,
      );
    }
  });
  return layers;
}

function uploadMatrix(
  gpu: Gpu,
  { name, shape: [rows, columns], data }: NamedArray,
  stack: DisposableStack,
  partBytes: number,
): DeviceMatrix {
  const atOnce = Math.max(1, Math.floor(partBytes / (columns * ELEMENT_BYTES))), parts: Part[] = [];
  for (let first = 0; first < rows; first += atOnce) {
    const count = Math.min(atOnce, rows - first);
    const words = bitsOf(data.subarray(first * columns, (first + count) * columns));
    parts.push({ words: stack.use(gpu.buffer(name, "u32", words.length, words)), first, rows: count });
  }
  return { rows, columns, parts };
}

function bitsOf(values: Float32Array): Uint32Array<ArrayBuffer> {
  return new Uint32Array(values.buffer as ArrayBuffer, values.byteOffset, values.length);
}

/**
 * Records the hashes of all neurons of a layer: of incoming weights and bias, and of outgoing weights.
 *
 * @param r Where the dispatches are appended.
 * @param layer The layer.
 * @param inputs Two words a neuron, overwritten.
 * @param outputs Two words a neuron, overwritten.
 */
export function recordHashes(r: Recorder, layer: DeviceLayer, inputs: GpuBuffer, outputs: GpuBuffer): void {
  const { incoming: { parts, columns }, outgoing, bias, width: n } = layer;
  for (const { words: x, first, rows } of parts) {
    r.dispatch(rowHash, { x, out: inputs }, { n: rows, columns, first, position: 0, keep: 0 });
  }
  r.dispatch(columnHash, { x: bias, out: inputs }, { n, rows: 1, position: columns, keep: 1 });
  outgoing.parts.forEach(({ words: x, first, rows }, i) =>
    r.dispatch(columnHash, { x, out: outputs }, { n, rows, position: first, keep: i === 0 ? 0 : 1 })
  );
}

/** Room for `count` pairs and their comparisons. */
export function pairBuffers(gpu: Gpu, stack: DisposableStack, pairs: readonly Pair[]): PairBuffers {
  const count = pairs.length, words = Uint32Array.from(pairs.flatMap(({ left, right }) => [left, right]));
  const scales = Float32Array.from(pairs, ({ scale }) => scale);
  return {
    pairs: stack.use(gpu.buffer("pairs", "u32", 2 * count, words)),
    scales: stack.use(gpu.buffer("scales", "f32", count, scales)),
    inverse: stack.use(gpu.buffer("inverse scales", "f32", count, scales.map((s) => 1 / s))),
    inputs: stack.use(gpu.buffer("differences of inputs", "u32", COMPARISON_WORDS * count)),
    outputs: stack.use(gpu.buffer("differences of outputs", "u32", COMPARISON_WORDS * count)),
  };
}

/**
 * Records the comparison of pairs by incoming weights and bias: the right neuron's with the left one's times the scale.
 *
 * @param r Where the dispatches are appended.
 * @param layer Whose neurons.
 * @param buffers The pairs; their `inputs` are overwritten.
 */
export function recordInputDifferences(r: Recorder, layer: DeviceLayer, buffers: PairBuffers): void {
  const { pairs, scales, inputs: out } = buffers, n = scales.length;
  const { incoming: { parts, columns }, bias, width } = layer;
  for (const left of parts) {
    for (const right of parts) {
      const of = { left: left.words, right: right.words, pairs, scales, out };
      r.dispatch(compareRows, of, {
        n,
        columns,
        first_left: left.first,
        left_rows: left.rows,
        first_right: right.first,
        right_rows: right.rows,
        keep: 0, // a pair lies in one part of each side, and the other dispatches leave it alone
      });
    }
  }
  r.dispatch(compareColumns, { x: bias, pairs, scales, out }, { n, rows: 1, columns: width, keep: 1 });
}

/**
 * Records the comparison of pairs by outgoing weights: the right neuron's with the left one's divided by the scale.
 *
 * @param r Where the dispatches are appended.
 * @param layer Whose neurons.
 * @param buffers The pairs; their `outputs` are overwritten.
 */
export function recordOutputDifferences(r: Recorder, layer: DeviceLayer, buffers: PairBuffers): void {
  const { pairs, inverse: scales, outputs: out } = buffers, n = scales.length;
  layer.outgoing.parts.forEach(({ words: x, rows }, i) =>
    r.dispatch(compareColumns, { x, pairs, scales, out }, {
      n,
      rows,
      columns: layer.width,
      keep: i === 0 ? 0 : 1,
    })
  );
}

/** The comparisons that the kernels left, one a pair. */
export function differencesOf(words: Uint32Array<ArrayBuffer>): Difference[] {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  return Array.from({ length: words.length / COMPARISON_WORDS }, (_, pair) => {
    const at = COMPARISON_WORDS * pair;
    return {
      words: words[at],
      elements: words[at + 1],
      largest: floats[at + 2],
      magnitude: floats[at + 3],
    };
  });
}

/** Hashes as one number a neuron, below 2^53 and so without a loss of more than 11 of the 64 bits. */
export function hashNumbers(words: Uint32Array): Float64Array {
  return Float64Array.from(
    { length: words.length / HASH_WORDS },
    (_, i) => words[HASH_WORDS * i] + (words[HASH_WORDS * i + 1] >>> 11) * 2 ** 32,
  );
}
