/**
 * Initialisers as values: what a weight and its bias are drawn from.
 *
 * @module
 */
export * from "./fans.ts";
export * from "./initializer.ts";
export * from "./names.ts";
