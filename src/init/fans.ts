/**
 * Fans: how many inputs a neuron has, and how many outputs it feeds.
 *
 * @module
 */
import { ShapeError } from "../gpu/errors.ts";
import { type Shape, sizeOf } from "../tensor/tensor.ts";

/** The two fans of a weight. */
export interface Fans {
  /** Inputs of one neuron. */
  readonly fanIn: number;
  /** Neurons that one input feeds. */
  readonly fanOut: number;
}

/**
 * The fans of a weight [out, in, ...kernel], as `torch.nn.init._calculate_fan_in_and_fan_out`: fanIn = in · kernel size,
 * fanOut = out · kernel size.
 *
 * @param shape Two dimensions or more.
 * @throws {ShapeError} when it has fewer: a vector has no fans.
 */
export function fansOf(shape: Shape): Fans {
  if (shape.length < 2) {
    throw new ShapeError(
      `shape [${shape}] has no fans`,
      "give a weight of two dimensions or more: [out, in]",
    );
  }
  const [out, inputs, ...kernel] = shape;
  const field = sizeOf(kernel);
  return { fanIn: inputs * field, fanOut: out * field };
}
