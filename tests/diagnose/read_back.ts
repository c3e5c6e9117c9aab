/**
 * How many bytes come back from a device.
 *
 * @module
 */
import type { Gpu } from "../../src/gpu/mod.ts";

/** Of GPUBufferUsage: without it no buffer can be mapped to be read. */
const MAP_READ = 0x1;

/** Counts until it is disposed of. */
export interface ReadBack extends Disposable {
  /** Bytes of all buffers made since the count began that the host can read. */
  readonly bytes: number;
}

/**
 * Counts at WebGPU itself, whoever reads: nothing leaves a device but through a buffer of usage MAP_READ, so that the sizes of those
 * made are no less than what was read.
 *
 * @param gpu The device.
 */
export function countReadBack({ device }: Gpu): ReadBack {
  const createBuffer = device.createBuffer.bind(device), count = { bytes: 0 };
  device.createBuffer = (descriptor) => {
    if ((descriptor.usage & MAP_READ) !== 0) count.bytes += descriptor.size;
    return createBuffer(descriptor);
  };
  return {
    get bytes() {
      return count.bytes;
    },
    [Symbol.dispose]: () => void Reflect.deleteProperty(device, "createBuffer"),
  };
}
