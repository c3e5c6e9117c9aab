/**
 * Sums of columns in a fixed order: the gradient of a bias.
 *
 * @module
 */
import { whileDo } from "./loop.ts";
import { elementwise, type Kernel, reads, writes } from "./kernel.ts";

/**
 * `out[c] = Σ_r x[r, c]` over x of shape [rows, n], one invocation a column, r = 0, 1, … in order: equal columns have equal
 * sums, bit for bit.
 *
 * Parameters: `n` columns, `rows`.
 */
export const columnSum: Kernel<"x" | "out", "n" | "rows"> = elementwise({
  name: "column_sum",
  bindings: [reads("x"), writes("out")],
  params: { rows: "u32" },
  workgroupSize: 32,
  statement: `
  var sum = 0.0;
  var r = 0u;
${whileDo("    sum += x[r * p.n + i];\n    r++;", "r < p.rows")}
  out[i] = sum;`,
});
