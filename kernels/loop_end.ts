/**
 * Where a loop ends, so that Mesa's software driver does not see that it is a parameter or a constant.
 *
 * @module
 */

/**
 * WGSL: a number as the end of a loop. The driver unrolls a loop that ends at a constant. It puts parameters at which loops end into a copy
 * of the kernel as constants; where that copy is longer, since its loops were unrolled, it compiles another one at every dispatch, which
 * takes 1 to 8 ms. It does not look past a select.
 *
 * @param end WGSL: a parameter, or a constant.
 * @param buffer Any storage buffer of the kernel: it has an element at least.
 */
export function loopEnd(end: string, buffer: string): string {
  return `select(0u, ${end}, arrayLength(&${buffer}) > 0u)`;
}
