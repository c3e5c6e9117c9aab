/**
 * Tensors on the device, and the file formats that hold them: safetensors and npy.
 *
 * @example A tensor as a safetensors file in memory, and back
 * ```ts
 * import { asFloat32, encodeSafetensors, parseSafetensors } from "@fanin/fanin/tensor";
 *
 * const data = new Float32Array([1, 2, 3, 4, 5, 6]);
 * const chunks = encodeSafetensors([["0.weight", { dtype: "F32", shape: [2, 3], data }]], { made: "by hand" });
 * const file = new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
 * const { tensors, metadata } = parseSafetensors(file);
 * console.log(metadata.made, asFloat32(tensors.get("0.weight")!)); // by hand Float32Array [1, 2, 3, 4, 5, 6]
 * ```
 *
 * @module
 */
export * from "./npy.ts";
export * from "./safetensors.ts";
export * from "./tensor.ts";
