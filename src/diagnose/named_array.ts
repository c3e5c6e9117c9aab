/**
 * Tensors on the host by name: of a file, or of a network.
 *
 * @module
 */
import type { Mlp } from "../nn/mlp.ts";
import { asFloat32, type Safetensors } from "../tensor/safetensors.ts";
import type { Shape } from "../tensor/tensor.ts";

/** A tensor on the host with its name. */
export interface NamedArray {
  /** As in PyTorch's `state_dict`: "0.weight". */
  readonly name: string;
  /** Sizes of its dimensions. */
  readonly shape: Shape;
  /** Its elements, row-major. */
  readonly data: Float32Array;
}

/**
 * The float32 tensors of a safetensors file; those of other types are left out.
 *
 * @param file The file, parsed.
 * @returns Views of the file where its bytes allow it.
 */
export function arraysOfFile(file: Safetensors): NamedArray[] {
  return [...file.tensors].filter(([, { dtype }]) => dtype === "F32")
    .map(([name, entry]) => ({ name, shape: entry.shape, data: asFloat32(entry) }));
}

/**
 * The parameters of a network, copied to the host with one wait.
 *
 * @param network The network.
 * @throws {DeviceLostError} when the device is lost.
 */
export async function arraysOfNetwork(network: Mlp): Promise<NamedArray[]> {
  const data = await network.read();
  return network.parameters.map(({ name, tensor }) => ({
    name,
    shape: tensor.shape,
    data: data.get(name)!,
  }));
}
