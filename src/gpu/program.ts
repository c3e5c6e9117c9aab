/**
 * Recorded programs: dispatches that are compiled and bound once, and replayed with one submit.
 *
 * @module
 */
import { imageTexels, packImage } from "../../kernels/image.ts";
import { type Binding, type Grid, type Kernel, type ParamType, wgsl } from "../../kernels/kernel.ts";
import { ELEMENT_BYTES, type GpuBuffer } from "./buffer.ts";
import { DisposableStack } from "./disposable_stack.ts";
import { ArgumentError, DisposedError, DtypeError, KernelError } from "./errors.ts";
import type { Gpu } from "./gpu.ts";
import { GpuImage } from "./image.ts";

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
  readonly calls: Call[] = [];
  /** The device that the program will run on. */
  readonly gpu: Gpu;
  readonly #names = new Map<GPUBuffer, number>();
  readonly #images = new Map<string, GpuImage>();
  /** The images that hold what their buffer holds. */
  readonly #packed = new Map<GPUBuffer, Set<GpuImage>>();
  readonly #resources = new DisposableStack();

  /** Used by {@linkcode Gpu.record}. */
  constructor(gpu: Gpu) {
    this.gpu = gpu;
  }

  /**
   * Appends a dispatch.
   *
   * @param kernel What to run.
   * @param buffers A buffer for each of its bindings, by name.
   * @param params A number for each of its parameters, by name.
   * @returns The call, as a handle for {@linkcode Program.set}.
   * @throws {ArgumentError} when a buffer or parameter is missing or out of range, or a result is an operand as well.
   * @throws {DtypeError} when a buffer has other elements than the binding.
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
    this.calls.push(call);
    kernel.bindings.forEach(({ access }, i) => {
      const written = bound[i];
      if (access === "read_write" && !(written instanceof GpuImage)) this.#packed.delete(written.raw);
    });
    return call;
  }

  /**
   * A matrix as an image. It is packed by a dispatch of its own where nothing packed it since it was last written by this program.
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
      const fours = columns % 4 === 0 && rows * columns > 0;
      const params = { n: imageTexels(rows, columns), rows, columns };
      this.dispatch(packImage(fours), { x: matrix, packed: image }, params);
      this.#packed.set(matrix.raw, fresh.add(image));
    }
    return image;
  }

  /** Hands over what it made beside the calls. */
  release(): Disposable {
    return this.#resources.move();
  }

  /** Releases what it made and nobody took. */
  [Symbol.dispose](): void {
    this.#resources.dispose();
  }

  /** A number for a WebGPU buffer: views of one buffer share it. */
  #nameOf(raw: GPUBuffer): number {
    const name = this.#names.get(raw) ?? this.#names.size;
    this.#names.set(raw, name);
    return name;
  }
}

interface Step {
  readonly call: Call;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly paramsAt: number;
  grid: Grid;
}

/** A recorded sequence of dispatches. Made by {@linkcode Gpu.record}; released by `using`. */
export class Program implements Disposable {
  /** Name for errors and profilers. */
  readonly label: string;
  readonly #gpu: Gpu;
  readonly #steps: Step[];
  readonly #params: GPUBuffer | undefined;
  readonly #resources: Disposable;
  #submitted = false;
  #disposed = false;

  private constructor(
    gpu: Gpu,
    label: string,
    steps: Step[],
    params: GPUBuffer | undefined,
    resources: Disposable,
  ) {
    this.label = label;
    this.#resources = resources;
    this.#gpu = gpu;
    this.#steps = steps;
    this.#params = params;
  }

  /** Used by {@linkcode Gpu.record}: compiles all kernels side by side and binds their buffers. */
  static async make(gpu: Gpu, label: string, recorder: Recorder): Promise<Program> {
    const { calls } = recorder;
    const pipelines = await Promise.all(calls.map((call) => gpu.pipelines.get(call.kernel)));
    const stride = paramStride(calls, gpu.device.limits.minUniformBufferOffsetAlignment);
    const params = calls.length === 0 ? undefined : gpu.device.createBuffer({
      label: `${label} parameters`,
      size: stride * calls.length,
      usage: 0x40 | 0x8, /* UNIFORM | COPY_DST */
    });
    const steps = calls.map((call, i) => ({
      call,
      pipeline: pipelines[i].compute,
      group: bind(gpu, call, pipelines[i].layout, params!, i * stride),
      paramsAt: i * stride,
      grid: call.kernel.workgroups(call.params),
    }));
    const program = new Program(gpu, label, steps, params, recorder.release());
    for (const step of steps) program.#upload(step);
    return program;
  }

  /** How many dispatches one run makes. */
  get length(): number {
    return this.#steps.length;
  }

