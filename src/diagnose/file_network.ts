/**
 * The network in a file: its linear layers by their names and shapes, what they were drawn from, and what else is there.
 *
 * @module
 */
import { FormatError, InputError, ShapeError } from "../gpu/errors.ts";
import type { Initializer } from "../init/initializer.ts";
import { initializerByName } from "../init/names.ts";
import { parseManifest } from "../init/parse_manifest.ts";
import type { Mlp } from "../nn/mlp.ts";
import { quote } from "../tensor/quote.ts";
import type { Safetensors } from "../tensor/safetensors.ts";
import { moduleOrder } from "./module_order.ts";
import { arraysOfFile, type NamedArray } from "./named_array.ts";

/** A multilayer perceptron as a file holds it. */
export interface FileNetwork {
  /** Widths from the inputs to the outputs, as `Mlp` takes them. */
  readonly widths: readonly number[];
  /** The layers' names in the file, from the input on: "0", "2"; "net.0", "fc1". */
  readonly names: readonly string[];
  /** What its parameters were drawn from, where `fanin init` wrote the file from one initialiser. */
  readonly initializer?: Initializer;
  /** Tensors that are no part of it, with type and shape, in words. */
  readonly notUnderstood: readonly string[];
  /**
   * Gives a network these parameters; the bias of a layer that has none in the file stays as it is, 0 in a new network.
   *
   * @param network One of the same widths.
   * @throws {ShapeError} when it has others.
   */
  write(network: Mlp): void;
}

/** A linear layer of a file. */
interface FileLayer {
  readonly name: string;
  readonly weight: NamedArray;
  readonly bias: NamedArray | undefined;
}

/** The name of a layer's weight. */
const WEIGHT = /^.+\.weight$/;

/** Tensors that an error names. */
const NAMED = 5;

/**
 * The network whose linear layers a file holds as PyTorch names them: float32 "0.weight" [out, in], "0.bias" [out], "2.weight", …, or with
 * the names of modules before them: "net.0.weight", "fc1.weight", "encoder.layers.0.linear1.weight".
 *
 * Layers stand in the order of the file, those whose names differ in a number in the order of the numbers. The network is the longest
 * run of matrices "….weight" of which each takes as many numbers as the one before gives; what else the file holds is listed with the
 * reason. What stands between the layers of a model, such as attention, norms and sums, is no part of the network.
 *
 * @example
 * ```ts
 * import { encodeSafetensors, networkOfFile, parseSafetensors } from "@fanin/fanin";
 *
 * const weight = { dtype: "F32", shape: [2, 3], data: new Float32Array(6) } as const;
 * const file = new Uint8Array(await new Blob(encodeSafetensors([["0.weight", weight]]) as BlobPart[]).arrayBuffer());
 * console.log(networkOfFile(parseSafetensors(file)).widths); // [3, 2]
 * ```
 *
 * @param file The file, parsed.
 * @throws {FormatError} when it holds no such layer. {@linkcode ShapeError} when no two of several follow one another, or bare numbers
 *   have a gap.
 */
export function networkOfFile(file: Safetensors): FileNetwork {
  const { layers, others } = linearLayers(file);
  if (layers.length === 0) {
    const more = others.length > NAMED ? `; and ${others.length - NAMED} more` : "";
    throw new FormatError(
      `the file has no linear layer: ${
        others.length === 0 ? "it is empty" : others.slice(0, NAMED).join("; ") + more
      }`,
      "name float32 weights [out, in] as PyTorch does: 0.weight, 0.bias, 2.weight, or fc1.weight, fc2.weight",
    );
  }
  assertChained(layers);
  return {
    widths: [layers[0].weight.shape[1], ...layers.map(({ weight }) => weight.shape[0])],
    names: layers.map(({ name }) => name),
    initializer: writtenInitializer(file),
    notUnderstood: others,
    write: (network) => writeLayers(network, layers),
  };
}

function assertChained(layers: readonly FileLayer[]): void {
  const broken = layers.findIndex(({ weight }, i) =>
    i > 0 && weight.shape[1] !== layers[i - 1].weight.shape[0]
  );
  if (broken <= 0) return;
  const [below, above] = layers.slice(broken - 1, broken + 1);
  throw new ShapeError(
    `layer ${below.name} gives ${below.weight.shape[0]} numbers and layer ${above.name} takes ${
      above.weight.shape[1]
    }`,
    "give a file whose linear layers follow one another by their order and the numbers in their names",
  );
}

