/**
 * Distributions as plain data, checked in one place, and what the kernels need to draw from them.
 *
 * @module
 */
import { fill, fillFours } from "../../kernels/fill.ts";
import { type GeneratorName, GENERATORS } from "../../kernels/generator.ts";
import type { ElementType, Kernel, TableStore } from "../../kernels/kernel.ts";
import { random, type RandomCut, type RandomKind } from "../../kernels/random.ts";
import { ArgumentError } from "../gpu/errors.ts";
import { normalCdf } from "./normal.ts";

/** What the elements of a tensor are drawn from. */
export type Distribution =
  /** Every element is `value`. */
  | { readonly kind: "constant"; readonly value: number }
  /** The generator's 32-bit words (u32). */
  | { readonly kind: "bits" }
  /** Whole numbers from `low` to `high - 1`, without bias (i32). */
  | { readonly kind: "integers"; readonly low: number; readonly high: number }
  /** U[low, high); `high` itself is never returned. */
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  /** U[-bound, bound), with a single rounding. */
  | { readonly kind: "bounded"; readonly bound: number }
  /** 1 with the given probability, to within 2^-24, else 0 (f32). */
  | { readonly kind: "bernoulli"; readonly probability: number }
  /** N(mean, std²). */
  | { readonly kind: "normal"; readonly mean: number; readonly std: number }
  /** N(mean, std²) given that it lies between `low` and `high`. */
  | {
    readonly kind: "truncated_normal";
    readonly mean: number;
    readonly std: number;
    readonly low: number;
    readonly high: number;
  };

/** A distribution with its parameters as the kernels take them. */
export interface Sampler {
  /** Element type of what is drawn. */
  readonly type: ElementType;
  /** Which recipe of the random kernels draws it; the constant has none. */
  readonly kind: RandomKind | "constant";
  /**
   * The kernel for what of a stream it draws: same parameters, same numbers. Parameters that say which words are added by the caller.
   *
   * @param cut Any range, whole blocks, or few of them; of a constant, one by one or fours.
   */
  kernel(cut: RandomCut): Kernel<"out">;
  /** The distribution's parameters: float32 where the kernel has float32. */
  readonly params: Readonly<Record<string, number>>;
}

/** A distribution that was checked, without its kernels. */
type Checked = Omit<Sampler, "kernel">;

/**
 * Scales and places outside of these would reach float32's subnormal numbers, which GPUs may flush, or its infinities: a place of
 * 1e38 and 6.34 times the largest scale are still finite together.
 */
const SMALLEST_SCALE = 1e-28, LARGEST_SCALE = 1e37, LARGEST_PLACE = 1e38;

/** A normal is cut only where at least this much of it is left: its 32 bits would be too coarse for less. */
const LEAST_PROBABILITY = 2 ** -12;

/**
 * Checks a distribution and names its kernel.
 *
 * @param d The distribution.
 * @param generator Where the words come from.
 * @param tables Where the normal's table lies.
 * @throws {ArgumentError} when a bound or scale is not finite, the wrong way round, or beyond what float32 can carry.
 */
export function sampler(d: Distribution, generator: GeneratorName, tables?: TableStore): Sampler {
  const { type, kind, params } = checked(d, generator);
  const kernel = (cut: RandomCut) => {
    if (kind !== "constant") return random(generator, kind, cut, tables);
    return cut === "range" ? fill : fillFours;
  };
  return { type, kind, params, kernel };
}

/** Checks a distribution; what cannot be drawn from is refused. */
function checked(d: Distribution, generator: GeneratorName): Checked {
  switch (d.kind) {
    case "constant":
      if (Number.isNaN(d.value)) throw new ArgumentError("constant value NaN", "give a number");
      return always(d.value);
    case "bits":
      return { type: "u32", kind: "bits", params: {} };
    case "integers":
      return integers(d.low, d.high);
    case "bounded":
      return bounded(d.bound);
    case "uniform":
      return uniform(d.low, d.high);
    case "bernoulli":
      return bernoulli(d.probability, GENERATORS[generator].unitBits);
    case "normal":
      return normal(d.mean, d.std);
    case "truncated_normal":
      return truncatedNormal(d.mean, d.std, d.low, d.high);
  }
}

