/**
 * Constant fill.
 *
 * @module
 */
import { elementwise, type Kernel, writes } from "./kernel.ts";

/**
 * `out[i] = value` for i below n.
 *
 * Parameters: `n` elements; `value`, any float32.
 */
export const fill: Kernel<"out", "n" | "value"> = elementwise({
  name: "fill",
  bindings: [writes("out")],
  params: { value: "f32" },
  statement: "  out[i] = p.value;",
});
