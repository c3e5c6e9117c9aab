/**
 * Recorded programs: dispatches that are compiled and bound once, and replayed with one submit.
 *
 * @module
 */
import { type Binding, type Grid, type ParamType, wgsl } from "../../kernels/kernel.ts";
import { ELEMENT_BYTES, type GpuBuffer } from "./buffer.ts";
import { commandBuffers } from "./command_buffers.ts";
import { type Copy, encodeCopy, isCopy, nameOfCopy } from "./copy.ts";
import { ArgumentError, DisposedError, KernelError } from "./errors.ts";
import type { Gpu } from "./gpu.ts";
import { GpuImage } from "./image.ts";
import { clockDispatches, type DispatchTime, timeDispatches, type TimedStep } from "./profile.ts";
import { type Call, checkParams, type Recorder } from "./recorder.ts";

/** A dispatch, ready to be encoded. */
interface Dispatch {
  readonly call: Call;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly paramsAt: number;
  grid: Grid;
}

type Step = Dispatch | Copy;

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
    const calls = recorder.calls.filter((call): call is Call => !isCopy(call));
    const pipelines = await Promise.all(calls.map((call) => gpu.pipelines.get(call.kernel)));
    const stride = paramStride(calls, gpu.device.limits.minUniformBufferOffsetAlignment);
    const params = calls.length === 0 ? undefined : gpu.device.createBuffer({
      label: `${label} parameters`,
      size: stride * calls.length,
      usage: 0x40 | 0x8, /* UNIFORM | COPY_DST */
    });
    const dispatches = calls.map((call, i) => ({
      call,
      pipeline: pipelines[i].compute,
      group: bind(gpu, call, pipelines[i].layout, params!, i * stride),
      paramsAt: i * stride,
      grid: call.kernel.workgroups(call.params),
    }));
    let next = 0;
    const steps = recorder.calls.map((call) => isCopy(call) ? call : dispatches[next++]);
    const program = new Program(gpu, label, steps, params, recorder.release());
    for (const step of dispatches) program.#upload(step);
    return program;
  }

  /** How many dispatches and copies one run makes. */
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
    const step = this.#steps.find((s) => !isCopy(s) && s.call === call) as Dispatch | undefined;
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
    const { device } = this.#gpu;
    const encodeAll = () => {
      const steps = Array.from({ length: times }, () => this.#steps).flat();
      device.queue.submit(
        commandBuffers(device, this.label, steps, (encoder, some) => encode(encoder, this.label, some)),
      );
    };
    // What WebGPU accepts once it accepts again: the calls are the same. So only the first run pays for an error scope.
    if (this.#submitted) return encodeAll();
    this.#submitted = true;
    this.#gpu.checked(encodeAll, (message) => new KernelError(this.label, this.#sources(), message));
  }

  /**
   * Runs the program `times` times in a row, as {@linkcode Program.submit} does, with every dispatch in a pass of its own between two
   * timestamps. That costs time: take the shares from here and the whole from the clock.
   *
   * @param times How often; 1 unless given.
   * @returns A time for each dispatch that had work, in order.
   * @throws {LimitError} when the device was opened without the feature "timestamp-query".
   * @throws {DisposedError} when it or one of its buffers has been disposed of.
   * @throws {DeviceLostError} when the device is lost.
   */
  async profile(times = 1): Promise<DispatchTime[]> {
    this.#assertAlive();
    const once = this.#timed();
    return await timeDispatches(this.#gpu, this.label, Array.from({ length: times }, () => once).flat());
  }

  /**
   * Times every dispatch by the host's clock, each by itself and many times over. What the program changes in place is worthless
   * afterwards.
   *
   * @param seconds Least duration of a measurement; 0.02 unless given.
   * @returns A time for each dispatch that had work, in order.
   * @throws {DisposedError} when it or one of its buffers has been disposed of.
   * @throws {DeviceLostError} when the device is lost.
   */
  async clock(seconds = 0.02): Promise<DispatchTime[]> {
    this.#assertAlive();
    return await clockDispatches(this.#gpu, this.label, this.#timed(), seconds);
  }

  /** Releases its parameters; the buffers it works on belong to others. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#params?.destroy();
    this.#resources[Symbol.dispose]();
  }

  #timed(): TimedStep[] {
    return this.#steps.filter((step) => isCopy(step) || !step.grid.includes(0)).map((step) => ({
      kernel: isCopy(step) ? nameOfCopy(step) : step.call.kernel.name,
      inPass: !isCopy(step),
      encode: (encoder, times, timestampWrites) =>
        encode(encoder, this.label, Array.from({ length: times }, () => step), timestampWrites),
    }));
  }

  #upload({ call, paramsAt }: Dispatch): void {
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
    for (const step of this.#steps) {
      for (const resource of isCopy(step) ? [step.source, step.target] : step.call.buffers) void resource.raw;
    }
  }

  #sources(): string {
    return this.#steps.flatMap((step) => isCopy(step) ? [] : wgsl(step.call.kernel)).join("\n");
  }
}

/** Dispatches that follow one another share a pass; a copy stands between two. */
function encode(
  encoder: GPUCommandEncoder,
  label: string,
  steps: readonly Step[],
  timestampWrites?: GPUComputePassTimestampWrites,
): void {
  let pass: GPUComputePassEncoder | undefined;
  for (const step of steps) {
    if (isCopy(step)) {
      pass?.end();
      pass = undefined;
      encodeCopy(encoder, step);
    } else if (!step.grid.includes(0)) {
      pass ??= encoder.beginComputePass({ label, timestampWrites });
      pass.setPipeline(step.pipeline);
      pass.setBindGroup(0, step.group);
      pass.dispatchWorkgroups(...step.grid);
    }
  }
  pass?.end();
}

function bind(
  gpu: Gpu,
  call: Call,
  layout: GPUBindGroupLayout,
  params: GPUBuffer,
  paramsAt: number,
): GPUBindGroup {
  const resources: GPUBindingResource[] = call.buffers.map((resource, i) =>
    resource instanceof GpuImage ? resource.view : bufferBinding(resource, call.kernel.bindings[i])
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

function bufferBinding(buffer: GpuBuffer, { uniform }: Binding): GPUBufferBinding {
  return {
    buffer: buffer.raw,
    offset: buffer.offset * ELEMENT_BYTES,
    // An empty buffer has room for one element; a buffer may be longer than what a uniform declares.
    size: uniform === undefined ? Math.max(buffer.byteLength, ELEMENT_BYTES) : 4 * uniform * ELEMENT_BYTES,
  };
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
