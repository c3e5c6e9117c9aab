/**
 * The one precondition that the oracles share: an array is as long as its shape says.
 *
 * @module
 */

/**
 * Throws unless `values` holds exactly `length` numbers: a reference that reads past the end answers NaN or
 * nonsense.
 *
 * @param what The argument's name, for the message.
 * @param values The array.
 * @param length The number of elements that its shape asks for.
 */
export function expectLength(what: string, values: ArrayLike<number>, length: number): void {
  if (values.length !== length) throw new RangeError(`${what} has ${values.length} elements, not ${length}`);
}
