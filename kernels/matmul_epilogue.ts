/**
 * What a matrix product does to its sums before it stores them, as WGSL: a bias, an activation, an activation's gradient.
 *
 * @module
 */
import { activationFunctions, type ActivationName } from "./activation.ts";
import { type Binding, inLanes, type Lanes, reads, writes } from "./kernel.ts";
import { type LookSource, lookSource } from "./non_finite.ts";

/**
 * What is done to each sum before it is stored: nothing; `+ bias[column]`; an activation of that; or an activation's gradient, with
 * the forward output `h[m, n]`.
 */
export type MatmulEpilogue = "none" | "bias" | `bias_${ActivationName}` | `${ActivationName}_grad`;

/** Names of the buffers that an epilogue reads beside the operands. */
export type EpilogueBuffer<E extends MatmulEpilogue> = E extends "none" ? never
  : E extends `${string}_grad` ? "h"
  : "bias";

/** What a product may do beside. */
export interface MatmulExtras<L extends boolean> {
  /** Whether it looks out for NaN and infinities in what it stores, as `LookSource` says; it does not unless told to. */
  readonly looking?: L;
  /** Whether the sums go on from what `out` holds, instead of from 0: for terms that are too many to be bound at once. */
  readonly goesOn?: boolean;
}

/** An epilogue as WGSL: what it calls, what it reads, what becomes of a sum, and how that is looked at. */
export interface EpilogueSource {
  /** Functions that `value` calls. */
  readonly functions: string;
  /** The buffer that it reads beside the operands, if any. */
  readonly buffer?: "bias" | "h";
  /** Whether that has an element for each of C's, rather than one for each column. */
  readonly perElement: boolean;
  /** What is stored, from the sum and the buffer's element. */
  readonly value: (sum: string, element: string) => string;
  /** The look at what is stored. */
  readonly look: LookSource;
  /** Lanes of a store. */
  readonly lanes: Lanes;
}

/**
 * An epilogue's WGSL.
 *
 * @param epilogue Which.
 * @param looking Whether what is stored is looked at for NaN and infinities.
 * @param lanes Lanes of a store.
 */
export function epilogueSource(epilogue: MatmulEpilogue, looking: boolean, lanes: Lanes): EpilogueSource {
  return { ...epilogueValue(epilogue), look: lookSource(looking, lanes), lanes };
}

function epilogueValue(epilogue: MatmulEpilogue): Omit<EpilogueSource, "look" | "lanes"> {
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
 * The bindings of a product beside its operands: what its epilogue reads, the result, and what a look needs.
 *
 * @param source The epilogue.
 */
export function resultBindings({ buffer, lanes, look }: EpilogueSource): Binding[] {
  const own = [...buffer === undefined ? [] : [reads(buffer)], writes("out")].map((b) => inLanes(b, lanes));
  return [...own, ...look.bindings(own)];
}

/** WGSL: statements that store a result and look at it. */
export function storeResult(at: string, value: string, { look }: EpilogueSource): string {
  return `let result = ${value}; out[${at}] = result; ${look.at("result")}`;
}
