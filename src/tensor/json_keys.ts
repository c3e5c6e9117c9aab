/**
 * What `JSON.parse` does not tell: that a key is given twice, or that the text is nested without end.
 *
 * @module
 */

import { FormatError } from "../gpu/errors.ts";
import { quote } from "./quote.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Refuses a JSON text in which an object has the same key twice, or that is nested deeper than `deepest`.
 *
 * The text need not be valid JSON: what is wrong in other ways is left to `JSON.parse`. It takes time in
 * proportion to the text's length and, unlike a regular expression, no more stack for a longer string.
 *
 * @param text The JSON text.
 * @param what What the text is, for the message.
 * @param deepest How many objects and arrays may be open at once, from 1 on.
 * @throws {FormatError} A key is given twice, or the nesting is too deep.
 */
export function refuseDuplicateKeys(text: string, what: string, deepest: number): void {
  // The keys of each object that is open; arrays have a set too, which stays empty.
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "{" || character === "[") {
      if (open.push(new Set()) > deepest) {
        throw new FormatError(`${what} is nested more than ${deepest} levels deep`, "write the file again");
      }
    } else if (character === "}" || character === "]") {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(text, at);
      if (isFollowedByColon(text, end)) noteKey(open.at(-1), text.slice(at, end), what);
      at = end - 1;
    }
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return Math.min(at + 1, text.length);
}

function isFollowedByColon(text: string, at: number): boolean {
  while (at < text.length && " \t\r\n".includes(text[at])) at++;
  return text[at] === ":";
}

function noteKey(keys: Set<string> | undefined, literal: string, what: string): void {
  const key = decode(literal);
  if (keys === undefined || key === undefined) return;
  if (keys.has(key)) throw new FormatError(`${what} has the key ${quote(key)} twice`, "keep one of them");
  keys.add(key);
}

// "a" and "\u0061" are the same key.
function decode(literal: string): string | undefined {
  try {
    return JSON.parse(literal);
  } catch {
    return undefined;
  }
}
