/**
 * Clones, exactly: which neurons of a hidden layer no training can tell apart, found on the device.
 *
 * A hash of every neuron's weights is read back, 16 bytes a neuron; where hashes are equal the weights themselves are compared on
 * the device, word by word, and only counts are read. So the answer does not depend on the hash, and no weight leaves the device.
 *
 * @module
 */
import { HASH_WORDS, rowShape, SHAPE_WORDS } from "../../kernels/neuron.ts";
import { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { Mlp } from "../nn/mlp.ts";
import type { NamedArray } from "./named_array.ts";
import {
  type DeviceLayer,
  type Difference,
  differencesOf,
  hashNumbers,
  layersOnDevice,
  type Pair,
  pairBuffers,
  recordHashes,
  recordInputDifferences,
  recordOutputDifferences,
  uploadLayers,
} from "./neurons.ts";
import { refine } from "./partition.ts";
import { proportionalCandidates } from "./proportional.ts";

/** Which neurons of a hidden layer are the same, or nearly so. */
export interface LayerClones {
  /** The parameters' name without ".weight": "0". */
  readonly name: string;
  /** Number of neurons. */
  readonly width: number;
  /** Number of different neurons, as far as training can ever tell: clones count once. */
  readonly effectiveWidth: number;
  /**
   * Neurons whose incoming weights, bias and outgoing weights are equal bit for bit: two or more in each group, in ascending order,
   * groups in the order of their first.
   */
  readonly cloneGroups: number[][];
  /**
   * Neurons with equal incoming weights and bias, bit for bit, and different outgoing weights: they compute the same number now and
   * part at the first step. The first neuron of each kind of outgoing weights; two or more in each group.
   */
  readonly inputOnlyDuplicates: number[][];
  /** [i, j]: all weights of j are those of i with the other sign. With an odd activation, such as tanh, they do the same. */
  readonly signFlipped: [number, number][];
  /**
   * [i, j, a]: incoming weights and bias of j are those of i times a > 0, outgoing weights those of i divided by a. With ReLU, or any
   * activation with f(a z) = a f(z), they do the same; unless a is 1 their gradients differ, so training parts them.
   */
  readonly rescaled: [number, number, number][];
  /**
   * [i, j, a]: incoming weights and bias of j are those of i times a, which may be negative, and the outgoing weights are others. With
   * ReLU and a > 0 the two outputs are proportional for any input: one neuron could stand for both.
   */
  readonly proportional: [number, number, number][];
}

/** How {@linkcode findClones} works; nothing of it changes what is found. */
export interface CloneOptions {
  /** Whether copies that are flipped or rescaled are looked for; true unless given. */
  near?: boolean;
  /** Most bytes of a matrix in one buffer; what the device binds at most unless given. Of weights from the host alone. */
  partBytes?: number;
  /** How many values the hash can have, 1 or more: a few make it collide, for tests. */
  hashValues?: number;
}

/** A layer with what each step of the search needs. */
interface Search {
  readonly gpu: Gpu;
  readonly layer: DeviceLayer;
  readonly options: CloneOptions;
}

/**
 * Finds the clones in every hidden layer.
 *
 * Equality is of bits: 0 and -0 differ, NaNs of one pattern are equal. Flipped, rescaled and proportional copies are found among
 * finite weights to within a relative 2^-20 of every element (2^-24 is what rounding a scaled copy costs); every neuron is compared
 * with the first of its like, so a group of k gives k - 1 pairs. Neurons whose inputs are all zero are no such copies.
 *
 * @param gpu Where it is computed.
 * @param source A network; or tensors by PyTorch's names ("0.weight", "0.bias", …), whose layers follow one another by the numbers in
 *   their names. A missing bias counts as zero.
 * @param options How.
 * @returns One entry a hidden layer, from the input on.
 * @throws {ShapeError} when the tensors are no chain of linear layers. {@linkcode LimitError} when a row is too large for the device.
 *
 * @example
 * ```ts
 * import { Gpu, key, Mlp, ones } from "@fanin/fanin";
 * import { certificate, findClones } from "@fanin/fanin/diagnose";
 *
 * using gpu = await Gpu.open();
 * using network = new Mlp(gpu, [4, 3, 2]);
 * await network.initialize(ones(), key(0));
 * const [layer] = await findClones(gpu, network);
 * console.log(layer.effectiveWidth, certificate(layer, layer.cloneGroups[0]));
 * ```
 */
export async function findClones(
  gpu: Gpu,
  source: Mlp | readonly NamedArray[],
  options: CloneOptions = {},
): Promise<LayerClones[]> {
  using stack = new DisposableStack();
  const layers = source instanceof Mlp
    ? layersOnDevice(gpu, source)
    : uploadLayers(gpu, source, stack, options.partBytes);
  const found: LayerClones[] = [];
  for (const layer of layers) found.push(await searchLayer({ gpu, layer, options }));
  return found;
}

/**
 * What a group of clones means, in one sentence.
 *
 * @param layer The layer's name and width.
 * @param group Its clones.
 */
export function certificate(layer: Pick<LayerClones, "name" | "width">, group: readonly number[]): string {
  const shown = group.length <= 6 ? group.join(", ") : `${group.slice(0, 5).join(", ")}, … ${group.at(-1)}`;
  return `layer ${layer.name}: neurons ${shown} (${group.length} of ${layer.width}) are equal bit for bit in incoming weights, ` +
    `bias and outgoing weights, so any data gives them equal gradients and no elementwise optimiser can ever part them`;
}

async function searchLayer(search: Search): Promise<LayerClones> {
  const { layer: { name, width }, options } = search;
  const [inputKeys, outputKeys] = await neuronKeys(search);
  const everyone = Array.from({ length: width }, (_, i) => i);
  const byInputs = await refine([everyone], inputKeys, (pairs) => differ(search, "inputs", pairs));
  const kinds = await refine(byInputs, outputKeys, (pairs) => differ(search, "outputs", pairs));
  const firsts = new Set(kinds.map(([first]) => first));
  return {
    name,
    width,
    effectiveWidth: kinds.length,
    cloneGroups: kinds.filter((group) => group.length > 1),
    inputOnlyDuplicates: byInputs.map((group) => group.filter((i) => firsts.has(i))).filter((group) =>
      group.length > 1
    ),
    ...await searchNear(search, options.near === false ? [] : byInputs.map(([first]) => first)),
  };
}

/** A number for each neuron's inputs, and one for its outgoing weights, from the hashes. */
async function neuronKeys({ gpu, layer, options }: Search): Promise<[Float64Array, Float64Array]> {
  using inputs = gpu.buffer("hashes of inputs", "u32", HASH_WORDS * layer.width);
  using outputs = gpu.buffer("hashes of outputs", "u32", HASH_WORDS * layer.width);
  using program = await gpu.record("hash neurons", (r) => recordHashes(r, layer, inputs, outputs));
  program.submit();
  const keys = (await gpu.readAll([inputs, outputs])).map(hashNumbers);
  const values = options.hashValues ?? Infinity;
  const [byInput, byOutput] = values === Infinity ? keys : keys.map((of) => of.map((key) => key % values));
  return [byInput, byOutput];
}

/** Which of the pairs are not equal bit for bit. */
async function differ(
  { gpu, layer }: Search,
  what: "inputs" | "outputs",
  of: readonly (readonly [number, number])[],
): Promise<boolean[]> {
  using stack = new DisposableStack();
  const buffers = pairBuffers(gpu, stack, of.map(([left, right]) => ({ left, right, scale: 1 })));
  const compare = what === "inputs" ? recordInputDifferences : recordOutputDifferences;
  const program = stack.use(await gpu.record(`compare ${what}`, (r) => compare(r, layer, buffers)));
  program.submit();
  return differencesOf(await gpu.read(buffers[what])).map(({ words }) => words > 0);
}

type Near = Pick<LayerClones, "signFlipped" | "rescaled" | "proportional">;

/** Flipped and rescaled copies among neurons whose inputs differ. */
async function searchNear(search: Search, neurons: readonly number[]): Promise<Near> {
  const found: Near = { signFlipped: [], rescaled: [], proportional: [] };
  if (neurons.length < 2) return found;
  const shapes = await rowShapes(search);
  for (let pending = neurons; pending.length > 1;) {
    const pairs = proportionalCandidates(shapes, search.layer.incoming.columns, pending);
    if (pairs.length === 0) break;
    const verdicts = await compareScaled(search, pairs), settled = new Set<number>();
    pairs.forEach((pair, i) => {
      if (verdicts[i].inputs.elements > 0 || settled.has(pair.right)) return;
      settled.add(pair.right);
      addNear(found, pair, verdicts[i].outputs.elements === 0);
    });
    // Whoever was compared with the wrong neuron tries again among the like.
    pending = [...new Set(pairs.map(({ right }) => right))].filter((neuron) => !settled.has(neuron));
  }
  for (const list of Object.values(found)) list.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return found;
}

function addNear(found: Near, { left, right, scale }: Pair, outputsToo: boolean): void {
  if (outputsToo && scale === -1) found.signFlipped.push([left, right]);
  else if (outputsToo && scale > 0) found.rescaled.push([left, right, scale]);
  else found.proportional.push([left, right, scale]);
}

async function rowShapes({ gpu, layer }: Search): Promise<Uint32Array<ArrayBuffer>> {
  const { incoming: { parts, columns }, bias, width } = layer;
  using out = gpu.buffer("shapes of rows", "u32", SHAPE_WORDS * width);
  using program = await gpu.record("shapes of rows", (r) => {
    for (const { words: x, first, rows: n } of parts) {
      r.dispatch(rowShape, { x, bias, out }, { n, columns, first });
    }
  });
  program.submit();
  return await gpu.read(out);
}

async function compareScaled(
  { gpu, layer }: Search,
  pairs: readonly Pair[],
): Promise<{ inputs: Difference; outputs: Difference }[]> {
  using stack = new DisposableStack();
  const buffers = pairBuffers(gpu, stack, pairs);
  const program = stack.use(
    await gpu.record("compare scaled neurons", (r) => {
      recordInputDifferences(r, layer, buffers);
      recordOutputDifferences(r, layer, buffers);
    }),
  );
  program.submit();
  const [inputs, outputs] = (await gpu.readAll([buffers.inputs, buffers.outputs])).map(differencesOf);
  return inputs.map((one, i) => ({ inputs: one, outputs: outputs[i] }));
}
