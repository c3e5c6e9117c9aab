import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { imageTexels, isWorthPadding, packImage, packImagePart, padRows } from "../../kernels/mod.ts";
import { type Gpu, isCopy, Recorder } from "../../src/gpu/mod.ts";
import { f32, imageAsBuffer, runCases, testGpu } from "../gpu_fixture.ts";
import { openSmall } from "../gpu/small_binding.ts";
import { uniformInputs } from "../oracle/random.ts";

type Matrix = readonly [rows: number, columns: number];

/** Rows that are whole texels and rows that are not, shorter and longer than a vector has lanes; texels in one row of an image and more. */
const SHAPES: readonly Matrix[] = [
  ...[1, 2, 3, 4, 5, 7, 31, 32, 33, 37].map((columns): Matrix => [5, columns]),
  [1, 16385],
  [1000, 33],
  [61, 1021],
];

/** A matrix as an image holds it, from its definition: rows filled up with zeros to fours. */
function packedOnHost(x: Float32Array, [rows, columns]: Matrix): Float32Array<ArrayBuffer> {
  const across = 4 * Math.ceil(columns / 4), packed = new Float32Array(rows * across);
  for (let r = 0; r < rows; r++) packed.set(x.subarray(r * columns, (r + 1) * columns), r * across);
  return packed;
}

function numbers([rows, columns]: Matrix, seed: number): Float32Array<ArrayBuffer> {
  return f32(uniformInputs(rows * columns, seed));
}

Deno.test("pack_image: rows filled up with zeros, every texel of them", async () => {
  const cases = SHAPES.map((shape) => ({
    kernel: packImage,
    inputs: { x: numbers(shape, 1), packed: 4 * imageTexels(...shape) },
    params: { n: imageTexels(...shape), rows: shape[0], columns: shape[1] },
  }));
  const results = await runCases(await testGpu(), cases);
  SHAPES.forEach((shape, i) => assertEquals(results[i].packed, packedOnHost(cases[i].inputs.x, shape)));
});

Deno.test("pack_image_part: into the texels from the first on, and no others", async () => {
  const shape: Matrix = [5, 7], n = imageTexels(...shape), first = 4095;
  const cases = [{
    kernel: packImagePart,
    inputs: { x: numbers(shape, 1), packed: f32(Array(4 * (first + n + 1)).fill(9)) },
    params: { n, rows: 5, columns: 7, first },
  }];
  const [{ packed }] = await runCases(await testGpu(), cases);
  const expected = cases[0].inputs.packed.slice();
  expected.set(packedOnHost(cases[0].inputs.x, shape), 4 * first);
  assertEquals(packed, expected);
});

Deno.test("pad_rows: as pack_image, whatever fills the last texel", async () => {
  const cases = SHAPES.map((shape) => {
    const flat = f32(Array(4 * Math.ceil(shape[0] * shape[1] / 4)).fill(NaN));
    flat.set(numbers(shape, 1));
    return {
      kernel: padRows,
      inputs: { flat, padded: 4 * imageTexels(...shape) },
      params: { rows: shape[0], columns: shape[1] },
    };
  });
  const results = await runCases(await testGpu(), cases);
  SHAPES.forEach((shape, i) => assertEquals(results[i].padded, packedOnHost(numbers(shape, 1), shape)));
});

/** What the images of a program hold that packs matrices one after the other, and what it recorded for each. */
async function packAll(gpu: Gpu, shapes: readonly Matrix[]): Promise<string[]> {
  const before = gpu.memory, steps: string[] = [];
  {
    using stack = new DisposableStack();
    const matrices = shapes.map((shape, i) =>
      stack.use(
        gpu.buffer(`m${i}`, "f32", 64 + shape[0] * shape[1], f32([...Array(64), ...numbers(shape, i)])),
      )
    );
    const outputs = shapes.map((shape) => stack.use(gpu.buffer("out", "f32", 4 * imageTexels(...shape))));
    using program = await gpu.record("pack", (r) =>
      shapes.forEach((shape, i) => {
        const from = r.calls.length, view = matrices[i].view(64, shape[0] * shape[1]);
        const packed = r.image(view, ...shape);
        steps.push(r.calls.slice(from).map((call) => isCopy(call) ? "copy" : call.kernel.name).join(", "));
        imageAsBuffer(r, packed, outputs[i]);
      }));
    program.submit();
    const read = await gpu.readAll(outputs);
    shapes.forEach((shape, i) =>
      assertEquals(
        read[i],
        packedOnHost(numbers(shape, i), shape),
        `${shape.join("x")} in ${shapes.join(" ")}`,
      )
    );
  }
  assertEquals(gpu.memory, before, "all of it is released");
  return steps;
}

const PADDED = "copy, pad_rows, copy", PADDED_WITH_REST = "copy, pad_rows, copy, copy";

Deno.test("a matrix is copied where its rows are whole texels, padded between copies where it is large, else packed", async () => {
  const shapes: Matrix[] = [
    [64, 512],
    [9, 7],
    [65, 509],
    [64, 507],
    [63, 521],
    [702, 127],
    [64, 509],
    [9000, 3],
  ];
  assertEquals(await packAll(await testGpu(), shapes), [
    "copy",
    "pack_image",
    PADDED_WITH_REST,
    "pack_image",
    PADDED_WITH_REST,
    PADDED_WITH_REST,
    PADDED,
    "pack_image",
  ]);
});

Deno.test("matrices that are padded in one program share the way, whichever is larger", async () => {
  const gpu = await testGpu();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 64, max: 130 }), fc.integer({ min: 509, max: 800 })), {
        minLength: 2,
        maxLength: 3,
      }),
      async (shapes) => void await packAll(gpu, shapes),
    ),
    { numRuns: 12, seed: 6 },
  );
  using large = gpu.buffer("large", "f32", 130 * 509);
  using small = gpu.buffer("small", "f32", 128 * 509);
  using r = new Recorder(gpu);
  r.image(large, 130, 509);
  const { buffers } = gpu.memory;
  r.image(small, 128, 509);
  assertEquals(gpu.memory.buffers, buffers + 1, "an image, and nothing on its way");
});

Deno.test("a matrix that can be bound is packed where it could not be once its rows were filled up", async () => {
  const shape: Matrix = [256, 129], bytes = 4 * shape[0] * shape[1];
  assert(isWorthPadding(...shape) && 16 * imageTexels(...shape) > bytes);
  using small = await openSmall(bytes);
  using matrix = small.buffer("matrix", "f32", shape[0] * shape[1]);
  using r = new Recorder(small);
  r.image(matrix, ...shape);
  assertEquals(r.calls.map((call) => isCopy(call) ? "copy" : call.kernel.name), ["pack_image"]);
});
