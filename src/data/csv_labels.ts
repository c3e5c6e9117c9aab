/**
 * Labels as text, made into class numbers.
 *
 * @module
 */

import { FormatError } from "../gpu/errors.ts";
import { quote } from "../tensor/quote.ts";
import { MOST_CLASSES } from "./dataset.ts";

/** Labels as the trainer wants them. */
export interface NumberedLabels {
  /** One a row, from 0 to `classes - 1`. */
  readonly numbers: Uint32Array;
  /** How many classes. */
  readonly classes: number;
  /** The classes' names, by number; absent where the labels were numbers already. */
  readonly classNames?: readonly string[];
}

// Tables that had a gap once come out of pandas with 1.0 for 1.
const WHOLE = /^\d+(?:\.0+)?$/;

/**
 * Numbers labels: all whole numbers keep their value, anything else is a name and is numbered in the order of
 * first appearance.
 *
 * @param labels One text a row, without blanks around it; one row or more.
 * @param lines The line of each row in its file, from 1, for the message.
 * @param column The labels' column, from 0, for the message.
 * @returns The numbers, and the names where there are any.
 * @throws {FormatError} A label is empty, a number is {@linkcode MOST_CLASSES} or more, or there are more
 *   names than that.
 */
export function numberLabels(
  labels: readonly string[],
  lines: readonly number[],
  column: number,
): NumberedLabels {
  const place = (row: number) => `line ${lines[row]}, column ${column + 1} of the CSV`;
  const empty = labels.indexOf("");
  if (empty >= 0) throw new FormatError(`${place(empty)} is an empty label`, "give every row a label");

  if (labels.every((label) => WHOLE.test(label))) {
    const large = labels.findIndex((label) => Number(label) >= MOST_CLASSES);
    if (large >= 0) {
      throw new FormatError(
        `${place(large)} is the label ${quote(labels[large])}`,
        `number the classes from 0, at most ${MOST_CLASSES} of them`,
      );
    }
    const numbers = Uint32Array.from(labels, Number);
    return { numbers, classes: numbers.reduce((a, b) => Math.max(a, b)) + 1 };
  }

  const known = new Map<string, number>();
  const numbers = Uint32Array.from(labels, (label, row) => {
    if (!known.has(label) && known.size === MOST_CLASSES) {
      throw new FormatError(
        `${place(row)} is the label ${quote(label)}, one class more than ${MOST_CLASSES}`,
        "say which column is the label",
      );
    }
    if (!known.has(label)) known.set(label, known.size);
    return known.get(label)!;
  });
  return { numbers, classes: known.size, classNames: [...known.keys()] };
}
