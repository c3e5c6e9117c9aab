/**
 * Fans: how many inputs a neuron has, and how many outputs an input feeds.
 *
 * @module
 */
import { ArgumentError, ShapeError } from "../gpu/errors.ts";
import { type Shape, sizeOf } from "../tensor/tensor.ts";

/** How a weight's dimensions are ordered: PyTorch's [out, in, ...kernel], or JAX's [...kernel, in, out]. */
export type Layout = "torch" | "jax";

/** The two fans of a weight. */
export interface Fans {
  /** Inputs of one neuron. */
  readonly fanIn: number;
  /** Neurons that one input feeds. */
  readonly fanOut: number;
}

/** Which fan a scale is taken from: one of the two, or their mean. */
export type FanMode = "fan_in" | "fan_out" | "fan_avg";

/** The names of {@linkcode FanMode}. */
export const FAN_MODES: readonly FanMode[] = ["fan_in", "fan_out", "fan_avg"];

/**
 * The fans of a weight, as `torch.nn.init._calculate_fan_in_and_fan_out` and `jax.nn.initializers` count them: inputs and outputs,
 * each times the size of the convolution's kernel.
 *
 * @param shape Two dimensions or more.
 * @param layout How they are ordered; PyTorch's unless given.
 * @throws {ShapeError} when it has fewer: a vector has no fans.
 */
export function fansOf(shape: Shape, layout: Layout = "torch"): Fans {
  if (shape.length < 2) {
    const order = layout === "torch" ? "[out, in]" : "[in, out]";
    throw new ShapeError(
      `shape [${shape}] has no fans: a fan counts a neuron's inputs`,
      `give a weight of two dimensions or more, ${order}`,
    );
  }
  const last = shape.length - 1;
  const [outputs, inputs, kernel] = layout === "torch"
    ? [shape[0], shape[1], shape.slice(2)]
    : [shape[last], shape[last - 1], shape.slice(0, last - 1)];
  const field = sizeOf(kernel);
  return { fanIn: inputs * field, fanOut: outputs * field };
}

/**
 * The fan that a mode names.
 *
 * @param fans Both.
 * @param mode Which.
 * @throws {ArgumentError} when there is no such mode.
 */
export function fanOf({ fanIn, fanOut }: Fans, mode: FanMode): number {
  if (mode === "fan_in") return fanIn;
  if (mode === "fan_out") return fanOut;
  if (mode === "fan_avg") return (fanIn + fanOut) / 2;
  throw new ArgumentError(`unknown mode "${mode}"`, `use one of ${FAN_MODES.join(", ")}`);
}
