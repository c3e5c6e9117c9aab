/**
 * What is the same for everyone that trains in a bench. Apart from fanin's own training, so that a library's cold start does not
 * pay for loading fanin.
 *
 * @module
 */

/** Steps in one repetition, after which the losses are read. */
export const STEPS = 32;

/** Learning rate of the plain SGD. */
export const LEARNING_RATE = 0.01;
