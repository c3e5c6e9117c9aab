/**
 * Networks: layers, their parameters by name, forward and backward passes.
 *
 * @module
 */
export { ACTIVATION_NAMES, type ActivationName } from "../../kernels/activation.ts";
export * from "./mlp.ts";
