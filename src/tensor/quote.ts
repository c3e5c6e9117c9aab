/**
 * Values from outside, made fit for an error message of one line.
 *
 * @module
 */

import { visible } from "../gpu/visible.ts";

const LONGEST = 80;

/**
 * Writes a value as JSON on one line, shortened to 80 characters, with invisible characters escaped: a
 * tensor's name or a cell of a table can hold line breaks, terminal escapes or a megabyte.
 *
 * @param value Anything: a value that JSON cannot express is written as `String` writes it.
 * @returns A line of at most 81 characters before escapes are counted.
 */
export function quote(value: unknown): string {
  const text = shorten(asJson(typeof value === "string" ? shorten(value) : value));
  return visible(text);
}

function asJson(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  try {
    return JSON.stringify(value, nameNumber) ?? String(value);
  } catch {
    return typeof value === "object" ? "an object" : String(value);
  }
}

// JSON has no NaN, no infinity and no negative zero: it would print null or 0, and hide what is wrong.
function nameNumber(_key: string, value: unknown): unknown {
  const lost = typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0));
  return lost ? asJson(value) : value;
}

function shorten(text: string): string {
  return text.length > LONGEST ? text.slice(0, LONGEST) + "…" : text;
}
