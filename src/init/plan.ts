/**
 * What a manifest comes to: for each of its tensors what the elements are, and where their random numbers come from.
 *
 * @module
 */
import type { GeneratorName } from "../../kernels/generator.ts";
import { ArgumentError, FaninError, ShapeError } from "../gpu/errors.ts";
import { sampler } from "../random/distribution.ts";
import { type Key, key } from "../random/key.ts";
import { byteLength } from "../tensor/extent.ts";
import { quote } from "../tensor/quote.ts";
import { type Shape, sizeOf } from "../tensor/tensor.ts";
import type { Filling } from "./initializer.ts";
import { layoutOf, type Manifest, MANIFEST_GENERATORS, type ManifestTensor } from "./manifest.ts";
import { initializerByName } from "./names.ts";

/** A tensor that is ready to be made. */
export interface PlannedTensor {
  /** What the manifest says of it. */
  readonly tensor: ManifestTensor;
  /** Number of its elements. */
  readonly size: number;
  /** What they are. */
  readonly filling: Filling;
  /** Where their random numbers come from; none for `mt19937`, which is one stream for all. */
  readonly key?: Key;
}

/** The seeds that every generator takes. */
const LEAST_SEED = -(2n ** 63n), MOST_SEED = 2n ** 64n - 1n;

/** Elements of the largest tensor that is made in one piece on the host: 1 GiB of float32. */
const MOST_WHOLE = 2 ** 28;

/** JAX's original layout of the random words counts to here. */
const MOST_ORIGINAL = 2 ** 32 - 1;

/** Longest name, and most dimensions: NumPy's. */
const LONGEST_NAME = 1024, MOST_DIMENSIONS = 64;

/**
 * Checks a manifest, and resolves its names. Nothing is drawn and nothing large is allocated.
 *
 * @param manifest What is to be made.
 * @throws {ArgumentError} when a name, the seed or the range is out of range.
 * @throws {ShapeError} when an initialiser does not apply to a shape, or would need too much memory at once.
 */
export function planOf(manifest: Manifest): PlannedTensor[] {
  const { generator, seed, range, tensors } = manifest;
  if (!MANIFEST_GENERATORS.includes(generator)) {
    throw new ArgumentError(
      `unknown generator ${quote(generator)}`,
      `use one of ${MANIFEST_GENERATORS.join(", ")}`,
    );
  }
  const number = seedOf(seed), root = generator === "mt19937" ? undefined : key(number, generator);
  assertDistinct(tensors);
  const planned = tensors.map((tensor) => named(tensor, () => plannedTensor(manifest, tensor, root)));
  if (range !== undefined) assertRange(range, planned);
  return planned;
}

/**
 * The seed of a manifest as a number.
 *
 * @param text In decimal.
 * @throws {ArgumentError} when it is no whole number of 64 bits, or written otherwise than a number is.
 */
export function seedOf(text: string): bigint {
  const seed = /^(0|-?[1-9]\d{0,19})$/.test(text) ? BigInt(text) : undefined;
  if (seed === undefined || seed < LEAST_SEED || seed > MOST_SEED) {
    throw new ArgumentError(`seed ${quote(text)}`, "give a whole number of up to 64 bits, in decimal");
  }
  return seed;
}

function plannedTensor(
  { generator }: Manifest,
  tensor: ManifestTensor,
  root: Key | undefined,
): PlannedTensor {
  const { name, shape, biasOf, first, last, unsplit } = tensor;
  assertName(name);
  const size = elementsOf(shape), initializer = initializerByName(tensor.init);
  const place = { layout: layoutOf(generator), first: first === true, last: last === true };
  if (biasOf !== undefined) assertBias(shape, biasOf, place.layout === "jax");
  const filling = biasOf === undefined ? initializer.weight(shape, place) : initializer.bias(biasOf, place);
  assertDrawable(filling, size, generator);
  return { tensor, size, filling, ...root && { key: unsplit ? root : root.stream(name) } };
}

/** An error about one of several tensors says which. */
function named<T>({ name }: ManifestTensor, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof FaninError)) throw error;
    const cause = error.problem;
    const Kind = error instanceof ShapeError ? ShapeError : ArgumentError;
    throw new Kind(`tensor ${quote(name)}: ${cause}`, error.remedy, { cause: error });
  }
}

function assertDistinct(tensors: readonly ManifestTensor[]): void {
  if (tensors.length === 0) throw new ArgumentError("a manifest without tensors", "give one or more");
  const seen = new Set<string>();
  for (const { name } of tensors) {
    if (seen.has(name)) throw new ArgumentError(`two tensors are named ${quote(name)}`, "rename one of them");
    seen.add(name);
  }
}

function assertName(name: string): void {
  if (name === "" || name === "__metadata__" || name.length > LONGEST_NAME || !name.isWellFormed()) {
    throw new ArgumentError("it cannot have that name", `give 1 to ${LONGEST_NAME} characters of Unicode`);
  }
}

function elementsOf(shape: Shape): number {
  if (shape.length < 1 || shape.length > MOST_DIMENSIONS) {
    throw new ShapeError(`shape [${shape}] has ${shape.length} dimensions`, `give 1 to ${MOST_DIMENSIONS}`);
  }
  const empty = shape.find((n) => !Number.isSafeInteger(n) || n < 1);
  if (empty !== undefined || byteLength(shape, 4) === undefined) {
    throw new ShapeError(
      `shape [${shape}] cannot be`,
      "give whole numbers from 1 on with a product below 2^51",
    );
  }
  return sizeOf(shape);
}

function assertBias(shape: Shape, weight: Shape, jax: boolean): void {
  elementsOf(weight);
  const outputs = jax ? weight[weight.length - 1] : weight[0];
  if (shape.length !== 1 || shape[0] !== outputs) {
    throw new ShapeError(
      `shape [${shape}] of a bias to a weight of shape [${weight}]`,
      `give [${outputs}], one element a neuron`,
    );
  }
}

/** What is wrong with a distribution for a generator is said before anything is drawn. */
function assertDrawable(filling: Filling, size: number, generator: Manifest["generator"]): void {
  // PyTorch's truncated normal draws the whole tensor again while an element lies outside.
  const whole = filling.kind === "computed" ||
    (generator === "mt19937" && filling.kind === "truncated_normal");
  if (whole && size > MOST_WHOLE) {
    throw new ShapeError(
      `${size} elements that must be made in one piece`,
      `give at most ${MOST_WHOLE}, or an initialiser that draws them one by one`,
    );
  }
  if (generator === "threefry_original" && filling.kind !== "computed" && size > MOST_ORIGINAL) {
    throw new ShapeError(`${size} elements, which JAX's original layout cannot count`, "use threefry");
  }
  if (generator !== "mt19937" && filling.kind !== "computed") sampler(filling, generator as GeneratorName);
}

function assertRange([start, end]: readonly [number, number], planned: readonly PlannedTensor[]): void {
  if (planned.length > 1) {
    throw new ArgumentError(`a range of ${planned.length} tensors`, "give one tensor, or no range");
  }
  const { size } = planned[0], whole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
  if (!whole || start < 0 || start >= end || end > size) {
    throw new ArgumentError(`range ${start}:${end} of ${size} elements`, `give START:END from 0 to ${size}`);
  }
}
