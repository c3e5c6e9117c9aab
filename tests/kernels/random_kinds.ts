/**
 * What the random kernels are made for: every kind of number, and every cut of a stream.
 *
 * @module
 */
import type { RandomCut, RandomKind } from "../../kernels/mod.ts";

/** Every kind. */
export const RANDOM_KINDS: readonly RandomKind[] = [
  "bits",
  "unit",
  "bounded",
  "uniform",
  "bernoulli",
  "integers",
  "normal",
  "shifted_normal",
  "truncated_normal",
];

/** Every cut. */
export const RANDOM_CUTS: readonly RandomCut[] = ["range", "blocks", "few"];
