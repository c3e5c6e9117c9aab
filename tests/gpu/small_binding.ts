/**
 * A device that binds little at once, so that small networks are cut into parts.
 *
 * @module
 */
import { Gpu } from "../../src/gpu/mod.ts";

/**
 * Opens it. Whatever binds more is an error at the next wait, whoever made the bind group.
 *
 * @param bytes Most bytes of a buffer that a bind group may hold.
 */
export async function openSmall(bytes: number): Promise<Gpu> {
  const gpu = await Gpu.open({ label: "small", limits: { maxStorageBufferBindingSize: bytes } });
  const { device } = gpu, createBindGroup = device.createBindGroup.bind(device);
  device.createBindGroup = (descriptor) => {
    for (const { resource } of descriptor.entries) {
      const { buffer, offset = 0, size = buffer?.size - offset } = resource as GPUBufferBinding;
      if (buffer !== undefined && size > bytes) {
        throw new Error(`${descriptor.label} binds ${size} bytes of ${buffer.label}, more than ${bytes}`);
      }
    }
    return createBindGroup(descriptor);
  };
  return gpu;
}
