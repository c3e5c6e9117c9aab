/**
 * Recipes instead of weights: a manifest of a few hundred bytes from which any client makes a network's first weights again, bit for
 * bit.
 *
 * @module
 */
import type { Shape } from "../tensor/tensor.ts";
import type { Layout } from "./fans.ts";

/** The generators of a manifest: those of the device, and PyTorch's sequential one. */
export const MANIFEST_GENERATORS = ["philox", "threefry", "threefry_original", "mt19937"] as const;

/** A generator of a manifest. */
export type ManifestGenerator = typeof MANIFEST_GENERATORS[number];

/** One tensor of a manifest. */
export interface ManifestTensor {
  /** Its name: "0.weight". Its random numbers come from the stream of that name, but for `mt19937` and where it is `unsplit`. */
  readonly name: string;
  /** Sizes from 1 on: [out, in] for `philox` and `mt19937`, JAX's [in, out] for `threefry` and `threefry_original`. */
  readonly shape: Shape;
  /** The initialiser, as `initializerByName` reads it. */
  readonly init: string;
  /** Where it is a bias, the shape of the weight that it belongs to. */
  readonly biasOf?: Shape;
  /** Whether it belongs to the network's first layer. */
  readonly first?: true;
  /** Whether it belongs to the network's last layer. */
  readonly last?: true;
  /** Whether its numbers come from the seed's key itself, as JAX's do for one tensor, and not from the stream of its name. */
  readonly unsplit?: true;
}

/** How weights are made: plain data. */
export interface Manifest {
  /** The version of fanin that wrote it. */
  readonly fanin: string;
  /** Where the random numbers come from. */
  readonly generator: ManifestGenerator;
  /** The seed, -2^63 to 2^64 - 1, in decimal. */
  readonly seed: string;
  /** Where it is a shard of its only tensor: the first element, and the one after the last. */
  readonly range?: readonly [start: number, end: number];
  /** The tensors, in order. `mt19937` draws them in that order from one stream; for the others it does not matter. */
  readonly tensors: readonly ManifestTensor[];
}

/**
 * A manifest as JSON on one line. Equal manifests give equal texts.
 *
 * @param manifest What to write.
 */
export function manifestText({ fanin, generator, seed, range, tensors }: Manifest): string {
  const ordered = tensors.map(({ name, shape, init, biasOf, first, last, unsplit }) => (
    { name, shape, init, biasOf, first, last, unsplit }
  ));
  return JSON.stringify({ fanin, generator, seed, range, tensors: ordered });
}

/**
 * How a generator's shapes are ordered: JAX's way for JAX's generators, PyTorch's for the others.
 *
 * @param generator Its name.
 */
export function layoutOf(generator: ManifestGenerator): Layout {
  return generator.startsWith("threefry") ? "jax" : "torch";
}
