/**
 * Loops as Mesa's software driver likes them: it is not to see where they end, and they ask at their end whether they go on.
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

/**
 * WGSL: a loop whose statements are done once at least. All lanes of the driver go through a loop together, and none jumps out of its
 * middle: a loop that asks at its start whether it goes on does its statements once more than it has turns, for no lane at all.
 *
 * @param statements What is done in a turn, the step to the next one included.
 * @param goesOn WGSL: whether there is another turn.
 */
export function doWhile(statements: string, goesOn: string): string {
  return `  loop {
${statements}
    if (!(${goesOn})) { break; }
  }`;
}

/**
 * WGSL: {@linkcode doWhile}, and not at all where there is no first turn.
 *
 * @param statements As for that.
 * @param goesOn WGSL: whether there is a turn, the first or another.
 */
export function whileDo(statements: string, goesOn: string): string {
  return `  if (${goesOn}) {
${doWhile(statements, goesOn)}
  }`;
}
