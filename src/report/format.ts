/**
 * Numbers to words, the same way in the terminal and on the page.
 *
 * @module
 */

/** What a number that is not finite prints as. */
export const NOT_FINITE = "not finite";

/** What stands where there is nothing to say. */
export const NOTHING = "–";

/**
 * A number with a few significant digits: "2.30", "0.0413", "12300", "8.19e5".
 *
 * @param value The number; `null`, NaN and the infinities print as "not finite".
 * @param digits How many significant digits.
 */
export function figure(value: number | null, digits = 3): string {
  if (value === null || !Number.isFinite(value)) return NOT_FINITE;
  if (value === 0) return "0";
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  if (size < 1e-3 || size >= 1e5) return rounded.toExponential(digits - 1).replace("e+", "e");
  // toPrecision keeps trailing zeros ("2.30") but writes 1230 as "1.23e+3".
  return size >= 10 ** digits ? String(rounded) : rounded.toPrecision(digits);
}

/** A fraction as a percentage with one decimal; 0% and 100% only when they are exact. */
export function percent(fraction: number | null): string {
  if (fraction === null || !Number.isFinite(fraction)) return NOT_FINITE;
  if (fraction === 0 || fraction === 1) return `${fraction * 100}%`;
  const tenths = Math.min(99.9, Math.max(0.1, Math.round(fraction * 1000) / 10));
  return `${tenths.toFixed(1)}%`;
}

/** A whole number with its thousands apart: "109,386". */
export function count(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : NOT_FINITE;
}

/** "1 step", "5 steps". */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Wall time: "0.42 s", "75 s". */
export function seconds(value: number): string {
  return Number.isFinite(value) ? `${figure(value, value < 1 ? 2 : 3)} s` : NOT_FINITE;
}

/** Distinct neurons of every hidden layer beside its width: "1/128 1/64". */
export function distinct(distinctNeurons: readonly number[], widths: readonly number[]): string {
  if (distinctNeurons.length === 0) return NOTHING;
  return distinctNeurons.map((neurons, i) => `${neurons}/${widths[i] ?? "?"}`).join(" ");
}

/** The first and the last of a row of numbers: "9.41→380"; once, where both say the same. */
export function span(values: readonly (number | null)[], digits = 3): string {
  if (values.length === 0) return NOTHING;
  const first = figure(values[0], digits);
  const last = figure(values[values.length - 1], digits);
  return first === last ? first : `${first}→${last}`;
}

/** "a", "a and b", "a, b and c". */
export function list(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** A text cut to a length, with an ellipsis for what is missing. */
export function shorten(text: string, length: number): string {
  const letters = [...text];
  return letters.length <= length ? text : letters.slice(0, length - 1).join("") + "…";
}

/** A text on one line without control characters, so that no name from outside can steer a terminal. */
export function plain(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are the very thing to remove
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}

/**
 * A text in lines of a given width, broken after blanks and after the marks inside names and figures.
 * A piece that is too long even so is cut.
 *
 * @param text The text.
 * @param width The width in columns.
 * @param marks The characters after which a line may end.
 */
export function wrap(text: string, width: number, marks = " ,_:→"): string[] {
  const lines = [""];
  for (const piece of pieces(text, marks).flatMap((whole) => cut(whole, width))) {
    const line = lines[lines.length - 1] + piece;
    if ([...line.trimEnd()].length <= width) lines[lines.length - 1] = line;
    else lines.push(piece);
  }
  return lines.map((line) => line.trimEnd());
}

/** A text taken apart after each of some characters. */
function pieces(text: string, marks: string): string[] {
  const parts = [""];
  for (const letter of text) {
    parts[parts.length - 1] += letter;
    if (marks.includes(letter)) parts.push("");
  }
  return parts;
}

function cut(text: string, width: number): string[] {
  const letters = [...text];
  const parts: string[] = [];
  for (let i = 0; i < letters.length; i += width) parts.push(letters.slice(i, i + width).join(""));
  // A blank may hang over the end of a line.
  return letters.length <= width + 1 && text.endsWith(" ") ? [text] : parts;
}
