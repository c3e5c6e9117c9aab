/**
 * Text from outside, on one line.
 *
 * @module
 */

/**
 * Escapes what would break a line, drive a terminal or hide: control and format characters, separators of lines and paragraphs.
 *
 * @param text Anything.
 * @returns The text with "\u{a}" for a line feed, and so on.
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
