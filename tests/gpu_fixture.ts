/**
 * The device that the tests of one file share, and kernels run on it by one call.
 *
 * Without an adapter every test that asks for the device fails, with the text that says what to install: a suite that skips
 * proves nothing.
 *
 * @module
 */
import type { Binding, Kernel } from "../kernels/mod.ts";
import { Gpu, type GpuBuffer, type HostArray, type Program } from "../src/gpu/mod.ts";

/** What kernels give back: the bits of a float32 or of a u32 in every element. */
export type Output = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** What a kernel's buffers hold before it runs: the elements, or how many zeros. */
export type Inputs<B extends string> = Readonly<Record<B, HostArray | number>>;

/** One kernel with all that it needs. */
export interface Case<B extends string = string, P extends string = string> {
  /** What runs. */
  kernel: Kernel<B, P>;
  /** On which data. */
  inputs: Inputs<B>;
  /** With which parameters. */
  params: Readonly<Record<P, number>>;
}

let shared: Promise<Gpu> | undefined;
const warnings: string[] = [];

/** The file's device, opened when it is first asked for and closed after the last test. */
export function testGpu(): Promise<Gpu> {
  return shared ??= Gpu.open({ label: "tests", warn: (message) => warnings.push(message) });
}

Deno.test.afterAll(async () => {
  (await shared?.catch(() => undefined))?.[Symbol.dispose]();
  if (warnings.length > 0) throw new Error(warnings.join("\n")); // a test left buffers open
});

/**
 * Runs a kernel once.
 *
 * @param gpu Where.
 * @param kernel What.
 * @param inputs For each of its buffers the elements before, or how many zeros.
 * @param params Its parameters.
 * @returns What the buffers that it writes hold after it, by name.
 */
export async function runKernel<B extends string, P extends string>(
  gpu: Gpu,
  kernel: Kernel<B, P>,
  inputs: Inputs<B>,
  params: Readonly<Record<P, number>>,
): Promise<Record<B, Output>> {
  return (await runCases(gpu, [{ kernel, inputs, params }]))[0];
}

/** Runs many kernels, each on buffers of its own, with one submit and one wait. */
export async function runCases<B extends string, P extends string>(
  gpu: Gpu,
  cases: readonly Case<B, P>[],
): Promise<Record<B, Output>[]> {
  using stack = new DisposableStack();
  const bound = cases.map(({ kernel, inputs }) =>
    Object.fromEntries(
      kernel.bindings.map((b) => [b.name, stack.use(makeBuffer(gpu, b, inputs[b.name]))]),
    ) as Record<B, GpuBuffer>
  );
  const program: Program = stack.use(
    await gpu.record("test", (r) => {
      cases.forEach(({ kernel, params }, i) => r.dispatch(kernel, bound[i], params));
    }),
  );
  program.submit();
  const written = cases.map(({ kernel }) => kernel.bindings.filter((b) => b.access === "read_write"));
  const buffers: GpuBuffer[] = written.flatMap((bindings, i) => bindings.map((b) => bound[i][b.name]));
  const results = await gpu.readAll(buffers) as Output[];
  return written.map((bindings) =>
    Object.fromEntries(bindings.map((b) => [b.name, results.shift()])) as Record<B, Output>
  );
}

function makeBuffer(gpu: Gpu, { name, type }: Binding, input: HostArray | number): GpuBuffer {
  return typeof input === "number"
    ? gpu.buffer(name, type, input)
    : gpu.buffer(name, type, input.length, input);
}

/** The bits of each element. */
export function bitsOf(values: Output): Uint32Array<ArrayBuffer> {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** float32 elements from any numbers. */
export function f32(values: ArrayLike<number>): Float32Array<ArrayBuffer> {
  return Float32Array.from(values);
}

/** u32 elements from any numbers. */
export function u32(values: ArrayLike<number>): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(values);
}
