/**
 * A log on the device of samples that are taken while a network is trained, so that none of them waits for it.
 *
 * @module
 */
import { ELEMENT_BYTES, type GpuBuffer } from "../gpu/buffer.ts";
import { ArgumentError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Program } from "../gpu/program.ts";

/** Samples between two waits, unless asked otherwise. */
const CAPACITY = 64;

/** Entries of as many words each, one a sample; read when it is full or asked for. Released by `using`. */
export class SampleLog implements Disposable {
  /** `cursor[0]` is the number of the entry that the next sample writes. */
  readonly cursor: GpuBuffer<"u32">;
  /** The entries that have not been read, one after the other. */
  readonly words: GpuBuffer<"u32">;
  /** Words of an entry. */
  readonly stride: number;
  readonly #gpu: Gpu;
  readonly #capacity: number;
  readonly #steps: number[] = [];
  readonly #entries: Uint32Array<ArrayBuffer>[] = [];

  /**
   * An empty log.
   *
   * @param gpu Where.
   * @param stride Words of an entry, 0 or more.
   * @param capacity Entries that it holds, 1 or more; 64 unless given, and no more than the device binds at once.
   * @throws {ArgumentError} when the capacity is no whole number from 1 on.
   */
  constructor(gpu: Gpu, stride: number, capacity: number = CAPACITY) {
    assertCount("capacity", capacity);
    this.#gpu = gpu;
    const mostWords = Math.floor(gpu.bindingBytes / ELEMENT_BYTES);
    this.#capacity = Math.max(1, Math.min(capacity, Math.floor(mostWords / Math.max(stride, 1))));
    this.stride = stride;
    [this.cursor, this.words] = gpu.allOrNone(() => [
      gpu.buffer("sample", "u32", 1),
      gpu.buffer("log of samples", "u32", stride * this.#capacity),
    ]);
  }

  /** The steps of the samples so far. */
  get steps(): readonly number[] {
    return this.#steps;
  }

  /**
   * Takes a sample. Waits only where the log is full.
   *
   * @param step Which step it is of.
   * @param program Writes the entry.
   * @throws {DeviceLostError} when the device is lost.
   */
  async take(step: number, program: Program): Promise<void> {
    const slot = this.#steps.length - this.#entries.length;
    this.#gpu.write(this.cursor, Uint32Array.of(slot));
    program.submit();
    this.#steps.push(step);
    if (slot + 1 === this.#capacity) await this.read();
  }

  /**
   * All entries so far, in order; with one wait.
   *
   * @throws {DeviceLostError} when the device is lost.
   */
  async read(): Promise<readonly Uint32Array<ArrayBuffer>[]> {
    const count = this.#steps.length - this.#entries.length, { stride } = this;
    if (count === 0) return this.#entries;
    const words = await this.#gpu.read(this.words, 0, count * stride);
    for (let i = 0; i < count; i++) this.#entries.push(words.slice(i * stride, (i + 1) * stride));
    return this.#entries;
  }

  /** Releases what is on the device. */
  [Symbol.dispose](): void {
    this.cursor[Symbol.dispose]();
    this.words[Symbol.dispose]();
  }
}

/**
 * Refuses what is no whole number from 1 on.
 *
 * @throws {ArgumentError} naming it.
 */
export function assertCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new ArgumentError(`${name} = ${value}`, "give a whole number from 1 on");
}
