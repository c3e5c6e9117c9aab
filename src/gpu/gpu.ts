/**
 * An adapter's device, and all that is made on it. The only floor that calls WebGPU.
 *
 * @module
 */
import { IMAGE_WIDTH, imageRows } from "../../kernels/image.ts";
import type { ElementType, TableStore } from "../../kernels/kernel.ts";
import type { MatmulVariant } from "../../kernels/matmul_choice.ts";
import { adapterKind } from "./adapter_kind.ts";
import { ELEMENT_BYTES, GpuBuffer, type HostArray, hostArray } from "./buffer.ts";
import {
  ArgumentError,
  DeviceLostError,
  DisposedError,
  FaninError,
  LimitError,
  NoAdapterError,
  OutOfMemoryError,
  ShapeError,
} from "./errors.ts";
import { GpuImage } from "./image.ts";
import { originOf } from "./origin.ts";
import { oneLine, PipelineCache } from "./pipeline.ts";
import { Program } from "./program.ts";
import { Recorder } from "./recorder.ts";
import { Table } from "./table.ts";

// Values of GPUBufferUsage and GPUMapMode: the globals are not read, since a device may come from outside (Node with Dawn).
const MAP_READ = 0x1, COPY_SRC = 0x4, COPY_DST = 0x8, UNIFORM = 0x40, STORAGE = 0x80;
const MAP_MODE_READ = 0x1;
/** Of GPUTextureUsage. */
const TEXTURE_COPY_DST = 0x2, STORAGE_BINDING = 0x8;

/** How {@linkcode Gpu.open} chooses its device. */
export interface GpuOptions {
  /** WebGPU's entry point; `navigator.gpu` unless given (Node: `create([])` of the package `webgpu`). */
  gpu?: GPU;
  /** Which of two adapters is wanted. */
  powerPreference?: GPUPowerPreference;
  /** Features that must be there, by name: "timestamp-query". */
  features?: readonly GPUFeatureName[];
  /** Features that are used where the adapter has them. */
  optionalFeatures?: readonly GPUFeatureName[];
  /**
   * Limits that must be granted, by name. Buffer and binding size are as large as the adapter allows unless named here; no more of them
   * is used than is asked for, even where WebGPU grants it.
   */
  limits?: Readonly<Record<string, number>>;
  /** Name for errors and profilers. */
  label?: string;
  /**
   * Whether the variants of matrix products are measured on the device before their first use in training, and by `tuneMatmul`. Unless
   * given, they are on a GPU, and not on software, for which they were measured beforehand and which takes long to compile them.
   */
  tune?: boolean;
  /** Is told of buffers that are open when the device is closed; `console.warn` unless given. */
  warn?: (message: string) => void;
}

/** What an adapter says of itself. */
export interface AdapterSummary {
  /** In words: "llvmpipe (LLVM 15.0.6, 256 bits)". */
  name: string;
  /** Whether it is a processor that plays a GPU. */
  software: boolean;
}

/** Buffers that are open on a device. */
export interface MemoryUse {
  /** Number of buffers. */
  buffers: number;
  /** Their bytes. */
  bytes: number;
}

/**
 * A device: buffers, kernels and programs are made here and belong to it.
 *
 * @example
 * ```ts
 * import { Gpu } from "@fanin/fanin";
 * import { fill } from "@fanin/fanin/kernels";
 *
 * using gpu = await Gpu.open();
 * using out = gpu.buffer("out", "f32", 3);
 * using program = await gpu.record("example", (r) => r.dispatch(fill, { out }, { n: 3, value: 7 }));
 * program.submit();
 * console.log(await gpu.read(out)); // Float32Array [7, 7, 7]
 * ```
 */
