/**
 * The tensors of a manifest as a safetensors file, in chunks: to be sent or written while it is made.
 *
 * @module
 */
import type { Gpu } from "../gpu/gpu.ts";
import { type EncodedHeader, encodeSafetensorsHeader } from "../tensor/safetensors.ts";
import { type Manifest, manifestText } from "./manifest.ts";
import { remake, type RemakeOptions } from "./remake.ts";

/**
 * What stands before the weights in a file of a manifest: names and shapes, and the manifest itself among the metadata, under
 * "fanin".
 *
 * @param manifest What is made. A shard has one dimension.
 * @returns The bytes, and where each tensor's data goes after them.
 */
export function manifestHeader(manifest: Manifest): EncodedHeader {
  const { tensors, range } = manifest;
  const types = tensors.map(({ name, shape }) => {
    const written = range === undefined ? shape : [range[1] - range[0]];
    return [name, { dtype: "F32", shape: written }] as const;
  });
  return encodeSafetensorsHeader(types, { format: "pt", fanin: manifestText(manifest) });
}

/**
 * A manifest's safetensors file in chunks, the same bytes as `fanin init --out` writes: the header, then the tensors' elements as
 * {@linkcode remake} makes them. No tensor is ever held whole that need not be.
 *
 * @example A file of 784-512-10 in memory
 * ```ts
 * import { Gpu, layersManifest, parseSafetensors, remakeSafetensors } from "@fanin/fanin";
 *
 * using gpu = await Gpu.open();
 * const chunks = await Array.fromAsync(remakeSafetensors(gpu, layersManifest([784, 512, 10], "torch_linear")));
 * const file = new Uint8Array(await new Blob(chunks).arrayBuffer());
 * console.log([...parseSafetensors(file).tensors.keys()]); // ["0.weight", "0.bias", "2.weight", "2.bias"]
 * ```
 *
 * @param gpu Where distributions are drawn; without one on the host, with the same bits, slowly.
 * @param manifest What to make.
 * @param options In which pieces.
 * @throws {ArgumentError} {@linkcode ShapeError} when the manifest cannot be made. {@linkcode DeviceLostError} when the device is
 *   lost.
 */
export async function* remakeSafetensors(
  gpu: Gpu | undefined,
  manifest: Manifest,
  options: Pick<RemakeOptions, "pieceElements"> = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield manifestHeader(manifest).bytes as Uint8Array<ArrayBuffer>;
  for await (const { values } of remake(gpu, manifest, options)) {
    yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
}
