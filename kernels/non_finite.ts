/**
 * Where NaN and the infinities first appear, found while the numbers stay on the device.
 *
 * The kernel that makes a number looks at it while it has it in a register: a pass of its own over outputs, gradients and parameters
 * would cost 3 to 6 percent of a training step.
 *
 * @module
 */
import { type Binding, type Lanes, type ParamType, reads } from "./kernel.ts";

/** What a look leaves behind at step 0: less with every step, so that the largest is the first. */
const FIRST = 0xffffffff;

/** Where a look leaves what it has seen. */
const SEEN: Binding<"seen"> = { name: "seen", type: "u32", access: "read_write", atomic: true };

/** Buffers that a kernel has beside its own where it looks out for what is not finite. */
export type Looking<L extends boolean> = L extends true ? "cursor" | "seen" : never;

/** Parameters that it has beside its own. */
export type LookingAt<L extends boolean> = L extends true ? "slot" : never;

/**
 * What looking adds to a kernel, as WGSL, and nothing where it does not look: `seen[slot] = max(seen[slot], 2^32 - 1 - cursor[0])` where
 * a number that the kernel writes is NaN or infinite. `cursor[0]` is the number of the step, below 2^32 - 1; a slot that holds 0 has
 * seen none. It changes no bit of what the kernel writes.
 */
export interface LookSource {
  /** The end of the kernel's name. */
  readonly name: string;
  /** `cursor` and `seen`, beside those that the kernel has. */
  readonly bindings: (own: readonly Binding[]) => Binding[];
  /** `slot`. */
  readonly params: Readonly<Record<string, ParamType>>;
  /** The type of `largest`, in which the statements below keep what they have seen; none where it does not look. */
  readonly words: "" | "u32" | "vec4<u32>";
  /** A statement before anything is written. */
  readonly begin: string;
  /** A statement for a number, or four of them, that is written. */
  readonly at: (x: string) => string;
  /** A statement after everything is written. */
  readonly end: string;
}

/**
 * What looking adds to a kernel.
 *
 * @param looking Whether it looks at all.
 * @param lanes Of what it writes.
 */
export function lookSource(looking: boolean, lanes: Lanes): LookSource {
  if (!looking) {
    return { name: "", bindings: () => [], params: {}, words: "", begin: "", at: () => "", end: "" };
  }
  return {
    name: "_looking",
    bindings: (own) => [...own.some(({ name }) => name === "cursor") ? [] : [reads("cursor", "u32")], SEEN],
    params: { slot: "u32" },
    words: wordsText(lanes),
    begin: `var largest = ${wordsText(lanes)}();`,
    at: (x) => `largest = max(largest, ${magnitude(x, lanes)});`,
    end: noteIfNotFinite("largest", "p.slot", lanes),
  };
}

/**
 * WGSL: the bits of a number or a four without the sign. By its bits, since WGSL may assume that neither NaN nor an infinity exists.
 *
 * @param x The number or four.
 * @param lanes Of x.
 */
export function magnitude(x: string, lanes: Lanes): string {
  const words = wordsText(lanes);
  return `(bitcast<${words}>(${x}) & ${words}(0x7fffffffu))`;
}

/**
 * WGSL: notes the step in a slot where magnitudes hold NaN or an infinity.
 *
 * @param largest The magnitudes.
 * @param slot Which slot.
 * @param lanes Of the magnitudes.
 */
export function noteIfNotFinite(largest: string, slot: string, lanes: Lanes): string {
  return `if (${isNotFinite(largest, lanes)}) { atomicMax(&seen[${slot}], ${FIRST}u - cursor[0]); }`;
}

/**
 * WGSL: whether magnitudes hold NaN or an infinity.
 *
 * @param largest The magnitudes.
 * @param lanes Of them.
 */
export function isNotFinite(largest: string, lanes: Lanes): string {
  return `any(${largest} >= ${wordsText(lanes)}(0x7f800000u))`;
}

/** The type of as many words, in WGSL. */
const wordsText = (lanes: Lanes): "u32" | "vec4<u32>" => lanes === 4 ? "vec4<u32>" : "u32";

/**
 * The step at which a slot saw its first number that is not finite.
 *
 * @param seen The slot's content.
 * @returns The number of the step; `undefined` where there was none.
 */
export function firstNonFiniteStep(seen: number): number | undefined {
  return seen === 0 ? undefined : FIRST - seen;
}