export class Gpu implements Disposable {
  /** The WebGPU device. */
  readonly device: GPUDevice;
  /** The adapter in words. */
  readonly adapter: AdapterSummary;
  /** Compiled kernels. */
  readonly pipelines: PipelineCache;
  /** Most bytes of a buffer that one dispatch binds; larger ones are bound in parts. */
  readonly bindingBytes: number;
  /** Most bytes of a buffer. */
  readonly bufferBytes: number;
  /** Whether variants of matrix products are measured: see {@linkcode GpuOptions.tune}. */
  readonly tunes: boolean;
  /** The variants that were measured as the best, by form and sizes; `tuneMatmul` fills it. */
  readonly tuned: Map<string, MatmulVariant> = new Map();
  /** Where the device came from, if it is fanin's own. Held, since npm's `webgpu` ends the process when it is collected as garbage. */
  readonly #entry: GPU | undefined;
  readonly #warn: (message: string) => void;
  /** With an error made where it was, for its stack. */
  readonly #open = new Map<GpuBuffer | GpuImage, Error>();
  readonly #tables = { uniform: new Map<Uint32Array, Table>(), image: new Map<Uint32Array, Table>() };
  readonly #checks = new Set<Promise<void>>();
  readonly #onUncaptured: (event: Event) => void;
  #bytes = 0;
  #failure: FaninError | undefined;
  #lost: DeviceLostError | undefined;
  /** Of the promises that are waited for: what rejects them when the device is lost. */
  readonly #waiting = new Set<(error: DeviceLostError) => void>();

  private constructor(
    device: GPUDevice,
    adapter: AdapterSummary,
    entry?: GPU,
    { warn = console.warn, limits = {}, tune = adapterKind(adapter) === "gpu" }: GpuOptions = {},
  ) {
    this.device = device;
    const most = (name: "maxStorageBufferBindingSize" | "maxBufferSize") =>
      Math.min(device.limits[name], limits[name] ?? Infinity);
    this.bindingBytes = most("maxStorageBufferBindingSize");
    this.bufferBytes = most("maxBufferSize");
    this.#warn = warn;
    this.adapter = adapter;
    this.tunes = tune;
    this.#entry = entry;
    this.pipelines = new PipelineCache(device);
    device.lost.then((info) => this.#lose(info.message || info.reason || "no reason given"));
    this.#onUncaptured = (event) => {
      event.preventDefault(); // kept for the next await instead of printed
      this.#fail((event as GPUUncapturedErrorEvent).error);
    };
    device.addEventListener("uncapturederror", this.#onUncaptured);
  }

  /**
   * Opens a device of its own, which `[Symbol.dispose]` destroys.
   *
   * @param options Adapter, features and limits, by name.
   * @throws {NoAdapterError} when WebGPU is missing or no adapter answers.
   * @throws {LimitError} when the adapter lacks a feature or limit that is asked for.
   */
  static async open(options: GpuOptions = {}): Promise<Gpu> {
    const entry = options.gpu ?? (globalThis.navigator as Navigator | undefined)?.gpu;
    if (entry === undefined) {
      throw new NoAdapterError(
        "this runtime has no WebGPU (navigator.gpu is missing)",
        "use Deno 2.9 or a browser with WebGPU, or pass `gpu` in the options",
      );
    }
    const adapter = await entry.requestAdapter({ powerPreference: options.powerPreference });
    if (adapter === null) {
      throw new NoAdapterError(
        "no WebGPU adapter answers",
        "install a Vulkan driver (Debian: apt-get install mesa-vulkan-drivers libvulkan1) or run `deno task setup`",
      );
    }
    const device = await adapter.requestDevice({
      label: options.label ?? "fanin",
      requiredFeatures: chooseFeatures(adapter, options),
      requiredLimits: chooseLimits(adapter, options),
    });
    return new Gpu(device, summarize(adapter.info), entry, options);
  }

  /**
   * Works on a device that somebody else opened and will close.
   *
   * @param device Any WebGPU device.
   * @param name The adapter in words, where the device does not say.
   * @param options Whether products are measured.
   */
  static from(device: GPUDevice, name?: string, options: Pick<GpuOptions, "tune"> = {}): Gpu {
    const info = (device as { adapterInfo?: GPUAdapterInfo }).adapterInfo;
    const summary = info === undefined ? { name: "a device from outside", software: false } : summarize(info);
    return new Gpu(device, name === undefined ? summary : { ...summary, name }, undefined, options);
  }

  /** Buffers that have been made and not yet released; lookup tables of kernels, kept for the device's life, aside. */
  get memory(): MemoryUse {
    return { buffers: this.#open.size, bytes: this.#bytes };
  }

  /** The buffers that are open: names, sizes, and where in the program each was made ("file:///train.ts:12:9"). */
  get openBuffers(): { label: string; bytes: number; madeAt: string }[] {
    return [...this.#open].map(([b, made]) => ({
      label: b.label,
      bytes: b.byteLength,
      madeAt: originOf(made),
    }));
  }

