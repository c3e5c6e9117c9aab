/**
 * A verdict as a word with a shape, so that it is not told by colour alone.
 *
 * @module
 */
import type { Verdict } from "../diagnose/comparison.ts";
import { Html, html } from "./html.ts";

/** A verdict in words. */
const WORDS: Record<Verdict, string> = { ok: "can learn", warn: "may not learn", fail: "cannot learn" };

/** A verdict as a shape: a tick in a circle, a mark in a triangle, a cross in an octagon. */
const SHAPES: Record<Verdict, string> = {
  ok: '<circle cx="8" cy="8" r="7.5"/><path d="M4.5 8.3 7 10.8 11.6 5.6" class="mark"/>',
  warn: '<path d="M8 .8 15.8 15H.2z"/><path d="M8 6v4.2M8 12.3v.4" class="mark"/>',
  fail:
    '<path d="M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5z"/><path d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4" class="mark"/>',
};

/** The word with its shape before it. */
export function verdictHtml(verdict: Verdict): Html {
  const icon = new Html(
    `<svg viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">${SHAPES[verdict]}</svg>`,
  );
  return html`<span class="verdict ${verdict}">${icon}${WORDS[verdict]}</span>`;
}
