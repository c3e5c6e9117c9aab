/**
 * Mean squared error: the terms of the mean, and its gradient, as PyTorch's `mse_loss` with the mean over all elements.
 *
 * @module
 */
import { elementwise, type Kernel, reads, writes } from "./kernel.ts";

/**
 * `squared[i] = (prediction[i] - expected[i])²` and `gradient[i] = 2 (prediction[i] - expected[i]) / n`.
 *
 * Parameters: `n` elements.
 */
export const meanSquaredErrorGrad: Kernel<"prediction" | "expected" | "squared" | "gradient", "n"> =
  elementwise({
    name: "mean_squared_error_grad",
    bindings: [reads("prediction"), reads("expected"), writes("squared"), writes("gradient")],
    statement: `
  let difference = prediction[i] - expected[i];
  squared[i] = difference * difference;
  gradient[i] = 2.0 * difference / f32(p.n);`,
  });
