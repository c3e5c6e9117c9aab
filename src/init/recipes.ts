/**
 * Makers of manifests: of a network, of a tensor, of a part of one, and with initialisers chosen by name.
 *
 * @module
 */
import { ArgumentError, ShapeError } from "../gpu/errors.ts";
import type { Shape } from "../tensor/tensor.ts";
import { VERSION } from "../version.ts";
import type { Initializer } from "./initializer.ts";
import { layoutOf, type Manifest, type ManifestGenerator, type ManifestTensor } from "./manifest.ts";
import { initializerByName } from "./names.ts";
import { planOf } from "./plan.ts";

/** An initialiser for the names that a pattern matches. */
export interface NameRule {
  /** A name in which `*` stands for any characters, and `?` for one: "*.weight". */
  readonly match: string;
  /** The initialiser, or its name. */
  readonly init: Initializer | string;
}

/**
 * The manifest of a network of linear layers, named as PyTorch's `Sequential` names it: 0.weight, 0.bias, 2.weight, …
 *
 * @example
 * ```ts
 * import { layersManifest, manifestText } from "@fanin/fanin/init";
 *
 * const recipe = layersManifest([784, 512, 10], "torch_linear", "philox", 0);
 * console.log(manifestText(recipe).length < 500); // true: 1.6 MB of weights
 * ```
 *
 * @param widths Inputs, hidden layers, outputs: two whole numbers or more, from 1 on.
 * @param init The initialiser of all layers, or its name.
 * @param generator Where the random numbers come from.
 * @param seed -2^63 to 2^64 - 1.
 * @throws {ShapeError} when there are fewer widths or the initialiser does not apply to a layer.
 * @throws {ArgumentError} when a name or the seed is unknown or out of range.
 */
export function layersManifest(
  widths: readonly number[],
  init: Initializer | string,
  generator: ManifestGenerator = "philox",
  seed: number | bigint = 0,
): Manifest {
  if (widths.length < 2) {
    throw new ShapeError(
      `layers ${widths.join(",")} are no network`,
      "give two widths or more: 784,128,10",
    );
  }
  const text = initText(init), last = widths.length - 2;
  const tensors = widths.slice(1).flatMap((outputs, i): ManifestTensor[] => {
    const inputs = widths[i], weight = layoutOf(generator) === "jax" ? [inputs, outputs] : [outputs, inputs];
    const place = { ...i === 0 && { first: true as const }, ...i === last && { last: true as const } };
    return [
      { name: `${2 * i}.weight`, shape: weight, init: text, ...place },
      { name: `${2 * i}.bias`, shape: [outputs], init: text, biasOf: weight, ...place },
    ];
  });
  return checked({ fanin: VERSION, generator, seed: seedText(seed), tensors });
}

/**
 * The manifest of one tensor. For the generators of JAX its numbers come from the seed's key itself, as
 * `jax.nn.initializers.…()(jax.random.key(seed), shape)` takes them; for `philox` from the stream of its name.
 *
 * @param name Its name.
 * @param shape Sizes from 1 on.
 * @param init The initialiser, or its name.
 * @param generator Where the random numbers come from.
 * @param seed -2^63 to 2^64 - 1.
 * @throws {ShapeError} when the initialiser does not apply to the shape.
 * @throws {ArgumentError} when a name or the seed is unknown or out of range.
 */
export function shapeManifest(
  name: string,
  shape: Shape,
  init: Initializer | string,
  generator: ManifestGenerator = "philox",
  seed: number | bigint = 0,
): Manifest {
  const tensor = { name, shape: [...shape], init: initText(init) };
  const unsplit = layoutOf(generator) === "jax" && { unsplit: true as const };
  return checked({ fanin: VERSION, generator, seed: seedText(seed), tensors: [{ ...tensor, ...unsplit }] });
}

/**
 * The manifest of a part of a tensor.
 *
 * @param manifest One tensor, whole.
 * @param start First element.
 * @param end The element after the last.
 * @throws {ArgumentError} when it has several tensors or is a part already, or there are no such elements.
 */
export function rangeManifest(manifest: Manifest, start: number, end: number): Manifest {
  if (manifest.range !== undefined) {
    throw new ArgumentError(`range ${start}:${end} of a shard`, "take the range of the whole tensor");
  }
  return checked({ ...manifest, range: [start, end] });
}

/**
 * The same manifest with initialisers chosen by name: each tensor gets the one of the first rule that matches its name, and keeps its
 * own where none does.
 *
 * @example
 * ```ts
 * import { applyByPattern, layersManifest } from "@fanin/fanin/init";
 *
 * const recipe = applyByPattern(layersManifest([784, 512, 10], "torch_linear"), [
 *   { match: "2.weight", init: "zeros" },
 *   { match: "*.weight", init: "kaiming_normal" },
 * ]);
 * console.log(recipe.tensors.map((t) => t.init)); // kaiming_normal, torch_linear, zeros, torch_linear
 * ```
 *
 * @param manifest Names and shapes.
 * @param rules Patterns with initialisers, in order.
 * @throws {ArgumentError} when an initialiser is unknown.
 * @throws {ShapeError} when one does not apply to a tensor's shape.
 */
export function applyByPattern(manifest: Manifest, rules: readonly NameRule[]): Manifest {
  const texts = rules.map(({ match, init }) => ({ match, init: initText(init) }));
  const tensors = manifest.tensors.map((tensor) => {
    const rule = texts.find(({ match }) => matchesName(match, tensor.name));
    return rule === undefined ? tensor : { ...tensor, init: rule.init };
  });
  return checked({ ...manifest, tensors });
}

function checked(manifest: Manifest): Manifest {
  planOf(manifest);
  return manifest;
}

function initText(init: Initializer | string): string {
  return initializerByName(String(init)).toString();
}

function seedText(seed: number | bigint): string {
  if (typeof seed === "number" && !Number.isSafeInteger(seed)) {
    throw new ArgumentError(`seed ${seed}`, "give a whole number; past 2^53 as a bigint");
  }
  return String(BigInt(seed));
}

/**
 * Whether a pattern matches a whole name. In time proportional to the product of both lengths at most: after a mismatch only the last
 * `*` takes one more character, since what an earlier one could take is no better.
 */
function matchesName(pattern: string, name: string): boolean {
  let p = 0, star = -1, resume = 0;
  for (let n = 0; n < name.length;) {
    if (pattern[p] === "*") {
      star = p++;
      resume = n;
    } else if (pattern[p] === "?" || pattern[p] === name[n]) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
