/**
 * Operands for the matrix products: made as they are meant, stored as each form wants them.
 *
 * @module
 */
import { DEFAULT_TILE, type MatmulForm, type MatmulTile } from "../../kernels/mod.ts";

export { DEFAULT_TILE };

/** All forms. */
export const FORMS: readonly MatmulForm[] = ["nn", "tn", "nt"];

/** The default tile, a smaller one, and one whose numbers divide no power of two. */
export const TILES: readonly MatmulTile[] = [
  DEFAULT_TILE,
  { rows: 4, columns: 4, groupRows: 1, groupColumns: 8 },
  { rows: 2, columns: 3, groupRows: 2, groupColumns: 4 },
];

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
