/**
 * A storage buffer that knows its element type and length, and is released by `using`.
 *
 * @module
 */
import type { ElementType } from "../../kernels/kernel.ts";
import { DisposedError } from "./errors.ts";

/** The typed array that holds elements of a type on the host. */
export type HostArray<T extends ElementType = ElementType> = T extends "f32" ? Float32Array<ArrayBuffer>
  : T extends "u32" ? Uint32Array<ArrayBuffer>
  : Int32Array<ArrayBuffer>;

/** Bytes of one element: 4, whichever type it has. */
export const ELEMENT_BYTES = 4;

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
  #raw: GPUBuffer | undefined;
  readonly #onDispose: (buffer: GpuBuffer) => void;

  /** Used by `Gpu` alone: call {@linkcode Gpu.buffer}. */
  constructor(
    label: string,
    type: T,
    length: number,
    raw: GPUBuffer,
    onDispose: (buffer: GpuBuffer) => void,
  ) {
    this.label = label;
    this.type = type;
    this.length = length;
    this.#raw = raw;
    this.#onDispose = onDispose;
  }

  /** Bytes of its elements. */
  get byteLength(): number {
    return this.length * ELEMENT_BYTES;
  }

  /** Whether it has been released. */
  get disposed(): boolean {
    return this.#raw === undefined;
  }

  /**
   * The WebGPU buffer behind it.
   *
   * @throws {DisposedError} when it has been released.
   */
  get raw(): GPUBuffer {
    if (this.#raw === undefined) {
      throw new DisposedError(`buffer ${this.label} was used after it had been disposed of`, "keep it in scope");
    }
    return this.#raw;
  }

  /** Releases the memory; a second call does nothing. */
  [Symbol.dispose](): void {
    const raw = this.#raw;
    if (raw === undefined) return;
    this.#onDispose(this);
    this.#raw = undefined;
    raw.destroy();
  }
}
