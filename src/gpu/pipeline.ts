/**
 * Kernels to pipelines: compiled once for each source, however many ask at the same time, with errors that say where.
 *
 * @module
 */
import { type Binding, type Kernel, wgsl } from "../../kernels/kernel.ts";
import { KernelError } from "./errors.ts";

/** A compiled kernel with its explicit layout. */
export interface Pipeline {
  /** What runs. */
  readonly compute: GPUComputePipeline;
  /** What a bind group for it must look like. */
  readonly layout: GPUBindGroupLayout;
}

/** All pipelines of one device. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<string, Promise<Pipeline>>();
  #compiled = 0;

  /**
   * An empty cache.
   *
   * @param device The device that the pipelines are for.
   */
  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** How many pipelines have been compiled so far. */
  get compiled(): number {
    return this.#compiled;
  }

  /**
   * The pipeline of a kernel, compiled if no kernel with the same text has been.
   *
   * @param kernel The kernel.
   * @returns Its pipeline.
   * @throws {KernelError} when it does not compile; with the kernel's name, the line and its text.
   */
  get(kernel: Kernel): Promise<Pipeline> {
    const source = wgsl(kernel);
    const known = this.#pipelines.get(source);
    if (known !== undefined) return known;
    const made = this.#compile(kernel, source);
    this.#pipelines.set(source, made);
    // A failure is not kept: the next request tries again and gets its own error.
    made.catch(() => this.#pipelines.delete(source));
    return made;
  }

  async #compile(kernel: Kernel, source: string): Promise<Pipeline> {
    const device = this.#device, label = kernel.name;
    this.#compiled++;
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label, code: source });
    const moduleError = device.popErrorScope();
    device.pushErrorScope("validation");
    const layout = device.createBindGroupLayout({ label, entries: layoutEntries(kernel) });
    const compute = device.createComputePipelineAsync({
      label,
      layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main" },
    });
    const layoutError = device.popErrorScope();
    // Settled, not awaited in turn: the compiler's own message explains more than the pipeline's rejection.
    const [pipeline, scopes] = await Promise.all([settle(compute), Promise.all([moduleError, layoutError])]);
    const failed = firstMessage([...scopes, pipeline.error]);
    if (pipeline.value !== undefined && failed === undefined) return { compute: pipeline.value, layout };
    // Only now: it costs a turn, and not every runtime has it.
    const messages = await compilerMessages(module, source);
    const said = messages.length > 0 ? messages.join(" | ") : failed;
    throw new KernelError(label, source, said ?? "no pipeline was made");
  }
}

type ResourceLayout = Omit<GPUBindGroupLayoutEntry, "binding" | "visibility">;

const UNIFORM_BUFFER: ResourceLayout = { buffer: { type: "uniform" } };

const TABLE_IMAGE: ResourceLayout = {
  storageTexture: { access: "read-only", format: "rgba32uint", viewDimension: "1d" },
};

/** Layout of a kernel's bind group: its bindings, its tables, its parameters. */
function layoutEntries(kernel: Kernel): GPUBindGroupLayoutEntry[] {
  const table = kernel.tableStore === "image" ? TABLE_IMAGE : UNIFORM_BUFFER;
  const layouts = [
    ...kernel.bindings.map(resourceLayout),
    ...Object.keys(kernel.tables ?? {}).map(() => table),
  ];
  if (Object.keys(kernel.params).length > 0) layouts.push(UNIFORM_BUFFER);
  return layouts.map((layout, binding) => ({
    binding,
    visibility: 4, /* GPUShaderStage.COMPUTE */
    ...layout,
  }));
}

function resourceLayout({ access, image, uniform }: Binding): ResourceLayout {
  if (image) {
    return {
      storageTexture: { access: access === "read" ? "read-only" : "write-only", format: "rgba32float" },
    };
  }
  if (uniform !== undefined) return UNIFORM_BUFFER;
  return { buffer: { type: access === "read" ? "read-only-storage" : "storage" } };
}

/** The compiler's errors, each with its line. Deno reports none here: its message comes through the error scope. */
async function compilerMessages(module: GPUShaderModule, source: string): Promise<string[]> {
  const info = await module.getCompilationInfo();
  const lines = source.split("\n");
  return (info.messages ?? []).filter((m) => m.type === "error").map((m) =>
    `line ${m.lineNum}: ${oneLine(m.message)} in "${(lines[m.lineNum - 1] ?? "").trim()}"`
  );
}

async function settle<T>(promise: Promise<T>): Promise<{ value?: T; error?: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

/** The first error's text on one line; a caret drawing (`wgsl:3:7`) keeps its line number. */
function firstMessage(errors: unknown[]): string | undefined {
  const first = errors.find((e) => e !== null && e !== undefined) as { message?: string } | undefined;
  return first === undefined ? undefined : oneLine(String(first.message ?? first));
}

/** A message of several lines as one. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ").replace(/\s{2,}/g, " ");
}
