/**
 * The device that the tests of one file share, and kernels run on it by one call.
 *
 * Without an adapter every test that asks for the device fails, with the text that says what to install: a suite that skips
 * proves nothing.
 *
 * @module
 */
import {
  type Binding,
  image,
  IMAGE_AT,
  IMAGE_WIDTH,
  type Kernel,
  linearGrid,
  writes,
} from "../kernels/mod.ts";
import {
  Gpu,
  type GpuBuffer,
  GpuImage,
  type HostArray,
  type Program,
  type Recorder,
  type Resource,
} from "../src/gpu/mod.ts";

/** What kernels give back: the bits of a float32 or of a u32 in every element. */
export type Output = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** What a kernel's buffers and images hold before it runs: the elements, or how many zeros. Images take fours. */
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
 * @param inputs For each of its buffers and images the elements before, or how many zeros.
 * @param params Its parameters.
 * @returns What the buffers and images that it writes hold after it, by name.
 */
export async function runKernel<B extends string, P extends string>(
  gpu: Gpu,
  kernel: Kernel<B, P>,
  inputs: Inputs<B>,
  params: Readonly<Record<P, number>>,
): Promise<Record<B, Output>> {
  return (await runCases(gpu, [{ kernel, inputs, params }]))[0];
}

/** Runs many kernels, each on buffers and images of its own, with one submit and one wait. */
export async function runCases<B extends string, P extends string>(
  gpu: Gpu,
  cases: readonly Case<B, P>[],
): Promise<Record<B, Output>[]> {
  using stack = new DisposableStack();
  const bound = cases.map(({ kernel, inputs }) =>
    Object.fromEntries(
      kernel.bindings.map((b) => [b.name, stack.use(makeResource(gpu, b, inputs[b.name]))]),
    ) as Record<B, Resource>
  );
  const results = cases.map(({ kernel }, i) =>
    kernel.bindings.filter((b) => b.access === "read_write").map(({ name }) => {
      const resource: Resource = bound[i][name];
      const buffer = resource instanceof GpuImage
        ? stack.use(gpu.buffer(name, "f32", 4 * resource.texels))
        : resource;
      return { name, resource, buffer };
    })
  );
  const program: Program = stack.use(
    await gpu.record("test", (r) => {
      cases.forEach(({ kernel, params }, i) => r.dispatch(kernel, bound[i], params));
      for (const { resource, buffer } of results.flat()) {
        if (resource instanceof GpuImage) imageAsBuffer(r, resource, buffer);
      }
    }),
  );
  program.submit();
  const read = await gpu.readAll(results.flat().map(({ buffer }) => buffer)) as Output[];
  return results.map((outputs) =>
    Object.fromEntries(outputs.map(({ name }) => [name, read.shift()])) as Record<B, Output>
  );
}

/**
 * Appends the copy of an image's texels into a buffer: images themselves cannot be read back.
 *
 * @param r Where.
 * @param packed The image.
 * @param x A buffer of four elements for each of its texels.
 */
export function imageAsBuffer(r: Recorder, packed: GpuImage, x: GpuBuffer): void {
  r.dispatch(unpackImage, { packed, x }, { n: packed.texels });
}

const unpackImage: Kernel<"packed" | "x", "n"> = {
  name: "unpack_image",
  bindings: [image("packed", "read"), { ...writes("x"), lanes: 4 }],
  params: { n: "u32" },
  body: `${IMAGE_AT}
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) ids: vec3<u32>) {
  let i = id.y * ids.x + id.x;
  if (i < p.n) { x[i] = textureLoad(packed, image_at(i)); }
}`,
  workgroups: ({ n }) => linearGrid(n),
};

function makeResource(gpu: Gpu, binding: Binding, input: HostArray | number): Resource {
  const { name, type } = binding, length = typeof input === "number" ? input : input.length;
  if (!binding.image) return gpu.buffer(name, type, length, typeof input === "number" ? undefined : input);
  const made = gpu.image(name, length / 4);
  if (typeof input !== "number") fillImage(gpu, made, input);
  return made;
}

/** Fills an image row by row. */
function fillImage(gpu: Gpu, { raw, texels }: GpuImage, data: HostArray): void {
  for (let first = 0; first < texels; first += IMAGE_WIDTH) {
    const width = Math.min(IMAGE_WIDTH, texels - first);
    gpu.device.queue.writeTexture(
      { texture: raw, origin: [0, first / IMAGE_WIDTH] },
      data.subarray(4 * first, 4 * (first + width)),
      { bytesPerRow: width * 16 },
      [width, 1],
    );
  }
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
