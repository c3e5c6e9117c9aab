/**
 * A storage buffer that knows its element type and length, and is released by `using`.
 *
 * @module
 */
import type { ElementType } from "../../kernels/kernel.ts";
import { DisposedError, ShapeError } from "./errors.ts";

/** The typed array that holds elements of a type on the host. */
export type HostArray<T extends ElementType = ElementType> = T extends "f32" ? Float32Array<ArrayBuffer>
  : T extends "u32" ? Uint32Array<ArrayBuffer>
  : Int32Array<ArrayBuffer>;

/** Bytes of one element: 4, whichever type it has. */
export const ELEMENT_BYTES = 4;

/** A view of a buffer begins at a multiple of this many elements: WebGPU's default offset alignment of 256 bytes. */
export const VIEW_ALIGNMENT = 64;

/** A view of `bytes` as elements of `type`, from its beginning. */
export function hostArray<T extends ElementType>(type: T, bytes: ArrayBuffer): HostArray<T> {
  if (type === "f32") return new Float32Array(bytes) as HostArray<T>;
  if (type === "u32") return new Uint32Array(bytes) as HostArray<T>;
  return new Int32Array(bytes) as HostArray<T>;
}

/**
 * Elements in the device's memory. Made by {@linkcode Gpu.buffer}; released by `using`, or by calling `[Symbol.dispose]`.
 */
export class GpuBuffer<T extends ElementType = ElementType> implements Disposable {
  /** Name for errors, warnings and profilers. */
  readonly label: string;
  /** Type of its elements. */
  readonly type: T;
  /** Number of its elements, 0 or more. */
  readonly length: number;
  /** Where it begins in the WebGPU buffer behind it, in elements: 0, but for a view. */
  readonly offset: number;
  readonly #source: () => GPUBuffer | undefined;
  readonly #release: () => void;

  /** Used by `Gpu` and by {@linkcode GpuBuffer.view}: call {@linkcode Gpu.buffer}. */
  constructor(
    label: string,
    type: T,
    length: number,
    offset: number,
    source: () => GPUBuffer | undefined,
    release: () => void,
  ) {
    this.label = label;
    this.type = type;
    this.length = length;
    this.offset = offset;
    this.#source = source;
    this.#release = release;
  }

  /** Bytes of its elements. */
  get byteLength(): number {
    return this.length * ELEMENT_BYTES;
  }

  /** Whether it, or the buffer that it is a view of, has been released. */
  get disposed(): boolean {
    return this.#source() === undefined;
  }

  /**
   * The WebGPU buffer behind it.
   *
   * @throws {DisposedError} when it has been released.
   */
  get raw(): GPUBuffer {
    const raw = this.#source();
    if (raw === undefined) {
      throw new DisposedError(
        `buffer ${this.label} was used after it had been disposed of`,
        "keep it in scope",
      );
    }
    return raw;
  }

  /**
   * A part of it, to be bound by itself. It shares the memory, which stays the original's to release.
   *
   * @param begin First element; a multiple of 64, since bindings begin at multiples of 256 bytes.
   * @param length Number of elements, 1 or more.
   * @throws {ShapeError} when it begins elsewhere or reaches past the end.
   */
  view(begin: number, length: number): GpuBuffer<T> {
    if (!Number.isInteger(begin) || begin < 0 || begin % VIEW_ALIGNMENT !== 0) {
      throw new ShapeError(
        `a view of buffer ${this.label} at ${begin}`,
        `begin at a multiple of ${VIEW_ALIGNMENT}`,
      );
    }
    if (!Number.isInteger(length) || length < 1 || begin + length > this.length) {
      throw new ShapeError(
        `a view of elements ${begin} to ${begin + length} of buffer ${this.label} with ${this.length}`,
        "stay inside of it",
      );
    }
    return new GpuBuffer(this.label, this.type, length, this.offset + begin, this.#source, () => {});
  }

  /** Releases the memory; a second call does nothing, nor does one on a view. */
  [Symbol.dispose](): void {
    this.#release();
  }
}
