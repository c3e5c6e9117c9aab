/**
 * How a run looks in every chart: a colour, a dash and a marker, so that none is told by colour alone.
 *
 * @module
 */

/** How one run is drawn. */
export interface Look {
  /** A CSS colour. */
  color: string;
  /** An SVG dash array; empty for a solid line. */
  dash: string;
  /** A marker that Plot knows by name. */
  symbol: "circle" | "square" | "triangle" | "diamond" | "star" | "cross" | "wye";
}

/** Okabe and Ito's colours, darkened for white paper and lightened for black until a word in them reads well. */
const COLORS: { light: string; dark: string }[] = [
  { light: "#0072b2", dark: "#5cb8ee" },
  { light: "#c85200", dark: "#f58a4b" },
  { light: "#a34e83", dark: "#e29cc4" },
  { light: "#00835f", dark: "#2bc59b" },
  { light: "#9a6a00", dark: "#e8a71c" },
  { light: "#555555", dark: "#c4c4c4" },
  { light: "#1f78ad", dark: "#a6d8f7" },
  { light: "#7d7600", dark: "#f0e442" },
];
const DASHES = ["", "7 4", "1.5 3.5", "10 3 2 3", "4 3"];
const SYMBOLS: Look["symbol"][] = ["circle", "square", "triangle", "diamond", "star", "cross", "wye"];

/** How the run at a place in the comparison is drawn. */
export function look(index: number): Look {
  return {
    color: `var(--run-${index % COLORS.length})`,
    // 8 colours, 7 markers and 5 dashes share no factor: the first 280 runs all differ.
    dash: DASHES[index % DASHES.length],
    symbol: SYMBOLS[index % SYMBOLS.length],
  };
}

/** The colours as CSS custom properties, for one scheme. */
export function lookCss(scheme: "light" | "dark"): string {
  return COLORS.map((color, i) => `--run-${i}:${color[scheme]};`).join("");
}
