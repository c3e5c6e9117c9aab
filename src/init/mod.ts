/**
 * Initialisers as values: what the elements of a weight and its bias are; manifests, from which weights are made again.
 *
 * @example What an initialiser makes of a weight of shape [out, in]
 * ```ts
 * import { key } from "@fanin/fanin";
 * import { fillOnHost, kaimingNormal, torchLinear } from "@fanin/fanin/init";
 *
 * console.log(torchLinear().weight([128, 784])); // { kind: "bounded", bound: 0.0357… }: U(-1/sqrt(784), 1/sqrt(784))
 * const first = fillOnHost(key(0).stream("0.weight"), kaimingNormal().weight([128, 784]), { count: 4 });
 * console.log(first.length); // 4, of N(0, 2/784): the same bits as on a device
 * ```
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
