/**
 * Columns of a matrix taken out, or put in: for products whose operands are larger than a device binds at once.
 *
 * @module
 */
import { elementwise, type Kernel, reads, writes } from "./kernel.ts";

/**
 * `out[r, out_first + c] = x[r, x_first + c]` for r and c of a block, of x with rows of `x_columns` elements and out with rows of
 * `out_columns`.
 *
 * Parameters: `n` elements of the block, whole rows of it; `columns` of the block, 1 or more.
 */
export const copyBlock: Kernel<
  "x" | "out",
  "n" | "columns" | "x_columns" | "x_first" | "out_columns" | "out_first"
> = elementwise({
  name: "copy_block",
  bindings: [reads("x"), writes("out")],
  params: { columns: "u32", x_columns: "u32", x_first: "u32", out_columns: "u32", out_first: "u32" },
  statement: `
  let r = i / p.columns;
  let c = i % p.columns;
  out[r * p.out_columns + p.out_first + c] = x[r * p.x_columns + p.x_first + c];`,
});
