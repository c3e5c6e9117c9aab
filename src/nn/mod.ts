/**
 * Networks: layers, their parameters by name, forward and backward passes.
 *
 * @module
 */
export * from "./mlp.ts";
