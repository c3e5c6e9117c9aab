/**
 * The three maps from a random word to [0, 1) that people use, each exact in float32.
 *
 * @module
 */

/** The low 24 bits times 2^-24: PyTorch on the CPU. */
export function uniformLow24(word: number): number {
  return (word % 2 ** 24) * 2 ** -24;
}

/** The high 24 bits times 2^-24. */
export function uniformHigh24(word: number): number {
  return Math.floor(word / 2 ** 8) * 2 ** -24;
}

/**
 * The high 23 bits times 2^-23: JAX, which puts them into the mantissa of a number in [1, 2) and subtracts 1.
 */
export function uniformHigh23(word: number): number {
  return Math.floor(word / 2 ** 9) * 2 ** -23;
}
