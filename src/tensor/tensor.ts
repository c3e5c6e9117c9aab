/**
 * A tensor: a shape and a buffer on the device, row-major.
 *
 * @module
 */
import type { ElementType } from "../../kernels/kernel.ts";
import type { GpuBuffer, HostArray } from "../gpu/buffer.ts";
import { ShapeError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";

/** Sizes of a tensor's dimensions, outermost first; [] is a scalar. */
export type Shape = readonly number[];

/**
 * The number of elements of a shape.
 *
 * @param shape Whole numbers from 0 on.
 * @throws {ShapeError} when a size is no whole number from 0 on, or the product is past 2^53.
 */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new ShapeError(`shape [${shape}] has a size that is no whole number from 0 on: ${n}`, "give one");
    }
    size *= n;
  }
  if (!Number.isSafeInteger(size)) {
    throw new ShapeError(`shape [${shape}] has more than 2^53 elements`, "split it");
  }
  return size;
}

/** Elements in the device's memory with a shape. Released by `using`. */
export class Tensor<T extends ElementType = "f32"> implements Disposable {
  /** Sizes of its dimensions. */
  readonly shape: Shape;
  /** Its elements, row-major. */
  readonly buffer: GpuBuffer<T>;
  readonly #gpu: Gpu;

  /**
   * A tensor over a buffer, which it releases with itself.
   *
   * @param gpu The device of the buffer.
   * @param shape Its shape.
   * @param buffer As many elements as the shape has.
   * @throws {ShapeError} when it has more or fewer.
   */
  constructor(gpu: Gpu, shape: Shape, buffer: GpuBuffer<T>) {
    if (sizeOf(shape) !== buffer.length) {
      throw new ShapeError(
        `shape [${shape}] has ${sizeOf(shape)} elements and buffer ${buffer.label} has ${buffer.length}`,
        "give a shape that fits",
      );
    }
    this.#gpu = gpu;
    this.shape = [...shape];
    this.buffer = buffer;
  }

  /**
   * A tensor of zeros, or of given elements.
   *
   * @param gpu Where.
   * @param label Name for errors and profilers.
   * @param type Element type.
   * @param shape Its shape.
   * @param data All its elements, row-major; zeros unless given.
   * @throws {ShapeError} when the data does not fit the shape. {@linkcode LimitError} when it is too large for the device.
   */
  static make<T extends ElementType>(
    gpu: Gpu,
    label: string,
    type: T,
    shape: Shape,
    data?: HostArray<T>,
  ): Tensor<T> {
    const size = sizeOf(shape);
    if (data !== undefined && data.length !== size) {
      throw new ShapeError(
        `tensor ${label} of shape [${shape}] needs ${size} elements and was given ${data.length}`,
        "give a shape that fits",
      );
    }
    return new Tensor(gpu, shape, gpu.buffer(label, type, size, data));
  }

  /** Number of elements. */
  get size(): number {
    return this.buffer.length;
  }

  /**
   * Copies all elements to the host.
   *
   * @throws {DeviceLostError} when the device is lost.
   */
  read(): Promise<HostArray<T>> {
    return this.#gpu.read(this.buffer);
  }

  /**
   * Copies the rows `begin` to `end` (along the first dimension) to the host.
   *
   * @param begin First row.
   * @param end The row after the last.
   * @throws {ShapeError} when there are no such rows.
   */
  async slice(begin: number, end: number): Promise<HostArray<T>> {
    const [rows, ...rest] = this.shape;
    if (
      !(Number.isInteger(begin) && Number.isInteger(end) && 0 <= begin && begin <= end && end <= (rows ?? 0))
    ) {
      throw new ShapeError(
        `rows ${begin} to ${end} of a tensor of shape [${this.shape}]`,
        "stay inside of it",
      );
    }
    const width = sizeOf(rest);
    return await this.#gpu.read(this.buffer, begin * width, (end - begin) * width);
  }

  /**
   * Overwrites all elements.
   *
   * @param data As many as it has, row-major.
   * @throws {ShapeError} when there are more or fewer.
   */
  write(data: HostArray<T>): void {
    if (data.length !== this.size) {
      throw new ShapeError(
        `tensor ${this.buffer.label} of shape [${this.shape}] was given ${data.length} elements`,
        `give ${this.size}`,
      );
    }
    this.#gpu.write(this.buffer, data);
  }

  /** Releases the buffer. */
  [Symbol.dispose](): void {
    this.buffer[Symbol.dispose]();
  }
}
