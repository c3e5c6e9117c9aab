/**
 * The network in a file: its linear layers by the numbers in their names, what they were drawn from, and what else is there.
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
import { arraysOfFile, type NamedArray } from "./named_array.ts";

/** A multilayer perceptron as a file holds it. */
export interface FileNetwork {
  /** Widths from the inputs to the outputs, as `Mlp` takes them. */
  readonly widths: readonly number[];
  /** The layers' names in the file, from the input on: "0", "2". */
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

/** Tensors that an error names. */
const NAMED = 5;

/**
 * The network whose linear layers a file holds as PyTorch's `Sequential` names them: float32 "0.weight" [out, in], "0.bias" [out],
 * "2.weight", …, in the order of the numbers.
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
 * @throws {FormatError} when it holds no such layer. {@linkcode ShapeError} when they do not follow one another.
 */
export function networkOfFile(file: Safetensors): FileNetwork {
  const { layers, others } = linearLayers(file);
  if (layers.length === 0) {
    const more = others.length > NAMED ? `; and ${others.length - NAMED} more` : "";
    throw new FormatError(
      `the file has no linear layer: ${
        others.length === 0 ? "it is empty" : others.slice(0, NAMED).join("; ") + more
      }`,
      "name float32 weights [out, in] as PyTorch's Sequential does: 0.weight, 0.bias, 2.weight",
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
    "give a file whose linear layers follow one another by the numbers in their names",
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

/** The layers by the numbers in their names, and every other tensor with the reason why it is none of theirs. */
function linearLayers(file: Safetensors): { layers: FileLayer[]; others: string[] } {
  const arrays = new Map(arraysOfFile(file).map((array) => [array.name, array])), used = new Set<string>();
  const layers: FileLayer[] = [];
  for (const [name, weight] of arrays) {
    const number = /^(\d{1,9})\.weight$/.exec(name)?.[1];
    if (number === undefined || weight.shape.length !== 2 || weight.data.length === 0) continue;
    const bias = arrays.get(`${number}.bias`), fits = bias?.shape.join() === `${weight.shape[0]}`;
    layers.push({ name: number, weight, bias: fits ? bias : undefined });
    used.add(name);
    if (fits) used.add(`${number}.bias`);
  }
  // What a checkpoint of `train` holds beside the weights is understood, and no layer.
  const beside = Object.hasOwn(file.metadata, "checkpoint") ? /^(optimizer\.|epoch\.losses$)/ : /^$/;
  const others = [...file.tensors].filter(([name]) => !used.has(name) && !beside.test(name)).map((
    [name, { dtype, shape }],
  ) => `${quote(name)} ${dtype} [${shape}]`);
  return { layers: layers.sort((a, b) => Number(a.name) - Number(b.name)), others };
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
