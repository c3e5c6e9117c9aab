/**
 * HTML from templates that escape what is put into them.
 *
 * @module
 */

/** HTML that may be put on a page as it is. Everything else is escaped. */
export class Html {
  /** The markup. */
  readonly text: string;

  /**
   * Takes markup as it is.
   *
   * @param text The markup.
   */
  constructor(text: string) {
    this.text = text;
  }
}

/** What a template can hold: text is escaped, HTML is not. */
export type Content = string | number | Html | readonly Html[];

/** Text as HTML shows it, inside an element or inside quotes. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** HTML from a template literal: what is put in is escaped, unless it is HTML itself. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  const parts = values.map((value, i) => markup(value) + strings[i + 1]);
  return new Html(strings[0] + parts.join(""));
}

function markup(value: Content): string {
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map((part) => part.text).join("\n");
  return escape(String(value));
}