  /**
   * Changes parameters of one dispatch, for the runs that are submitted afterwards.
   *
   * @param call What {@linkcode Recorder.dispatch} returned.
   * @param params The ones that change, by name.
   * @throws {ArgumentError} when one is unknown or out of range.
   * @throws {DisposedError} when the program has been disposed of.
   */
  set(call: Call, params: Readonly<Record<string, number>>): void {
    this.#assertAlive();
    const step = this.#steps.find((s) => s.call === call);
    if (step === undefined) {
      throw new ArgumentError(`program ${this.label} holds no such call`, "set its own calls");
    }
    const unknown = Object.keys(params).find((name) => !Object.hasOwn(call.kernel.params, name));
    if (unknown !== undefined) {
      throw new ArgumentError(
        `kernel ${call.kernel.name} has no parameter ${unknown}`,
        `use one of ${Object.keys(call.kernel.params).join(", ")}`,
      );
    }
    const all = { ...call.params, ...params };
    checkParams(call.kernel, all);
    call.params = all;
    step.grid = call.kernel.workgroups(all);
    this.#upload(step);
  }

  /**
   * Runs the program, `times` times in a row, with one submit.
   *
   * @param times How often.
   * @throws {DisposedError} when it or one of its buffers has been disposed of.
   */
  submit(times = 1): void {
    this.#assertAlive();
    const encode = () => {
      const encoder = this.#gpu.device.createCommandEncoder({ label: this.label });
      const pass = encoder.beginComputePass({ label: this.label });
      for (let i = 0; i < times; i++) this.#encode(pass);
      pass.end();
      this.#gpu.device.queue.submit([encoder.finish()]);
    };
    // What WebGPU accepts once it accepts again: the calls are the same. So only the first run pays for an error scope.
    if (this.#submitted) return encode();
    this.#submitted = true;
    this.#gpu.checked(encode, (message) => new KernelError(this.label, this.#sources(), message));
  }

  /** Releases its parameters; the buffers it works on belong to others. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#params?.destroy();
    this.#resources[Symbol.dispose]();
  }

  #encode(pass: GPUComputePassEncoder): void {
    for (const { pipeline, group, grid } of this.#steps) {
      if (grid[0] === 0 || grid[1] === 0 || grid[2] === 0) continue;
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
    }
  }

  #upload({ call, paramsAt }: Step): void {
    const entries = Object.entries(call.kernel.params);
    if (entries.length === 0) return;
    const bytes = new DataView(new ArrayBuffer(structSize(entries.length)));
    entries.forEach(([name, type], i) => setParam(bytes, i * ELEMENT_BYTES, type, call.params[name]));
    this.#gpu.device.queue.writeBuffer(this.#params!, paramsAt, bytes.buffer);
  }

  #assertAlive(): void {
    if (this.#disposed) {
      throw new DisposedError(
        `program ${this.label} was used after it had been disposed of`,
        "keep it in scope",
      );
    }
    for (const { call } of this.#steps) for (const buffer of call.buffers) void buffer.raw;
  }

  #sources(): string {
    return this.#steps.map(({ call }) => wgsl(call.kernel)).join("\n");
  }
}

function bind(
  gpu: Gpu,
  call: Call,
  layout: GPUBindGroupLayout,
  params: GPUBuffer,
  paramsAt: number,
): GPUBindGroup {
  const resources: GPUBindingResource[] = call.buffers.map((resource) =>
    resource instanceof GpuImage ? resource.view : bufferBinding(resource)
  );
  for (const [name, words] of Object.entries(call.kernel.tables ?? {})) {
    resources.push(gpu.table(name, words, call.kernel.tableStore));
  }
  const count = Object.keys(call.kernel.params).length;
  if (count > 0) resources.push({ buffer: params, offset: paramsAt, size: structSize(count) });
  const entries = resources.map((resource, binding) => ({ binding, resource }));
  return gpu.checked(
    () => gpu.device.createBindGroup({ label: call.kernel.name, layout, entries }),
    (message) => new KernelError(call.kernel.name, wgsl(call.kernel), message),
  );
}

function bufferBinding(buffer: GpuBuffer): GPUBufferBinding {
  return {
    buffer: buffer.raw,
    offset: buffer.offset * ELEMENT_BYTES,
    size: Math.max(buffer.byteLength, ELEMENT_BYTES), // an empty buffer has room for one element
  };
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

function checkParams(kernel: Kernel, params: Readonly<Record<string, number>>): void {
  for (const [name, type] of Object.entries(kernel.params)) {
    if (!RANGES[type](params[name])) {
      throw new ArgumentError(
        `kernel ${kernel.name} was given ${name} = ${params[name]}`,
        `give a number of type ${type}`,
      );
    }
  }
}

function setParam(bytes: DataView, at: number, type: ParamType, value: number): void {
  if (type === "f32") bytes.setFloat32(at, value, true);
  else if (type === "u32") bytes.setUint32(at, value, true);
  else bytes.setInt32(at, value, true);
}

/** Bytes of a uniform struct of that many 4-byte members, rounded up to 16 as uniform buffers want it. */
function structSize(members: number): number {
  return Math.ceil(members * ELEMENT_BYTES / 16) * 16;
}

/** Distance between the parameters of one dispatch and those of the next. */
function paramStride(calls: readonly Call[], alignment: number): number {
  const largest = Math.max(1, ...calls.map((call) => structSize(Object.keys(call.kernel.params).length)));
  return Math.ceil(largest / alignment) * alignment;
}