function writeLayers(network: Mlp, layers: readonly FileLayer[]): void {
  if (network.layers.length !== layers.length) {
    throw new ShapeError(
      `${layers.length} layers of a file for a network of ${network.layers.length}`,
      "make the network of the file's widths",
    );
  }
  layers.forEach(({ weight, bias }, i) => {
    const { name } = network.layers[i];
    network.write(`${name}.weight`, new Float32Array(weight.data));
    if (bias !== undefined) network.write(`${name}.bias`, new Float32Array(bias.data));
  });
}

/** The chain of layers, and every other tensor with the reason why it is none of theirs. */
function linearLayers(file: Safetensors): { layers: readonly FileLayer[]; others: string[] } {
  const candidates = candidatesOf(file), layers = longestChain(candidates);
  const used = new Set(
    layers.flatMap(({ name, bias }) => [`${name}.weight`, ...bias ? [`${name}.bias`] : []]),
  );
  const others = [...file.tensors].filter(([name]) => !used.has(name) && !isBeside(file, name)).map((
    [name, { dtype, shape }],
  ) => `${quote(name)} ${dtype} [${shape}]: ${reasonOf(name, dtype, shape, candidates, layers)}`);
  return { layers, others };
}

/** What a checkpoint of `train` holds beside the weights is understood, and no layer. */
function isBeside({ metadata }: Safetensors, name: string): boolean {
  return Object.hasOwn(metadata, "checkpoint") && /^(optimizer\.|epoch\.losses$)/.test(name);
}

/** Every matrix that could be a layer's weight, in the order of the model, with its bias where that fits. */
function candidatesOf(file: Safetensors): FileLayer[] {
  const arrays = new Map(arraysOfFile(file).map((array) => [array.name, array]));
  const names = [...arrays.values()].filter(({ name, shape, data }) =>
    WEIGHT.test(name) && shape.length === 2 && data.length > 0 && !isBeside(file, name)
  ).map(({ name }) => name.slice(0, -".weight".length));
  return moduleOrder(names).map((name) => {
    const weight = arrays.get(`${name}.weight`)!, bias = arrays.get(`${name}.bias`);
    return { name, weight, bias: bias?.shape.join() === `${weight.shape[0]}` ? bias : undefined };
  });
}

/**
 * The longest run of candidates that follow one another, the first of several. Those with bare numbers are one `Sequential`, where there
 * are any, and all of it is meant: a gap is an error then.
 */
function longestChain(candidates: readonly FileLayer[]): readonly FileLayer[] {
  const numbered = candidates.filter(({ name }) => /^\d+$/.test(name));
  if (numbered.length > 0) return numbered;
  let best: readonly FileLayer[] = [], begin = 0;
  candidates.forEach((_, i) => {
    if (i > 0 && !follows(candidates[i - 1], candidates[i])) begin = i;
    if (i + 1 - begin > best.length) best = candidates.slice(begin, i + 1);
  });
  // Of several layers of which no two fit it is not known which one was meant.
  return best.length === 1 ? candidates : best;
}

function follows(below: FileLayer, above: FileLayer): boolean {
  return above.weight.shape[1] === below.weight.shape[0];
}

function reasonOf(
  name: string,
  dtype: string,
  shape: readonly number[],
  candidates: readonly FileLayer[],
  layers: readonly FileLayer[],
): string {
  const layer = name.replace(/\.(weight|bias)$/, ""), at = candidates.findIndex((one) => one.name === layer);
  if (at >= 0 && layers.includes(candidates[at])) {
    return `no bias of ${candidates[at].weight.shape[0]} numbers`;
  }
  if (at >= 0) {
    return `it is not in the chain from ${quote(layers[0].name)} to ${quote(layers.at(-1)!.name)}`;
  }
  if (dtype !== "F32") return "its type is not float32";
  if (name.endsWith(".weight")) return shape.length === 2 ? "it is empty" : "no matrix";
  return name.endsWith(".bias")
    ? "its layer has no weight that is a matrix"
    : "no weight or bias of a linear layer";
}

/** The initialiser that `fanin init` wrote into the file, where it is one for all parameters. */
function writtenInitializer({ metadata }: Safetensors): Initializer | undefined {
  const text = Object.hasOwn(metadata, "fanin") ? metadata.fanin : "";
  // `train` writes its version there, and its weights are no initialisation any more.
  if (!text.startsWith("{")) return undefined;
  try {
    const inits = new Set(parseManifest(text).tensors.map(({ init }) => init));
    return inits.size === 1 ? initializerByName([...inits][0]) : undefined;
  } catch (error) {
    // A later version's recipe: the weights can be judged without it.
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
