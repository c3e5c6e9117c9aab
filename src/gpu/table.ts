/**
 * A lookup table in the device's memory.
 *
 * @module
 */
import type { TableStore } from "../../kernels/kernel.ts";

/** Of GPUBufferUsage, GPUTextureUsage. */
const UNIFORM = 0x40, BUFFER_COPY_DST = 0x8, STORAGE_BINDING = 0x8, TEXTURE_COPY_DST = 0x2;

/** Words of a row. */
const ROW_WORDS = 4;

/** A kernel's lookup table, uploaded. Made by `Gpu.table`, which keeps it. */
export class Table implements Disposable {
  /** What a bind group takes. */
  readonly resource: GPUBindingResource;
  readonly #raw: GPUBuffer | GPUTexture;

  /** Used by `Gpu`. */
  constructor(device: GPUDevice, label: string, words: Uint32Array<ArrayBuffer>, store: TableStore) {
    if (store === "uniform") {
      const raw = device.createBuffer({ label, size: words.byteLength, usage: UNIFORM | BUFFER_COPY_DST });
      device.queue.writeBuffer(raw, 0, words);
      this.#raw = raw;
      this.resource = { buffer: raw };
    } else {
      const size = [words.length / ROW_WORDS], usage = STORAGE_BINDING | TEXTURE_COPY_DST;
      const raw = device.createTexture({ label, size, dimension: "1d", format: "rgba32uint", usage });
      device.queue.writeTexture({ texture: raw }, words, {}, size);
      this.#raw = raw;
      this.resource = raw.createView({ label });
    }
  }

  /** Releases the memory. */
  [Symbol.dispose](): void {
    this.#raw.destroy();
  }
}
