/**
 * What a matrix product does to its sums before it stores them, as WGSL: a bias, an activation, an activation's gradient.
 *
 * @module
 */
import { activationFunctions, type ActivationName } from "./activation.ts";
import { type Binding, reads } from "./kernel.ts";

/**
 * What is done to each sum before it is stored: nothing; `+ bias[column]`; an activation of that; or an activation's gradient, with
 * the forward output `h[m, n]`.
 */
export type MatmulEpilogue = "none" | "bias" | `bias_${ActivationName}` | `${ActivationName}_grad`;

/** Names of the buffers that an epilogue reads beside the operands. */
export type EpilogueBuffer<E extends MatmulEpilogue> = E extends "none" ? never
  : E extends `${string}_grad` ? "h"
  : "bias";

/** An epilogue as WGSL: what it calls, what it reads, and what becomes of a sum. */
export interface EpilogueSource {
  /** Functions that `value` calls. */
  readonly functions: string;
  /** The buffer that it reads beside the operands, if any. */
  readonly buffer?: "bias" | "h";
  /** Whether that has an element for each of C's, rather than one for each column. */
  readonly perElement: boolean;
  /** What is stored, from the sum and the buffer's element. */
  readonly value: (sum: string, element: string) => string;
}

/**
 * An epilogue's WGSL.
 *
 * @param epilogue Which.
 */
export function epilogueSource(epilogue: MatmulEpilogue): EpilogueSource {
  if (epilogue === "none") return { functions: "", perElement: false, value: (sum) => sum };
  if (epilogue === "bias") {
    return { functions: "", buffer: "bias", perElement: false, value: (sum, bias) => `${sum} + ${bias}` };
  }
  if (epilogue.endsWith("_grad")) {
    return {
      functions: activationFunctions(epilogue.slice(0, -"_grad".length) as ActivationName),
      buffer: "h",
      perElement: true,
      value: (sum, h) => `activation_grad(${sum}, ${h})`,
    };
  }
  return {
    functions: activationFunctions(epilogue.slice("bias_".length) as ActivationName),
    buffer: "bias",
    perElement: false,
    value: (sum, bias) => `activate(${sum} + ${bias})`,
  };
}

/**
 * The binding that an epilogue adds, if any.
 *
 * @param source The epilogue.
 */
export function epilogueBindings({ buffer }: EpilogueSource): Binding[] {
  return buffer === undefined ? [] : [reads(buffer)];
}
