/**
 * Where the ticks of an axis go and what they say.
 *
 * @module
 */

import { count } from "./format.ts";

/** One axis of a chart. Its coordinates are linear: a logarithmic axis counts in powers of ten. */
export interface Axis {
  /** What it shows, with its unit. */
  label: string;
  /** From where to where. */
  domain: [number, number];
  /** Where the ticks are. */
  ticks: number[];
  /** What a tick says. */
  format: (tick: number) => string;
}

/** An axis of whole numbers from 0 on: steps, epochs. */
export function wholeAxis(label: string, max: number): Axis {
  const end = Math.max(1, max);
  const rough = end / 5;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 2.5, 5, 10].map((x) => x * decade).find((x) => x >= rough) ?? 1);
  const ticks: number[] = [];
  for (let tick = 0; tick <= end; tick += Math.ceil(step)) ticks.push(tick);
  return { label, domain: [0, end], ticks, format: count };
}

/** An axis of fractions, 0% to 100%. */
export function percentAxis(label: string): Axis {
  const format = (tick: number): string => `${Math.round(tick * 100)}%`;
  return { label, domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1], format };
}

/**
 * A logarithmic axis, in powers of ten.
 *
 * @param label What it shows.
 * @param min The smallest value to show, positive.
 * @param max The largest.
 */
export function logAxis(label: string, min: number, max: number): Axis {
  const low = Math.log10(min);
  const high = Math.max(Math.log10(max), low + 0.1);
  const decades = high - low;
  const heads = decades < 1.2 ? [1, 2, 5] : decades < 3.5 ? [1, 3] : [1];
  const every = Math.max(1, Math.ceil(decades / 7));
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= high; power++) {
    if (power % every !== 0) continue;
    for (const head of heads) ticks.push(power + Math.log10(head));
  }
  const inside = ticks.filter((tick) => tick >= low - 1e-9 && tick <= high + 1e-9);
  return { label, domain: [low, high], ticks: inside, format: powerOfTen };
}

/** 10 to a power as people write it: "0.03", "100", "10⁻⁷". */
export function powerOfTen(power: number): string {
  const value = Number((10 ** power).toPrecision(3));
  if (value >= 1e-3 && value < 1e4) return value >= 1000 ? count(value) : String(value);
  const superscript = [...String(Math.round(power))].map((c) => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]);
  return "10" + superscript.join("");
}
