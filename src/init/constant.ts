/**
 * A fixed value: every weight and every bias the same.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import { define, type Filling, type Initializer, type OptionValue } from "./initializer.ts";

/**
 * Every weight and every bias has the same value: neurons that are equal and get equal gradients, one neuron for ever.
 *
 * @param value A number that is finite in float32.
 * @throws {ArgumentError} when it is not.
 */
export function constant(value: number): Initializer {
  return everywhere("constant", value, { value });
}

/** Every weight and every bias is 0. */
export function zeros(): Initializer {
  return everywhere("zeros", 0);
}

/** Every weight and every bias is 1. */
export function ones(): Initializer {
  return everywhere("ones", 1);
}

function everywhere(name: string, value: number, options: Record<string, OptionValue> = {}): Initializer {
  if (typeof value !== "number" || !Number.isFinite(Math.fround(value))) {
    throw new ArgumentError(`value ${value}`, "give a number that is finite in float32");
  }
  const filling: Filling = { kind: "constant", value };
  return define({ name, options, weight: () => filling, bias: () => filling });
}
