/**
 * What a program is recorded with: its dispatches in order, each checked when it is recorded.
 *
 * @module
 */
import type { Binding, ElementType, Kernel, ParamType } from "../../kernels/kernel.ts";
import type { GpuBuffer } from "./buffer.ts";
import type { Copy } from "./copy.ts";
import { DisposableStack } from "./disposable_stack.ts";
import { ArgumentError, DtypeError } from "./errors.ts";
import type { Gpu } from "./gpu.ts";
import { GpuImage } from "./image.ts";
import { MatrixImages } from "./matrix_images.ts";
import { cannotBind, partOf, partsOf } from "./parts.ts";

/** What a kernel is bound to. */
export type Resource = GpuBuffer | GpuImage;

/** One dispatch as it was recorded. */
export interface Call {
  /** What runs. */
  readonly kernel: Kernel;
  /** On which buffers, in the order of the kernel's bindings. */
  readonly buffers: readonly Resource[];
  /** With which parameters. */
  params: Readonly<Record<string, number>>;
}

/** Collects the dispatches of a program, in order. Each sees what the ones before it wrote. */
export class Recorder implements Disposable {
  /** What has been recorded so far. */
  readonly calls: (Call | Copy)[] = [];
  /** The device that the program will run on. */
  readonly gpu: Gpu;
  readonly #resources = new DisposableStack();
  readonly #images: MatrixImages;

  /** Used by {@linkcode Gpu.record}. */
  constructor(gpu: Gpu) {
    this.gpu = gpu;
    this.#images = new MatrixImages(this, this.#resources);
  }

  /**
   * Appends a dispatch; several where a buffer is larger than the device binds and the kernel says how it is cut.
   *
   * @param kernel What to run.
   * @param buffers A buffer for each of its bindings, by name.
   * @param params A number for each of its parameters, by name.
   * @returns The call, as a handle for {@linkcode Program.set}; a dispatch that was cut has none that could be set.
   * @throws {ArgumentError} when a buffer or parameter is missing or out of range, or a result is an operand as well.
   * @throws {DtypeError} when a buffer has other elements than the binding.
   * @throws {LimitError} when a buffer is larger than the device binds and the kernel takes it whole.
   * @throws {DisposedError} when a buffer has been disposed of.
   */
  dispatch<B extends string, P extends string>(
    kernel: Kernel<B, P>,
    buffers: Readonly<Record<B, Resource>>,
    params: Readonly<Record<P, number>>,
  ): Call {
    const bound = kernel.bindings.map((binding) => boundResource(kernel, binding, buffers[binding.name]));
    assertNoAlias(kernel, bound);
    checkParams(kernel, params);
    const call = { kernel: kernel as unknown as Kernel, buffers: bound, params };
    const tooLarge = bound.find((one) => this.#exceeds(one));
    if (tooLarge === undefined) this.calls.push(call);
    else this.#pushParts(call, tooLarge as GpuBuffer);
    kernel.bindings.forEach(({ access }, i) => {
      const written = bound[i];
      if (access === "read_write" && !(written instanceof GpuImage)) this.#images.outdate(written.raw);
    });
    return call;
  }

  /**
   * Appends a copy of the first elements of a buffer into another one.
   *
   * @param source Where from: `count` elements or more.
   * @param target Where to: another buffer of the same type.
   * @param at Where in the target the first of them goes.
   * @param count How many, 1 or more.
   * @throws {ArgumentError} when they are not there, or do not fit, or both are one buffer.
   * @throws {DtypeError} when the buffers have different elements.
   * @throws {DisposedError} when a buffer has been disposed of.
   */
  copy<T extends ElementType>(source: GpuBuffer<T>, target: GpuBuffer<T>, at: number, count: number): void {
    if (source.type !== target.type) {
      throw new DtypeError(
        `a copy from ${source.type} in buffer ${source.label} to ${target.type} in buffer ${target.label}`,
        "pass buffers of one type",
      );
    }
    const isWhole = Number.isInteger(at) && at >= 0 && Number.isInteger(count) && count >= 1;
    if (!isWhole || count > source.length || at + count > target.length || source.raw === target.raw) {
      throw new ArgumentError(
        `a copy of ${count} elements of buffer ${source.label} with ${source.length} to ${at} in buffer ${target.label} with ${target.length}`,
        "copy from what is there to where there is room, in another buffer",
      );
    }
    this.calls.push({ source, from: 0, target, at, count });
    this.#images.outdate(target.raw);
  }

  /**
   * A matrix as an image. It is copied, or packed by a dispatch of its own where rows are no whole texels, unless that was done since
   * it was last written by this program.
   *
   * @param matrix [rows, columns], row-major.
   * @param rows Its rows.
   * @param columns Its columns.
   * @returns The image; it belongs to the program.
   */
  image(matrix: GpuBuffer<"f32">, rows: number, columns: number): GpuImage {
    return this.#images.of(matrix, rows, columns);
  }

  /**
   * Room for numbers that only this program needs.
   *
   * @param label Name for errors and profilers.
   * @param type Of its elements.
   * @param length Number of elements.
   * @returns The buffer; it belongs to the program.
   */
  scratch<T extends ElementType>(label: string, type: T, length: number): GpuBuffer<T> {
    return this.#resources.use(this.gpu.buffer(label, type, length));
  }

  /** Hands over what it made beside the calls. */
  release(): Disposable {
    return this.#resources.move();
  }

  /** Releases what it made and nobody took. */
  [Symbol.dispose](): void {
    this.#resources.dispose();
  }

  /** Appends a dispatch as several, each on a range of the buffers that are cut. */
  #pushParts({ kernel, buffers, params }: Call, tooLarge: GpuBuffer): void {
    const { cut } = kernel, { bindingBytes } = this.gpu;
    if (cut === undefined) throw cannotBind(kernel, tooLarge, bindingBytes);
    const units = cut.units(params), perUnit = kernel.bindings.map(({ name }) => units[name] ?? 0);
    const whole = buffers.find((one, i) => perUnit[i] === 0 && this.#exceeds(one));
    if (whole !== undefined) throw cannotBind(kernel, whole as GpuBuffer, bindingBytes);
    const lengths = perUnit.filter((elements) => elements > 0);
    for (const part of partsOf(params[cut.along], lengths, bindingBytes, kernel.name)) {
      const bound = buffers.map((one, i) =>
        perUnit[i] === 0 ? one : partOf(one as GpuBuffer, part, perUnit[i])
      );
      this.calls.push({ kernel, buffers: bound, params: { ...params, [cut.along]: part.count } });
    }
  }

  #exceeds(one: Resource): boolean {
    return !(one instanceof GpuImage) && one.byteLength > this.gpu.bindingBytes;
  }
}

