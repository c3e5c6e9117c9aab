/**
 * Constant fill.
 *
 * @module
 */
import { inLanes, type Kernel, piecewise, writes } from "./kernel.ts";

/**
 * `out[i] = value` for i below n.
 *
 * Parameters: `n` elements; `value`, any float32.
 */
export const fill: Kernel<"out", "n" | "value"> = piecewise({
  name: "fill",
  bindings: [writes("out")],
  each: ["out"],
  params: { value: "f32" },
  pieces: 8,
  statement: "  out[at] = p.value;",
});

/**
 * `out[i] = value` for i below 4n: the fastest way to write a buffer.
 *
 * Parameters: `n` fours of elements; `value`, any float32.
 */
export const fillFours: Kernel<"out", "n" | "value"> = piecewise({
  name: "fill_fours",
  bindings: [inLanes(writes("out"), 4)],
  each: ["out"],
  params: { value: "f32" },
  pieces: 8,
  statement: "  out[at] = vec4(p.value);",
});
