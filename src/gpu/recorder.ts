/**
 * What a program is recorded with: its dispatches in order, each checked when it is recorded.
 *
 * @module
 */
import { imageTexels, isWorthPadding, packImage, packImagePart, padRows } from "../../kernels/image.ts";
import type { Binding, ElementType, Kernel, ParamType } from "../../kernels/kernel.ts";
import type { GpuBuffer } from "./buffer.ts";
import type { Copy } from "./copy.ts";
import { DisposableStack } from "./disposable_stack.ts";
import { ArgumentError, DtypeError } from "./errors.ts";
import type { Gpu } from "./gpu.ts";
import { GpuImage, TEXEL_BYTES } from "./image.ts";
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

/** Where a matrix is between its buffer and its image, if that takes several steps. */
interface Between {
  /** As it lies, four numbers a texel. */
  readonly flat: GpuImage;
  /** Its rows filled up to whole texels. */
  readonly padded: GpuBuffer<"f32">;
}

/** Collects the dispatches of a program, in order. Each sees what the ones before it wrote. */
export class Recorder implements Disposable {
  /** What has been recorded so far. */
  readonly calls: (Call | Copy)[] = [];
  /** The device that the program will run on. */
  readonly gpu: Gpu;
  readonly #names = new Map<GPUBuffer, number>();
  readonly #images = new Map<string, GpuImage>();
  /** The images that hold what their buffer holds. */
  readonly #packed = new Map<GPUBuffer, Set<GpuImage>>();
  readonly #resources = new DisposableStack();
  /** Made when it is first needed. */
  #onTheWay: Between | undefined;

  /** Used by {@linkcode Gpu.record}. */
  constructor(gpu: Gpu) {
    this.gpu = gpu;
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
      if (access === "read_write" && !(written instanceof GpuImage)) this.#packed.delete(written.raw);
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
    this.#packed.delete(target.raw);
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
    const key = `${this.#nameOf(matrix.raw)} ${matrix.offset} ${rows} ${columns}`;
    let image = this.#images.get(key);
    if (image === undefined) {
      image = this.#resources.use(this.gpu.image(`${matrix.label} packed`, imageTexels(rows, columns)));
      this.#images.set(key, image);
    }
    const fresh = this.#packed.get(matrix.raw) ?? new Set();
    if (!fresh.has(image)) {
      if (columns % 4 === 0) this.calls.push({ source: matrix, target: image, texels: image.texels });
      else this.#pack(matrix, image, rows, columns);
      this.#packed.set(matrix.raw, fresh.add(image));
    }
    return image;
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

  #pack(matrix: GpuBuffer<"f32">, image: GpuImage, rows: number, columns: number): void {
    if (this.#exceeds(matrix)) return this.#packParts(matrix, image, rows, columns);
    const isBindable = image.texels * TEXEL_BYTES <= this.gpu.bindingBytes;
    if (isBindable && isWorthPadding(rows, columns)) return this.#packPadded(matrix, image, rows, columns);
    this.dispatch(packImage, { x: matrix, packed: image }, { n: image.texels, rows, columns });
  }

  /** Its rows filled up on the way, between two copies. */
  #packPadded(matrix: GpuBuffer<"f32">, image: GpuImage, rows: number, columns: number): void {
    const { texels } = image, { flat, padded } = this.#wayFor(matrix.label, texels);
    const count = rows * columns, rest = count % 4, from = count - rest;
    this.calls.push({ source: matrix, target: flat, texels: from / 4 });
    this.dispatch(padRows, { flat, padded }, { rows, columns });
    // The last few numbers are no texel: they go to their place in the last row as they are.
    const at = 4 * texels - imageTexels(1, columns) * 4 + columns - rest;
    if (rest > 0) this.calls.push({ source: matrix, from, target: padded, at, count: rest });
    this.calls.push({ source: padded, target: image, texels });
  }

  /** Where a matrix is on its way into an image of so many texels: one place for all, if the first is the largest. */
  #wayFor(label: string, texels: number): Between {
    if (this.#onTheWay === undefined || this.#onTheWay.flat.texels < texels) {
      const flat = this.#resources.use(this.gpu.image(`${label} as it lies`, texels));
      this.#onTheWay = { flat, padded: this.scratch(`${label} padded`, "f32", 4 * texels) };
    }
    return this.#onTheWay;
  }

  /** Some rows after the other, where it is too large to be bound whole. */
  #packParts(matrix: GpuBuffer<"f32">, image: GpuImage, rows: number, columns: number): void {
    for (const part of partsOf(rows, [columns], this.gpu.bindingBytes, matrix.label)) {
      const x = partOf(matrix, part, columns),
        [n, first] = [part.count, part.first].map((r) => imageTexels(r, columns));
      this.dispatch(packImagePart, { x, packed: image }, { n, rows: part.count, columns, first });
    }
  }

  /** A number for a WebGPU buffer: views of one buffer share it. */
  #nameOf(raw: GPUBuffer): number {
    const name = this.#names.get(raw) ?? this.#names.size;
    this.#names.set(raw, name);
    return name;
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
