/**
 * Operands for the matrix products: made as they are meant, stored as each form wants them.
 *
 * @module
 */
import {
  DEFAULT_TILE,
  IMAGE_TILE,
  type MatmulEpilogue,
  type MatmulForm,
  type MatmulTile,
  type MatmulVariant,
  matmulVariant,
} from "../../kernels/mod.ts";
import { type Gpu, type GpuBuffer, type MatmulSizes, recordMatmul } from "../../src/gpu/mod.ts";

export { DEFAULT_TILE };

/** All forms. */
export const FORMS: readonly MatmulForm[] = ["nn", "tn", "nt"];

/** The default tile, a smaller one, and one whose numbers divide no power of two. */
export const TILES: readonly MatmulTile[] = [
  DEFAULT_TILE,
  { rows: 4, columns: 4, groupRows: 1, groupColumns: 8 },
  { rows: 2, columns: 3, groupRows: 2, groupColumns: 4 },
];

/**
 * A small tile of the variant for GPUs. By OpenGL, Mesa's software driver compiles the tile that GPUs get for half a minute a kernel, and this
 * one, of the same text, in one second.
 */
export const SMALL_WORKGROUP: MatmulVariant = {
  operands: "workgroup",
  tile: { rows: 2, columns: 2, groupRows: 8, groupColumns: 8 },
};

/** Every way to make a product: those that are chosen on some adapter, and tiles that nothing divides. */
export const VARIANTS: readonly MatmulVariant[] = [
  ...TILES.map((tile) => ({ operands: "buffers", tile }) as const),
  { operands: "images", tile: IMAGE_TILE },
  matmulVariant("llvmpipe", "nt", { m: 64, n: 10, k: 256 }, false),
  matmulVariant("llvmpipe", "tn", { m: 10, n: 256, k: 64 }),
  { operands: "uniform", tile: { rows: 3, columns: 4, groupRows: 2, groupColumns: 3 } },
  { operands: "images", tile: { rows: 8, columns: 4, groupRows: 2, groupColumns: 2 } },
  { operands: "images", tile: { rows: 12, columns: 12, groupRows: 1, groupColumns: 4 } },
  SMALL_WORKGROUP,
  { operands: "workgroup", tile: { rows: 3, columns: 2, groupRows: 4, groupColumns: 8 } },
];

/** A product to be made: its operands as the form stores them, and what its epilogue reads. */
export interface StoredProduct {
  /** Of the result and the sums. */
  readonly sizes: MatmulSizes;
  /** Elements of `a`, `b`, `bias` and `h`, where they are needed. */
  readonly inputs: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
}

/** Makes products by one variant, with one submit and one wait. */
export async function runProducts(
  gpu: Gpu,
  [form, epilogue]: readonly [MatmulForm, MatmulEpilogue],
  variant: MatmulVariant,
  products: readonly StoredProduct[],
): Promise<Float32Array<ArrayBuffer>[]> {
  using stack = new DisposableStack();
  const buffer = (name: string, data: Float32Array<ArrayBuffer> | number) =>
    stack.use(
      typeof data === "number" ? gpu.buffer(name, "f32", data) : gpu.buffer(name, "f32", data.length, data),
    );
  const outs: GpuBuffer<"f32">[] = [];
  const program = stack.use(
    await gpu.record("products", (r) => {
      for (const { sizes, inputs } of products) {
        const bound = Object.fromEntries(
          Object.entries(inputs).map(([name, data]) => [name, buffer(name, data)]),
        );
        const out = buffer("out", sizes.m * sizes.n);
        outs.push(out);
        recordMatmul(
          r,
          form,
          epilogue,
          { ...bound, out } as Record<"a" | "b" | "out" | "bias" | "h", typeof out>,
          sizes,
          { variant },
        );
      }
    }),
  );
  program.submit();
  return await gpu.readAll(outs);
}

/** `matrix[rows, columns]` transposed: `[columns, rows]`. */
export function transposed(
  matrix: Float32Array<ArrayBuffer>,
  rows: number,
  columns: number,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) result[c * rows + r] = matrix[r * columns + c];
  }
  return result;
}

/** `left[rows, a]` and `right[rows, b]` side by side: `[rows, a + b]`. */
export function beside(
  left: Float32Array,
  right: Float32Array,
  rows: number,
): Float32Array<ArrayBuffer> {
  const a = rows === 0 ? 0 : left.length / rows, b = rows === 0 ? 0 : right.length / rows;
  const result = new Float32Array(left.length + right.length);
  for (let r = 0; r < rows; r++) {
    result.set(left.subarray(r * a, (r + 1) * a), r * (a + b));
    result.set(right.subarray(r * b, (r + 1) * b), r * (a + b) + a);
  }
  return result;
}

/** A[m, k] and B[k, n] as the form stores them. */
export function stored(
  form: MatmulForm,
  a: Float32Array<ArrayBuffer>,
  b: Float32Array<ArrayBuffer>,
  { m, n, k }: { m: number; n: number; k: number },
): { a: Float32Array<ArrayBuffer>; b: Float32Array<ArrayBuffer> } {
  return {
    a: form === "tn" ? transposed(a, m, k) : a,
    b: form === "nt" ? transposed(b, k, n) : b,
  };
}
