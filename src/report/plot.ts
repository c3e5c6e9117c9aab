/**
 * Observable Plot without a browser: the one place that knows how, and the only one with casts for it.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escape } from "./html.ts";

/** What is used of linkedom's elements. */
interface Element {
  readonly outerHTML: string;
  querySelectorAll(selector: string): Iterable<Element>;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
}

/** Coordinates that Plot writes with all their digits; a hundredth of a pixel is enough. */
const COORDINATES = ["transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "cx", "cy"];

let page: Plot.PlotOptions["document"];

/** Linkedom's document. Its types promise a browser's window, which Deno without DOM types does not know. */
function newDocument(): Plot.PlotOptions["document"] {
  const window: unknown = parseHTML("<!doctype html><html><body></body></html>");
  return (window as { document: Plot.PlotOptions["document"] }).document;
}

/**
 * Draws a plot as the text of an `<svg>`, to be put inside HTML.
 *
 * @param options Plot's options.
 * @param label What a screen reader says instead of the picture; empty for a decoration, which it skips.
 */
export function draw(options: Plot.PlotOptions, label: string): string {
  page ??= newDocument();
  const svg = Plot.plot({ ...options, document: page, className: "plot" }) as unknown as Element;
  // Plot repeats its style sheet in every picture; the page has it once.
  for (const style of [...svg.querySelectorAll("style")]) style.remove();
  for (const element of [...svg.querySelectorAll("*")]) {
    element.removeAttribute("aria-label");
    for (const name of COORDINATES) {
      const value = element.getAttribute(name);
      if (value) element.setAttribute(name, value.replace(/\d+\.\d{3,}/g, (x) => String(round(Number(x)))));
    }
  }
  // Written here because linkedom leaves "<" as it is in attributes.
  const role = label === "" ? 'aria-hidden="true"' : `role="img" aria-label="${escape(label)}"`;
  return svg.outerHTML.replace(/^<svg/, () => `<svg ${role}`);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