function boundResource<B extends string>(
  kernel: Kernel<B>,
  binding: Binding<B>,
  resource?: Resource,
): Resource {
  if (resource === undefined) {
    throw new ArgumentError(
      `kernel ${kernel.name} was given no buffer ${binding.name}`,
      "pass one by that name",
    );
  }
  void resource.raw; // a disposed one is refused here, by name
  const isImage = resource instanceof GpuImage;
  if (isImage !== (binding.image ?? false)) {
    throw new ArgumentError(
      `kernel ${kernel.name} was given ${isImage ? "an image" : "a buffer"} as ${binding.name}`,
      isImage ? "pass a buffer" : "pass an image",
    );
  }
  if (!isImage && resource.type !== binding.type) {
    throw new DtypeError(
      `kernel ${kernel.name} needs ${binding.type} in ${binding.name} and buffer ${resource.label} holds ${resource.type}`,
      "pass another buffer",
    );
  }
  const least = 4 * (binding.uniform ?? 0);
  if (!isImage && resource.length < least) {
    throw new ArgumentError(
      `kernel ${kernel.name} declares ${least} elements of ${binding.name} and buffer ${resource.label} has ${resource.length}`,
      "make the kernel for the sizes at hand",
    );
  }
  return resource;
}

/** WebGPU forbids a buffer that one dispatch both writes and binds a second time. */
function assertNoAlias(kernel: Kernel, buffers: readonly Resource[]): void {
  kernel.bindings.forEach((binding, i) => {
    const other = buffers.findIndex((b, j) => j !== i && b.raw === buffers[i].raw);
    if (binding.access === "read_write" && other >= 0) {
      throw new ArgumentError(
        `kernel ${kernel.name} writes ${binding.name}, and ${kernel.bindings[other].name} is the same buffer`,
        "pass two buffers",
      );
    }
  });
}

const RANGES: Record<ParamType, (x: number) => boolean> = {
  u32: (x) => Number.isInteger(x) && x >= 0 && x <= 0xffffffff,
  i32: (x) => Number.isInteger(x) && x >= -0x80000000 && x <= 0x7fffffff,
  f32: (x) => typeof x === "number",
};

/** Refuses parameters that are missing or out of their type's range. */
export function checkParams(kernel: Kernel, params: Readonly<Record<string, number>>): void {
  for (const [name, type] of Object.entries(kernel.params)) {
    if (!RANGES[type](params[name])) {
      throw new ArgumentError(
        `kernel ${kernel.name} was given ${name} = ${params[name]}`,
        `give a number of type ${type}`,
      );
    }
  }
}
