/**
 * The network of the bench.
 *
 * @module
 */

/** Widths of the network that is initialised and trained, from the inputs on. */
export const NETWORK = [784, 512, 256, 10];
