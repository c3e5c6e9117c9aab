/**
 * Tensors on the device, and the file formats that hold them: safetensors and npy.
 *
 * @module
 */
export * from "./npy.ts";
export * from "./safetensors.ts";
export * from "./tensor.ts";
