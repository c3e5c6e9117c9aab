/**
 * An image: what some kernels read their operands from instead of a buffer.
 *
 * @module
 */
import { IMAGE_WIDTH } from "../../kernels/image.ts";
import { ELEMENT_BYTES, type GpuBuffer } from "./buffer.ts";
import { DisposedError } from "./errors.ts";

/** Bytes of a texel: four float32. */
const TEXEL_BYTES = 16;

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

  /** Rows of 4096 texels that so many need: 1 or more. */
  static rowsFor(texels: number): number {
    return Math.max(1, Math.ceil(texels / IMAGE_WIDTH));
  }

  /** Bytes that it takes. */
  get byteLength(): number {
    return GpuImage.rowsFor(this.texels) * IMAGE_WIDTH * TEXEL_BYTES;
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

/**
 * Copies a matrix into an image as it lies, four numbers a texel.
 *
 * @param encoder Of the command buffer, outside of a pass.
 * @param what The matrix, and an image of as many texels as it has fours.
 */
export function copyToImage(
  encoder: GPUCommandEncoder,
  { matrix, image }: { matrix: GpuBuffer<"f32">; image: GpuImage },
): void {
  const whole = Math.floor(image.texels / IMAGE_WIDTH), rest = image.texels % IMAGE_WIDTH;
  const bytesPerRow = IMAGE_WIDTH * TEXEL_BYTES, texture = image.raw;
  const copy = (row: number, width: number, height: number) => {
    const offset = matrix.offset * ELEMENT_BYTES + row * bytesPerRow;
    encoder.copyBufferToTexture(
      { buffer: matrix.raw, offset, bytesPerRow },
      { texture, origin: [0, row] },
      [width, height],
    );
  };
  if (whole > 0) copy(0, IMAGE_WIDTH, whole);
  if (rest > 0) copy(whole, rest, 1);
}
