/**
 * Where a long loop ends, so that Mesa's software driver does not see that it is a parameter.
 *
 * @module
 */

/**
 * WGSL: a parameter as the end of a loop. The driver puts parameters at which loops end into a copy of the kernel as constants; where that
 * copy is longer, since its loops were unrolled, it compiles another one at every dispatch, which takes 1 to 8 ms. It does not look past
 * a select.
 *
 * @param parameter The parameter's name.
 * @param buffer Any storage buffer of the kernel: it has an element at least.
 */
export function loopEnd(parameter: string, buffer: string): string {
  return `select(0u, p.${parameter}, arrayLength(&${buffer}) > 0u)`;
}
