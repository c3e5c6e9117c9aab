/**
 * Initialisers as values: what the elements of a weight and its bias are; manifests, from which weights are made again.
 *
 * @module
 */
export * from "./constant.ts";
export * from "./fans.ts";
export * from "./fill.ts";
export * from "./gain.ts";
export {
  type Computed,
  type Filling,
  type Initializer,
  type OptionValue,
  type Place,
  type Source,
} from "./initializer.ts";
export * from "./manifest.ts";
export * from "./names.ts";
export { deltaOrthogonal, orthogonal } from "./orthogonal.ts";
export { parseManifest } from "./parse_manifest.ts";
export * from "./plain.ts";
export * from "./recipes.ts";
export * from "./remake.ts";
export * from "./remake_file.ts";
export * from "./scaled.ts";
export * from "./structured.ts";
export * from "./variance_scaling.ts";
