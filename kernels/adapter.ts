/**
 * What an adapter is, as far as the choice of kernels goes.
 *
 * @module
 */

/** Mesa's software driver, another one, or a GPU. */
export type AdapterKind = "llvmpipe" | "software" | "gpu";