  /**
   * A buffer of `length` elements: zeros, unless `data` is given.
   *
   * @param label Name for errors and profilers.
   * @param type Element type.
   * @param length Number of elements, 0 or more.
   * @param data First elements, at most `length`.
   * @throws {ShapeError} when the length is no whole number from 0 on, or the data is longer.
   * @throws {LimitError} when it is larger than the device allows; nothing is allocated then.
   */
  buffer<T extends ElementType>(label: string, type: T, length: number, data?: HostArray<T>): GpuBuffer<T> {
    this.#assertUsable();
    this.#assertFits(label, length);
    if (data !== undefined && data.length > length) {
      throw new ShapeError(
        `${data.length} elements do not fit buffer ${label} with ${length}`,
        "give it the room",
      );
    }
    let raw: GPUBuffer | undefined = this.#allocate(label, length);
    const buffer = new GpuBuffer(label, type, length, 0, () => raw, () => {
      if (raw === undefined) return;
      this.#open.delete(buffer);
      this.#bytes -= buffer.byteLength;
      raw.destroy();
      raw = undefined;
    });
    this.#open.set(buffer, new Error(label));
    this.#bytes += buffer.byteLength;
    if (data !== undefined) this.write(buffer, data);
    return buffer;
  }

  /**
   * Makes several buffers, or none: when one of them is refused, those made before it are released.
   *
   * @param make Makes them, and does not wait.
   * @returns What it returns.
   * @throws what it throws.
   */
  allOrNone<T>(make: () => T): T {
    const before = new Set(this.#open.keys());
    try {
      return make();
    } catch (error) {
      for (const buffer of [...this.#open.keys()]) if (!before.has(buffer)) buffer[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * An image of that many texels of four float32: room for a packed operand.
   *
   * @param label Name for errors and profilers.
   * @param texels 0 or more.
   * @throws {LimitError} when it is larger than the device allows.
   */
  image(label: string, texels: number): GpuImage {
    this.#assertUsable();
    const height = imageRows(texels), most = this.device.limits.maxTextureDimension2D;
    if (height > most) {
      throw new LimitError(
        `image ${label} needs ${height} rows and this device has at most ${most}`,
        "make it smaller, or split it",
      );
    }
    this.device.pushErrorScope("out-of-memory");
    const raw = this.device.createTexture({
      label,
      size: [IMAGE_WIDTH, height],
      format: "rgba32float",
      usage: STORAGE_BINDING | TEXTURE_COPY_DST,
    });
    const image = new GpuImage(label, texels, raw, () => {
      this.#open.delete(image);
      this.#bytes -= image.byteLength;
    });
    this.#watch(this.device.popErrorScope(), () => outOfMemory(label, image.byteLength));
    this.#open.set(image, new Error(label));
    this.#bytes += image.byteLength;
    return image;
  }

  /**
   * Copies elements from the host into a buffer, before whatever is submitted next.
   *
   * @param buffer Where to.
   * @param data What.
   * @param offset First element to be overwritten.
   * @throws {ShapeError} when the data reaches past the end.
   */
  write<T extends ElementType>(buffer: GpuBuffer<T>, data: HostArray<T>, offset = 0): void {
    if (!Number.isInteger(offset) || offset < 0 || offset + data.length > buffer.length) {
      throw new ShapeError(
        `${data.length} elements at ${offset} reach past the end of buffer ${buffer.label} with ${buffer.length}`,
        "write fewer",
      );
    }
    const at = (buffer.offset + offset) * ELEMENT_BYTES;
    if (data.length > 0) this.device.queue.writeBuffer(buffer.raw, at, data);
  }

  /**
   * Records a sequence of dispatches, compiled and bound, to be replayed any number of times.
   *
   * @param label Name for errors and profilers.
   * @param build Is called once, at once, with the recorder.
   * @returns The program; release it by `using`.
   * @throws {KernelError} when a kernel does not compile or a binding does not fit it.
   */
  async record(label: string, build: (recorder: Recorder) => void): Promise<Program> {
    this.#assertUsable();
    using recorder = new Recorder(this);
    build(recorder);
    return await this.orLost(Program.make(this, label, recorder)).catch((error) => this.#unlessLost(error));
  }

  /**
   * Waits for the device and copies a buffer, or a part of it, to the host.
   *
   * @param buffer What to read.
   * @param offset First element.
   * @param length Number of elements; to the end unless given.
   * @throws {ShapeError} when there are no such elements.
   * @throws {DeviceLostError} when the device is lost before or meanwhile.
   * @throws {KernelError} {@linkcode OutOfMemoryError} when something submitted before had failed.
   */
  async read<T extends ElementType>(
    buffer: GpuBuffer<T>,
    offset = 0,
    length: number = buffer.length - offset,
  ): Promise<HostArray<T>> {
    const whole = Number.isInteger(offset) && Number.isInteger(length);
    if (!whole || offset < 0 || length < 0 || offset + length > buffer.length) {
      throw new ShapeError(
        `${length} elements at ${offset} are no part of buffer ${buffer.label} with ${buffer.length}`,
        "stay inside of it",
      );
    }
    return (await this.#readBack([{ buffer, offset, length }]))[0] as HostArray<T>;
  }

  /**
   * Reads several buffers with one wait, as far as they fit one buffer together: a read-back costs the same whatever its size.
   *
   * @param buffers What to read.
   * @returns Their elements, in the same order.
   * @throws As {@linkcode Gpu.read}.
   */
  async readAll<T extends readonly GpuBuffer[]>(
    buffers: T,
  ): Promise<{ [I in keyof T]: T[I] extends GpuBuffer<infer E> ? HostArray<E> : never }> {
    const parts = buffers.map((buffer) => ({ buffer, offset: 0, length: buffer.length }));
    return await this.#readBack(parts) as {
      [I in keyof T]: T[I] extends GpuBuffer<infer E> ? HostArray<E> : never;
    };
  }

  /**
   * Waits until everything submitted is done.
   *
   * @throws As {@linkcode Gpu.read}.
   */
  async idle(): Promise<void> {
    this.#assertUsable();
    await this.orLost(this.device.queue.onSubmittedWorkDone());
    await this.#settleChecks();
  }

  /** The promise, or the rejection with which the device is lost, whichever comes first. */
  orLost<T>(promise: Promise<T>): Promise<T> {
    // A race against one promise that stays pending would keep every result alive for as long as the device.
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) reject(this.#lost);
      else this.#waiting.add(reject);
      promise.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  /**
   * Runs synchronous WebGPU calls; what they get wrong is thrown at the next `read` or `idle`.
   *
   * @param body The calls.
   * @param explain Turns WebGPU's message into fanin's error.
   */
  checked<T>(body: () => T, explain: (message: string) => FaninError): T {
    this.device.pushErrorScope("validation");
    try {
      return body();
    } finally {
      this.#watch(this.device.popErrorScope(), explain);
    }
  }

  /** The device's copy of a kernel's lookup table, as a bind group takes it: uploaded at its first use, and kept. */
  table(name: string, words: Uint32Array, store: TableStore = "uniform"): GPUBindingResource {
    let table = this.#tables[store].get(words);
    if (table === undefined) {
      this.device.pushErrorScope("out-of-memory");
      try {
        table = new Table(this.device, name, words as Uint32Array<ArrayBuffer>, store);
      } finally {
        this.#watch(this.device.popErrorScope(), () => outOfMemory(name, words.byteLength));
      }
      this.#tables[store].set(words, table);
    }
    return table.resource;
  }

  /** Releases every buffer that is still open, with a warning that names them, and the device if it is fanin's own. */
  [Symbol.dispose](): void {
    if (this.#open.size > 0) this.#warn(leftOpen(this.openBuffers));
    for (const buffer of [...this.#open.keys()]) buffer[Symbol.dispose]();
    for (const tables of Object.values(this.#tables)) {
      for (const table of tables.values()) table[Symbol.dispose]();
      tables.clear();
    }
    this.device.removeEventListener("uncapturederror", this.#onUncaptured);
    this.#failure ??= new DisposedError(
      "the device was used after it had been disposed of",
      "keep it in scope",
    );
    if (this.#entry !== undefined) this.device.destroy();
  }

  #allocate(label: string, length: number): GPUBuffer {
    // WebGPU binds no empty buffer, so that one with no elements still has room for one.
    const size = Math.max(length, 1) * ELEMENT_BYTES;
    this.device.pushErrorScope("out-of-memory");
    try {
      return this.device.createBuffer({ label, size, usage: STORAGE | UNIFORM | COPY_SRC | COPY_DST });
    } finally {
      this.#watch(this.device.popErrorScope(), () => outOfMemory(label, size));
    }
  }

  #assertFits(label: string, length: number): void {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new ShapeError(`buffer ${label} cannot have ${length} elements`, "give a whole number from 0 on");
    }
    if (length * ELEMENT_BYTES > this.bufferBytes) {
      throw new LimitError(
        `buffer ${label} needs ${
          length * ELEMENT_BYTES
        } bytes and this device has buffers of at most ${this.bufferBytes}`,
        "make it smaller, or split it",
      );
    }
  }

  async #readBack(parts: ReadPart[]): Promise<HostArray[]> {
    const read: HostArray[] = [];
    for (const group of groupsOf(parts, this.bufferBytes)) read.push(...await this.#readGroup(group));
    return read;
  }

  /** One staging buffer, one submit, one wait for all parts. */
  async #readGroup(parts: ReadPart[]): Promise<HostArray[]> {
    this.#assertUsable();
    const bytes = parts.reduce((sum, part) => sum + part.length * ELEMENT_BYTES, 0);
    const staging = this.device.createBuffer({
      label: "read-back",
      size: Math.max(bytes, ELEMENT_BYTES),
      usage: MAP_READ | COPY_DST,
    });
    try {
      this.checked(
        () => this.#copyInto(staging, parts),
        (message) => new ArgumentError(`reading back failed: ${message}`, "report it"),
      );
      await this.orLost(staging.mapAsync(MAP_MODE_READ)).catch((error) => this.#explainMapFailure(error));
      await this.#settleChecks();
      return slices(staging.getMappedRange(), parts);
    } finally {
      staging.destroy(); // unmaps too: a second unmap would throw
    }
  }

  #copyInto(staging: GPUBuffer, parts: ReadPart[]): void {
    const encoder = this.device.createCommandEncoder({ label: "read-back" });
    let at = 0;
    for (const { buffer, offset, length } of parts) {
      const size = length * ELEMENT_BYTES;
      const from = (buffer.offset + offset) * ELEMENT_BYTES;
      if (size > 0) encoder.copyBufferToBuffer(buffer.raw, from, staging, at, size);
      at += size;
    }
    this.device.queue.submit([encoder.finish()]);
  }

  /** A mapping that fails does so because the device went away, or because of something that failed before. */
  async #explainMapFailure(error: unknown): Promise<never> {
    await this.#settleChecks();
    return await this.#unlessLost(
      error instanceof FaninError
        ? error
        : new DeviceLostError(`reading back failed: ${oneLine(String(error))}`, "open a device again", {
          cause: error,
        }),
    );
  }

  /** Throws an error, or the device's loss if that is behind it: the loss may be told a moment after what it made fail. */
  async #unlessLost(error: unknown): Promise<never> {
    await this.orLost(new Promise((resolve) => setTimeout(resolve, 20)));
    throw error;
  }

  #watch(popped: Promise<GPUError | null>, explain: (message: string) => FaninError): void {
    const check = popped.then((error) => {
      if (error !== null) this.#failure ??= explain(oneLine(error.message));
    }, () => {/* the device is lost, which is told elsewhere */}).finally(() => this.#checks.delete(check));
    this.#checks.add(check);
  }

  async #settleChecks(): Promise<void> {
    while (this.#checks.size > 0) await this.orLost(Promise.all(this.#checks));
    this.#assertUsable();
  }

  #fail(error: GPUError): void {
    this.#failure ??= error.constructor.name === "GPUOutOfMemoryError"
      ? outOfMemory("unknown", 0)
      : new ArgumentError(`WebGPU refused a call: ${oneLine(error.message)}`, "report it");
  }

  #lose(reason: string): void {
    const error = new DeviceLostError(`the GPU device is lost: ${oneLine(reason)}`, "open a device again");
    this.#failure ??= error;
    this.#lost = error;
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  /** Throws what went wrong before, if anything did: a device that failed once gives no trustworthy number. */
  #assertUsable(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** Elements of a buffer to be read. */
interface ReadPart {
  readonly buffer: GpuBuffer;
  readonly offset: number;
  readonly length: number;
}

/** Parts in order, as many together as a buffer holds; one group without any. */
function groupsOf(parts: readonly ReadPart[], mostBytes: number): ReadPart[][] {
  const groups: ReadPart[][] = [[]];
  let bytes = 0;
  for (const part of parts) {
    const size = part.length * ELEMENT_BYTES;
    if (bytes > 0 && bytes + size > mostBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups[groups.length - 1].push(part);
    bytes += size;
  }
  return groups;
}

function outOfMemory(label: string, bytes: number): OutOfMemoryError {
  return new OutOfMemoryError(
    `the device has no ${bytes} bytes left for buffer ${label}`,
    "release or shrink something",
  );
}

/** Names in a warning: what is left open in a loop would fill the screen. */
const NAMED = 8;

function leftOpen(buffers: Gpu["openBuffers"]): string {
  const names = buffers.slice(0, NAMED).map((b) => `${b.label} (${b.bytes} bytes, made at ${b.madeAt})`);
  if (buffers.length > NAMED) names.push(`${buffers.length - NAMED} more`);
  const count = buffers.length === 1 ? "1 buffer was" : `${buffers.length} buffers were`;
  return `fanin: ${count} open when the device was closed: ${names.join(", ")}; release each by \`using\``;
}

function slices(mapped: ArrayBuffer, parts: { buffer: GpuBuffer; length: number }[]): HostArray[] {
  let at = 0;
  return parts.map(({ buffer, length }) => {
    const end = at + length * ELEMENT_BYTES;
    const copy = hostArray(buffer.type, mapped.slice(at, end));
    at = end;
    return copy;
  });
}

function summarize(info: GPUAdapterInfo): AdapterSummary {
  const name = info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(" ");
  return { name: name || "an adapter without a name", software: Boolean(info.isFallbackAdapter) };
}

function chooseFeatures(adapter: GPUAdapter, options: GpuOptions): GPUFeatureName[] {
  const missing = (options.features ?? []).filter((f) => !adapter.features.has(f));
  if (missing.length > 0) {
    throw new LimitError(
      `the adapter ${summarize(adapter.info).name} lacks ${missing.join(", ")}`,
      `ask for what it has: ${[...adapter.features].join(", ")}`,
    );
  }
  const optional = (options.optionalFeatures ?? []).filter((f) => adapter.features.has(f));
  return [...new Set([...(options.features ?? []), ...optional])];
}

function chooseLimits(adapter: GPUAdapter, options: GpuOptions): Record<string, number> {
  const available = adapter.limits as unknown as Record<string, number>;
  for (const [name, asked] of Object.entries(options.limits ?? {})) {
    const most = available[name];
    if (typeof most !== "number") {
      throw new ArgumentError(
        `there is no limit named "${name}"`,
        "use WebGPU's names, such as maxBufferSize",
      );
    }
    // An alignment (minStorageBufferOffsetAlignment) is the better the smaller it is.
    const granted = name.startsWith("min") ? asked >= most : asked <= most;
    if (!granted) {
      throw new LimitError(
        `${name} = ${asked} was asked for and the adapter ${summarize(adapter.info).name} has ${most}`,
        "ask for what it has",
      );
    }
  }
  // The defaults (256 MiB and 128 MiB) are far below what most adapters have.
  return {
    maxBufferSize: available.maxBufferSize,
    maxStorageBufferBindingSize: available.maxStorageBufferBindingSize,
    ...options.limits,
  };
}
