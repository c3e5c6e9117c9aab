/**
 * What a network costs, before any of it is made.
 *
 * @module
 */
import { ShapeError } from "@fanin/fanin";
import type { Limits } from "./options.ts";

/**
 * Refuses a network that would take too much memory.
 *
 * @param widths From the inputs to the outputs, each a whole number from 1 on.
 * @throws {ShapeError} when it has too many layers or parameters, or one too wide.
 */
export function assertAffordable(widths: readonly number[], limits: Limits): void {
  refuse(widths.length - 1, limits.layers, "layers");
  refuse(Math.max(...widths), limits.width, "numbers in a layer");
  refuse(widths.slice(1).reduce((sum, n, i) => sum + n * (widths[i] + 1), 0), limits.elements, "parameters");
}

/** @throws {ShapeError} when there are more than this server takes. */
export function refuse(count: number, most: number, what: string): void {
  if (count > most) {
    throw new ShapeError(`${count} ${what}, and this server takes ${most} at most`, "send fewer");
  }
}
