/**
 * How far a step moves a parameter, in float64.
 *
 * @module
 */

/**
 * The L2 norm of after - before, and that of before.
 *
 * @param before The elements before the step.
 * @param after As many after it.
 */
export function changeNorms(
  before: ArrayLike<number>,
  after: ArrayLike<number>,
): { change: number; size: number } {
  let change = 0, size = 0;
  for (let i = 0; i < before.length; i++) {
    change += (after[i] - before[i]) ** 2;
    size += before[i] ** 2;
  }
  return { change: Math.sqrt(change), size: Math.sqrt(size) };
}
