/**
 * Gains: how much larger a weight must be to make up for what its nonlinearity takes away.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";

/** Names that {@linkcode calculateGain} knows, as `torch.nn.init.calculate_gain` has them. */
export const NONLINEARITIES = [
  "linear",
  "conv1d",
  "conv2d",
  "conv3d",
  "conv_transpose1d",
  "conv_transpose2d",
  "conv_transpose3d",
  "sigmoid",
  "tanh",
  "relu",
  "leaky_relu",
  "selu",
] as const;

/** A nonlinearity that has a gain. */
export type Nonlinearity = typeof NONLINEARITIES[number];

/**
 * The gain that PyTorch recommends, `torch.nn.init.calculate_gain`: 1 for linear layers, convolutions and the sigmoid, 5/3 for tanh,
 * sqrt(2) for ReLU, sqrt(2 / (1 + slope²)) for the leaky one, 3/4 for SELU.
 *
 * For ReLU and its leaky form it is 1 / sqrt(E[f(z)²]) for z ~ N(0, 1), which keeps E[z²] from layer to layer (He et al., 2015,
 * equations 10 and 15). The others are conventions: tanh's and SELU's are not that number.
 *
 * @param nonlinearity Its name.
 * @param slope Of the leaky ReLU's negative side; 0.01 unless given.
 * @throws {ArgumentError} when the name is unknown or the slope is not finite.
 */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  if (!NONLINEARITIES.includes(nonlinearity)) {
    throw new ArgumentError(
      `unknown nonlinearity "${nonlinearity}"`,
      `use one of ${NONLINEARITIES.join(", ")}`,
    );
  }
  if (!Number.isFinite(slope)) throw new ArgumentError(`negative slope ${slope}`, "give a finite number");
  switch (nonlinearity) {
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leaky_relu":
      return Math.sqrt(2 / (1 + slope ** 2));
    case "selu":
      return 3 / 4;
    default:
      return 1;
  }
}
