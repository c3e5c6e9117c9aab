/**
 * How many elements a shape holds, for shapes that come from a file and may be anything.
 *
 * @module
 */

/**
 * Says whether a value is a size: a whole number from 0 to 2^53 - 1. Negative zero is not one.
 *
 * @param value Anything.
 */
export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/**
 * The number of bytes of a dense array, without ever computing a number that a double cannot hold.
 *
 * A size of 0 makes the array empty but does not excuse the others: `[0, 2^40, 2^40]` overflows as it does in
 * NumPy.
 *
 * @param shape Sizes, each a whole number from 0 on; `[]` is a scalar of one element.
 * @param bytesPerElement The size of one element, in bytes, from 1 on.
 * @returns The number of bytes, or `undefined` where it would pass 2^53 - 1.
 */
export function byteLength(shape: readonly number[], bytesPerElement: number): number | undefined {
  let bytes = bytesPerElement;
  let empty = false;
  for (const size of shape) {
    if (size === 0) {
      empty = true;
      continue;
    }
    bytes *= size;
    if (bytes > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return empty ? 0 : bytes;
}
