/**
 * Repeated streams: parameters, or parts of them, that were filled with the same draws.
 *
 * A generator that is seeded alike for two parameters gives both the same words, and each makes its own numbers of them: equal, or equal
 * but for a factor where bound or deviation differ. So the search is for runs of consecutive elements that are proportional.
 *
 * Every window of eight elements has a code: the seven ratios of neighbours, in sign and logarithm, rounded to 2^-10 of an octave. The
 * codes of some windows are kept (every eighth, and the first of every row), all others are looked up among them, and what is found
 * is compared element by element and extended to both sides.
 *
 * Found are runs of 15 elements or more at any place, and of 8 or more that begin a row or lie at a multiple of 8 in the first of the
 * two; beyond 2^24 elements in all every 16th window is kept, and so on. Equal bits are always found; runs that are scaled are missed
 * where one of the seven ratios is rounded the other way, once in 500 windows, so that longer runs are missed with a probability
 * that falls by that factor every eight elements.
 *
 * Not found: another distribution made of the same words, a mean that is not zero, elements in another order (a transposed matrix), runs
 * with a zero, an infinity or a NaN in every window, and constant or periodic runs, which come from no generator. Elements with few
 * random bits, such as float32 converted from bfloat16, may be reported as scaled by chance.
 *
 * @module
 */
import type { NamedArray } from "./named_array.ts";

/** Elements of a window. */
const WINDOW = 8;

/** Ratios of neighbours in it. */
const RATIOS = WINDOW - 1;

/** Steps of an octave that the logarithm of a ratio is rounded to. */
const STEPS = 1024;

/** Fewer different ratios than this are a pattern: a constant, a period of two to four, zeros and ones. */
const FEWEST_RATIOS = 5;

/** Elements for which every eighth window is kept. */
const ELEMENTS = 2 ** 24;

/** Outside of these, float32 has too few bits left for ratios, or may flush to zero. */
const SMALLEST = 1e-30, LARGEST = 1e30;

/** Code of two neighbours without a ratio: no window with it is kept. */
const NO_RATIO = 0x40000000;

/** Farthest that a scaled element may be off, relatively: two roundings, and two of the quotient that gives the scale, are 2^-22. */
const TOLERANCE = 2 ** -20;

/** Consecutive elements of a parameter, row-major. */
export interface Run {
  /** The parameter. */
  readonly name: string;
  /** Its first element. */
  readonly start: number;
  /** Number of elements. */
  readonly length: number;
  /** First row and the row after the last, where it consists of whole rows. */
  readonly rows?: readonly [number, number];
  /** Whether it is the whole parameter. */
  readonly whole: boolean;
}

/** Two runs that were filled with the same draws. */
export interface Repeat {
  /** The one that comes first. */
  readonly first: Run;
  /** Its repetition. */
  readonly second: Run;
  /** Whether they are equal bit for bit. No false alarm is possible about that. */
  readonly exact: boolean;
  /**
   * What the elements of the first are multiplied by to give those of the second, to within 2^-20 of each; 1 where they are equal. Eight
   * independent elements of 20 random bits or more agree so with a probability below 2^-130 a pair of windows: below 2^-70 among the
   * 2^60 pairs of 2^30 elements.
   */
  readonly scale: number;
}

/**
 * Finds parameters and parts of them that were filled with the same draws. Of three that are alike the second and the third are
 * reported, each with the first.
 *
 * @param arrays The parameters in any order: of a network (`arraysOfNetwork`), of a file (`arraysOfFile`), or any others.
 * @returns The repetitions, in the order of their places.
 *
 * @example
 * ```ts
 * import { describeRepeat, findRepeats } from "@fanin/fanin/diagnose";
 *
 * const data = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i * i));
 * const [repeat] = findRepeats([
 *   { name: "0.weight", shape: [5, 8], data },
 *   { name: "2.weight", shape: [2, 10], data: data.subarray(0, 20).map((x) => x / 2) },
 * ]);
 * console.log(describeRepeat(repeat)); // 2.weight is 0.weight elements 0 to 19 times 0.5: …
 * ```
 */
export function findRepeats(arrays: readonly NamedArray[]): Repeat[] {
  const total = arrays.reduce((sum, { data }) => sum + data.length, 0);
  const stride = WINDOW * Math.max(1, Math.ceil(total / ELEMENTS));
  const kept: Kept = new Map(), repeats: Repeat[] = [];
  for (let index = 0; index < arrays.length; index++) searchArray(arrays, index, { stride, kept }, repeats);
  return repeats;
}

/**
 * What a repetition means, in one sentence.
 *
 * @param repeat What {@linkcode findRepeats} found.
 */
export function describeRepeat({ first, second, exact, scale }: Repeat): string {
  const relation = exact ? "equals" : "is", factor = exact ? "" : ` times ${Number(scale.toPrecision(7))}`;
  return `${runText(second)} ${relation} ${runText(first)}${factor}${exact ? " bit for bit" : ""}: ` +
    "both were filled with the same draws, so give each parameter a stream of its own";
}

function runText({ name, start, length, rows, whole }: Run): string {
  if (whole) return name;
  if (rows === undefined) return `${name} elements ${start} to ${start + length - 1}`;
  return rows[1] - rows[0] === 1 ? `${name} row ${rows[0]}` : `${name} rows ${rows[0]} to ${rows[1] - 1}`;
}

/** Code of a window to its place: which array, which element. */
type Kept = Map<number, Place>;

interface Place {
  readonly index: number;
  readonly at: number;
}

interface Index {
  readonly stride: number;
  readonly kept: Kept;
}

