/**
 * An image: what some kernels read their operands from instead of a buffer.
 *
 * @module
 */
import { IMAGE_WIDTH, imageRows } from "../../kernels/image.ts";
import { DisposedError } from "./errors.ts";

/** Bytes of a texel: four float32. */
export const TEXEL_BYTES = 16;

/** Texels of four float32 in the device's memory. Made by `Gpu.image`; released by `using`. */
export class GpuImage implements Disposable {
  /** Name for errors, warnings and profilers. */
  readonly label: string;
  /** Texels that it was made for; there is room up to the end of the last row of 4096. */
  readonly texels: number;
  /** What a bind group takes. */
  readonly view: GPUTextureView;
  readonly #raw: GPUTexture;
  readonly #released: () => void;
  #disposed = false;

  /** Used by `Gpu`. */
  constructor(label: string, texels: number, raw: GPUTexture, released: () => void) {
    this.label = label;
    this.texels = texels;
    this.view = raw.createView({ label });
    this.#raw = raw;
    this.#released = released;
  }

  /** Bytes that it takes. */
  get byteLength(): number {
    return imageRows(this.texels) * IMAGE_WIDTH * TEXEL_BYTES;
  }

  /** Whether it has been released. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /**
   * The texture behind it.
   *
   * @throws {DisposedError} when it has been released.
   */
  get raw(): GPUTexture {
    if (this.#disposed) {
      throw new DisposedError(
        `image ${this.label} was used after it had been disposed of`,
        "keep it in scope",
      );
    }
    return this.#raw;
  }

  /** Releases the memory; a second call does nothing. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#raw.destroy();
    this.#released();
  }
}
