/**
 * ReLU forward and backward: as WGSL functions that the matmuls append to their results, and as kernels of their own.
 *
 * The gradient is taken from the output, as PyTorch's `threshold_backward` does: an output above 0 lets it pass. At z = 0
 * the subgradient is 0.
 *
 * @module
 */
import { elementwise, type Kernel, reads, writes } from "./kernel.ts";

/**
 * WGSL: `relu(z) = max(z, 0)`, except that a NaN stays a NaN as in PyTorch. WGSL's `max(NaN, 0)` is 0 and `z != z` may be
 * folded away, so the bits are tested.
 */
export const RELU_WGSL = `
fn is_nan(z: f32) -> bool { return (bitcast<u32>(z) & 0x7fffffffu) > 0x7f800000u; }
fn relu(z: f32) -> f32 { return select(0.0, z, z > 0.0 || is_nan(z)); }
`;

/** WGSL: the gradient with respect to z, from the gradient with respect to `relu(z)` and from `h = relu(z)` itself. */
export const RELU_GRAD_WGSL = `
fn relu_grad(g: f32, h: f32) -> f32 { return select(0.0, g, h > 0.0); }
`;

/** `h[i] = relu(z[i])`. Parameters: `n` elements. */
export const relu: Kernel<"z" | "h", "n"> = elementwise({
  name: "relu",
  bindings: [reads("z"), writes("h")],
  functions: RELU_WGSL,
  statement: "  h[i] = relu(z[i]);",
});

/**
 * `h[r, c] = relu(z[r, c] + bias[c])`, in place over z of shape [rows, columns].
 *
 * Parameters: `n` = rows * columns, `columns`.
 */
export const biasRelu: Kernel<"bias" | "z", "n" | "columns"> = elementwise({
  name: "bias_relu",
  bindings: [reads("bias"), writes("z")],
  params: { columns: "u32" },
  functions: RELU_WGSL,
  statement: "  z[i] = relu(z[i] + bias[i % p.columns]);",
});

/**
 * `g[i] = h[i] > 0 ? g[i] : 0`, in place over the gradient g.
 *
 * Parameters: `n` elements.
 */
export const reluBackward: Kernel<"h" | "g", "n"> = elementwise({
  name: "relu_backward",
  bindings: [reads("h"), writes("g")],
  functions: RELU_GRAD_WGSL,
  statement: "  g[i] = relu_grad(g[i], h[i]);",
});