function integers(low: number, high: number): Checked {
  const range = high - low;
  const fits = Number.isInteger(low) && Number.isInteger(high) && low >= -(2 ** 31) && high <= 2 ** 31;
  if (!fits || range < 1 || range >= 2 ** 32) {
    throw new ArgumentError(
      `integers from ${low} to below ${high}`,
      "give whole numbers of 32 bits, the lower one first; for all 2^32 draw bits",
    );
  }
  return { type: "i32", kind: "integers", params: { low, range, uneven: 2 ** 32 % range } };
}

/** Nothing is drawn with a scale of 0: half of the products would be -0, whose sign WGSL does not promise to keep. */
function always(value: number): Checked {
  return { type: "f32", kind: "constant", params: { value } };
}

function bounded(given: number): Checked {
  const bound = scale("bound", given);
  return bound === 0 ? always(0) : { type: "f32", kind: "bounded", params: { bound } };
}

function uniform(lowGiven: number, highGiven: number): Checked {
  const low = place("low", lowGiven), high = place("high", highGiven);
  if (!(low < high)) {
    throw new ArgumentError(
      `uniform from ${lowGiven} to ${highGiven} is empty in float32`,
      "give a lower bound below the upper one",
    );
  }
  if (low === 0 && high === 1) return { type: "f32", kind: "unit", params: {} };
  const width = scale("the distance between the bounds", high - low);
  return { type: "f32", kind: "uniform", params: { low, high, width, below: nextBelow(high), zero: 0 } };
}

function bernoulli(probability: number, bits: number): Checked {
  if (!(probability >= 0 && probability <= 1)) {
    throw new ArgumentError(`probability ${probability}`, "give a number from 0 to 1");
  }
  return {
    type: "f32",
    kind: "bernoulli",
    params: { threshold: Math.ceil(Math.fround(probability) * 2 ** bits) },
  };
}

function normal(meanGiven: number, stdGiven: number): Checked {
  const mean = place("mean", meanGiven), sigma = scale("std", stdGiven);
  if (sigma === 0) return always(mean);
  if (mean === 0) return { type: "f32", kind: "normal", params: { sigma } };
  return { type: "f32", kind: "shifted_normal", params: { mean, sigma, zero: 0 } };
}

function truncatedNormal(mean: number, std: number, low: number, high: number): Checked {
  const params = {
    mean: place("mean", mean),
    sigma: scale("std", std),
    low: place("low", low),
    high: place("high", high),
    zero: 0,
  };
  if (!(params.low < params.high) || params.sigma === 0) {
    throw new ArgumentError(
      `a normal with std ${std} between ${low} and ${high}`,
      "give a std above 0 and a lower bound below the upper one",
    );
  }
  const at = (bound: number) =>
    Math.min(Math.round(normalCdf((bound - params.mean) / params.sigma) * 2 ** 32), 2 ** 32 - 1);
  const first = at(params.low), span = at(params.high) - first;
  if (span < LEAST_PROBABILITY * 2 ** 32) {
    throw new ArgumentError(
      `a normal with mean ${mean} and std ${std} lies between ${low} and ${high} with probability ${
        span / 2 ** 32
      }`,
      `give bounds that leave ${LEAST_PROBABILITY} or more`,
    );
  }
  return { type: "f32", kind: "truncated_normal", params: { ...params, first, span } };
}

function place(name: string, value: number): number {
  if (!Number.isFinite(Math.fround(value))) {
    throw new ArgumentError(`${name} = ${value} is not finite in float32`, "give a finite number");
  }
  if (value !== 0 && (Math.abs(value) < SMALLEST_SCALE || Math.abs(value) > LARGEST_PLACE)) {
    throw new ArgumentError(
      `${name} = ${value} is at the end of what a float32 can carry`,
      `give 0 or a number from ${SMALLEST_SCALE} to ${LARGEST_PLACE}, of either sign`,
    );
  }
  return Math.fround(value);
}

function scale(name: string, value: number): number {
  if (!(value >= 0) || value > LARGEST_SCALE || (value !== 0 && value < SMALLEST_SCALE)) {
    throw new ArgumentError(
      `${name} = ${value} cannot scale a float32`,
      `give 0 or a number from ${SMALLEST_SCALE} to ${LARGEST_SCALE}`,
    );
  }
  return Math.fround(value);
}

/** The largest float32 below a float32. */
export function nextBelow(x: number): number {
  const value = new Float32Array([x]), bits = new Int32Array(value.buffer);
  if (x === 0) return -(2 ** -149);
  bits[0] += x > 0 ? -1 : 1;
  return value[0];
}
