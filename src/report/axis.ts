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

/** An axis with a place for every value that it shows. */
export interface PlacedAxis extends Axis {
  /** Where a value is, in the axis's coordinates; `null` is what is not finite. */
  place: (value: number | null) => number;
}

/** How many ticks there is room for on an axis as wide as a chart. */
const ROOM = 7;

/** Ticks that are not too near each other: earlier ones first. */
function spaced(ticks: readonly number[], [low, high]: readonly [number, number]): number[] {
  const kept: number[] = [], distance = (high - low) / ROOM;
  for (const tick of ticks) {
    const inside = tick >= low - 1e-9 && tick <= high + 1e-9;
    if (inside && kept.every((other) => Math.abs(other - tick) >= distance)) kept.push(tick);
  }
  return kept.sort((a, b) => a - b);
}

/**
 * A logarithmic axis for positive values, with a place at the right for what is not finite.
 *
 * @param label What it shows.
 * @param values What is on it.
 */
export function positiveAxis(label: string, values: readonly (number | null)[]): PlacedAxis {
  const least = 1e-12, logs = values.filter((x) => x !== null).map((x) => Math.log10(Math.max(x, least)));
  const low = logs.reduce((a, b) => Math.min(a, b), logs[0] ?? 0);
  const high = Math.max(low + 0.1, logs.reduce((a, b) => Math.max(a, b), low));
  const margin = 0.05 * (high - low), lost = high + 0.18 * (high - low), isLost = values.includes(null);
  const domain: [number, number] = [low - margin, (isLost ? lost : high) + margin];
  const heads = [[0], [3], [2, 5], [1.5, 7]].flatMap((digits) =>
    powers(domain).flatMap((power) => digits.map((digit) => power + (digit === 0 ? 0 : Math.log10(digit))))
  );
  const inside = logs.length === 0 ? [] : spaced(heads, [domain[0], high + margin]);
  const ticks = [
    ...inside.filter((tick) => !isLost || tick < lost - (lost - low) / ROOM),
    ...isLost ? [lost] : [],
  ];
  const format = (tick: number) => isLost && tick === lost ? "not finite" : powerOfTen(tick);
  const place = (x: number | null) => x === null ? lost : Math.log10(Math.max(x, least));
  return { label, domain, ticks, format, place };
}

function powers([low, high]: readonly [number, number]): number[] {
  const first = Math.floor(low);
  return Array.from({ length: Math.ceil(high) - first + 1 }, (_, i) => first + i);
}

/** Accuracies that a tick may stand at. */
const ACCURACIES = [
  0,
  0.9,
  0.99,
  0.999,
  0.5,
  0.8,
  0.95,
  0.98,
  0.995,
  0.2,
  0.3,
  0.7,
  0.85,
  0.97,
  0.93,
  0.96,
  0.94,
];

/**
 * An axis of accuracies, logarithmic in the error, so that 98% and 99% are as far apart as 80% and 90%.
 *
 * @param label What it shows.
 * @param values Accuracies, 0 to 1.
 * @param rows How many rows they count: 100% has the place of an error of half a row.
 */
export function accuracyAxis(label: string, values: readonly number[], rows: number): PlacedAxis {
  const place = (x: number | null) => -Math.log10(Math.max(1 - (x ?? 0), 0.5 / Math.max(1, rows)));
  const places = values.map(place), low = places.reduce((a, b) => Math.min(a, b), places[0] ?? 0);
  const high = Math.max(low + 0.1, places.reduce((a, b) => Math.max(a, b), low)),
    margin = 0.05 * (high - low);
  const domain: [number, number] = [low - margin, high + margin];
  const all = [...values.includes(1) ? [1] : [], ...ACCURACIES];
  const ticks = spaced(all.map(place), domain);
  const format = (tick: number) => `${Number((100 * (tick >= place(1) ? 1 : 1 - 10 ** -tick)).toFixed(2))}%`;
  return { label, domain, ticks, format, place };
}

/**
 * An axis of differences about 0: sign(x) log10(1 + |x| / unit), linear near 0 and logarithmic far from it.
 *
 * @param label What it shows.
 * @param extents How far from 0 each row reaches; the unit is a power of ten below the least.
 * @param range The least and the greatest value.
 * @param show What a tick says: the absolute value.
 */
export function differenceAxis(
  label: string,
  extents: readonly number[],
  [least, greatest]: readonly [number, number],
  show: (value: number) => string,
): PlacedAxis {
  const positive = extents.filter((x) => x > 0), largest = positive.reduce((a, b) => Math.max(a, b), 1e-12);
  const smallest = positive.reduce((a, b) => Math.min(a, b), largest);
  // Five decades at most: further in nothing can be told from 0 anyway.
  const unit = 10 ** Math.floor(Math.log10(Math.max(smallest, largest * 1e-5)));
  const place = (x: number | null) => Math.sign(x ?? 0) * Math.log10(1 + Math.abs(x ?? 0) / unit);
  const low = Math.min(0, place(least)),
    high = Math.max(0, place(greatest)),
    margin = 0.06 * (high - low || 1);
  const domain: [number, number] = [low - margin, high + margin];
  const decades = Array.from({ length: 7 }, (_, i) => unit * 10 ** i);
  const sizes = [1, 3, 2, 5].flatMap((head) =>
    decades.map((decade) => Number((head * decade).toPrecision(3)))
  );
  const values = new Map([0, ...sizes.flatMap((x) => [x, -x])].map((x) => [place(x), x]));
  const format = (tick: number) => {
    const value = values.get(tick) ?? 0;
    return value === 0 ? "0" : `${value < 0 ? "−" : "+"}${show(Math.abs(value))}`;
  };
  return { label, domain, ticks: spaced([...values.keys()], domain), format, place };
}

/** 10 to a power as people write it: "0.03", "100", "10⁻⁷", "3 × 10⁻⁴". */
export function powerOfTen(power: number): string {
  const value = Number((10 ** power).toPrecision(3));
  if (value >= 1e-3 && value < 1e4) return value >= 1000 ? count(value) : String(value);
  const [head, exponent] = value.toExponential().split("e"), times = head === "1" ? "" : `${head} × `;
  const superscript = [...exponent.replace("+", "")].map((c) => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]);
  return `${times}10${superscript.join("")}`;
}