/** Looks up the windows of one array, and keeps some of them. */
function searchArray(
  arrays: readonly NamedArray[],
  index: number,
  { stride, kept }: Index,
  repeats: Repeat[],
): void {
  const { data, shape } = arrays[index], columns = shape.length > 1 ? data.length / shape[0] : data.length;
  const codes = windowCodes(data), ratios = codes.ratios;
  let searched = 0;
  for (let at = 0; at + WINDOW <= data.length; at++) {
    const code = codes.windows[at], place = at >= searched ? kept.get(code) : undefined;
    if (place !== undefined) {
      const repeat = compare(arrays, place, { index, at }, searched);
      if (repeat !== undefined) {
        repeats.push(repeat);
        searched = repeat.second.start + repeat.second.length;
      }
    }
    if ((at % stride === 0 || at % columns === 0) && !kept.has(code) && isVaried(ratios, at)) {
      kept.set(code, { index, at });
    }
  }
}

/** A number for every window, and for every element the sign and the rounded logarithm of its successor's ratio to it. */
function windowCodes(data: Float32Array): { windows: Float64Array; ratios: Int32Array } {
  const ratios = new Int32Array(data.length), windows = new Float64Array(data.length);
  for (let i = 0; i + 1 < data.length; i++) ratios[i] = ratioCode(data[i], data[i + 1]);
  const windowed = [rolling(ratios, 0x01000193), rolling(ratios, 0x9e3779b1)];
  for (let i = 0; i < data.length; i++) {
    windows[i] = (windowed[0][i] >>> 0) + (windowed[1][i] >>> 11) * 2 ** 32;
  }
  return { windows, ratios };
}

function ratioCode(from: number, to: number): number {
  const ratio = Math.abs(to / from), size = Math.abs(from);
  const isUsual = size > SMALLEST && size < LARGEST && Math.abs(to) > SMALLEST && Math.abs(to) < LARGEST;
  if (!isUsual) return NO_RATIO;
  return 2 * Math.round(STEPS * Math.log2(ratio)) + (from < 0 === to < 0 ? 0 : 1);
}

/** Σ_k scrambled(ratios[i + k]) multiplier^(6 - k), modulo 2^32, for every window's first element i. */
function rolling(ratios: Int32Array, multiplier: number): Int32Array {
  const sums = new Int32Array(ratios.length);
  let leaving = 1, sum = 0;
  for (let k = 0; k < RATIOS; k++) leaving = Math.imul(leaving, multiplier);
  for (let i = 0; i < ratios.length; i++) {
    sum = Math.imul(sum, multiplier) + scrambled(ratios[i]) | 0;
    if (i >= RATIOS) sum = sum - Math.imul(leaving, scrambled(ratios[i - RATIOS])) | 0;
    if (i >= RATIOS - 1) sums[i - RATIOS + 1] = sum;
  }
  return sums;
}

/** A bijection that spreads the codes over all 32 bits: lowbias32 by C. Wellons. */
function scrambled(code: number): number {
  let x = Math.imul(code ^ (code >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

function isVaried(ratios: Int32Array, at: number): boolean {
  const window = ratios.subarray(at, at + RATIOS);
  return !window.includes(NO_RATIO) && new Set(window).size >= FEWEST_RATIOS;
}

/** The whole run around two windows of equal code, unless they only share the code. */
function compare(
  arrays: readonly NamedArray[],
  first: Place,
  second: Place,
  searched: number,
): Repeat | undefined {
  const a = arrays[first.index].data, b = arrays[second.index].data;
  const sameBits = bitEquality(a, b), isExact = covers(sameBits, first.at, second.at);
  const scale = isExact ? 1 : scaleOf(a, b, first.at, second.at);
  const same = isExact ? sameBits : proportionality(a, b, scale);
  if (!isExact && !covers(same, first.at, second.at)) return undefined;
  let before = 0, length = WINDOW;
  const room = Math.min(first.at, second.at - searched);
  while (before < room && same(first.at - before - 1, second.at - before - 1)) before++;
  const most = Math.min(a.length - first.at, b.length - second.at);
  while (length < most && same(first.at + length, second.at + length)) length++;
  return {
    first: runOf(arrays[first.index], first.at - before, before + length),
    second: runOf(arrays[second.index], second.at - before, before + length),
    exact: isExact,
    scale,
  };
}

/** Whether element i of one array and j of another are alike. */
type Same = (i: number, j: number) => boolean;

function covers(same: Same, i: number, j: number): boolean {
  for (let k = 0; k < WINDOW; k++) if (!same(i + k, j + k)) return false;
  return true;
}

function bitEquality(a: Float32Array, b: Float32Array): Same {
  const [x, y] = [a, b].map((data) => new Uint32Array(data.buffer, data.byteOffset, data.length));
  return (i, j) => x[i] === y[j];
}

function proportionality(a: Float32Array, b: Float32Array, scale: number): Same {
  return (i, j) => Math.abs(b[j] - scale * a[i]) <= TOLERANCE * Math.abs(b[j]);
}

/** From the window's largest element, whose rounding weighs least. */
function scaleOf(a: Float32Array, b: Float32Array, i: number, j: number): number {
  let most = 0;
  for (let k = 1; k < WINDOW; k++) if (Math.abs(a[i + k]) > Math.abs(a[i + most])) most = k;
  return b[j + most] / a[i + most];
}

function runOf({ name, shape, data }: NamedArray, start: number, length: number): Run {
  const whole = length === data.length, columns = shape.length > 1 ? data.length / shape[0] : 0;
  const isRows = columns > 0 && start % columns === 0 && length % columns === 0;
  return {
    name,
    start,
    length,
    ...(isRows ? { rows: [start / columns, (start + length) / columns] as const } : {}),
    whole,
  };
}
