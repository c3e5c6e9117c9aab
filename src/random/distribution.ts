/**
 * Distributions as plain data, checked in one place, and what the kernels need to draw from them.
 *
 * @module
 */
import type { ElementType, Kernel } from "../../kernels/kernel.ts";
import { fill } from "../../kernels/fill.ts";
import {
  randomBits,
  randomBounded,
  randomNormal,
  randomShiftedNormal,
  randomUniform,
  randomUnit,
} from "../../kernels/random.ts";
import { ArgumentError } from "../gpu/errors.ts";

/** What the elements of a tensor are drawn from. */
export type Distribution =
  /** Every element is `value`. */
  | { readonly kind: "constant"; readonly value: number }
  /** The generator's 32-bit words. */
  | { readonly kind: "bits" }
  /** U[low, high); `high` itself is never returned. */
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  /** U[-bound, bound), with a single rounding. */
  | { readonly kind: "bounded"; readonly bound: number }
  /** N(mean, std²). */
  | { readonly kind: "normal"; readonly mean: number; readonly std: number };

/** A distribution with its parameters as float32 numbers: which kernel draws it, and with which parameters of its own. */
export interface Sampler {
  /** Element type of what is drawn. */
  readonly type: ElementType;
  /** The kernel; parameters that say which words are added by the caller. */
  readonly kernel: Kernel<"out">;
  /** The distribution's parameters. */
  readonly params: Readonly<Record<string, number>>;
}

/** Scales outside of these would reach float32's subnormal numbers, which GPUs flush, or its infinities. */
const SMALLEST_SCALE = 1e-28, LARGEST_SCALE = 1e37;

/**
 * Checks a distribution and names its kernel.
 *
 * @param d The distribution.
 * @throws {ArgumentError} when a bound or scale is not finite, the wrong way round, or beyond what float32 can carry.
 */
export function sampler(d: Distribution): Sampler {
  switch (d.kind) {
    case "constant":
      if (Number.isNaN(d.value)) throw new ArgumentError("constant value NaN", "give a number");
      return { type: "f32", kernel: fill, params: { value: d.value } };
    case "bits":
      return { type: "u32", kernel: randomBits, params: {} };
    case "bounded":
      return { type: "f32", kernel: randomBounded, params: { bound: scale("bound", d.bound) } };
    case "uniform":
      return uniformSampler(d.low, d.high);
    case "normal":
      return normalSampler(d.mean, d.std);
  }
}

function uniformSampler(lowGiven: number, highGiven: number): Sampler {
  const low = finite("low", lowGiven), high = finite("high", highGiven);
  if (!(low < high)) {
    throw new ArgumentError(
      `uniform from ${lowGiven} to ${highGiven} is empty in float32`,
      "give a lower bound below the upper one",
    );
  }
  if (low === 0 && high === 1) return { type: "f32", kernel: randomUnit, params: {} };
  const width = scale("the distance between the bounds", high - low);
  return {
    type: "f32",
    kernel: randomUniform,
    params: { low, high, width, below: nextBelow(high), zero: 0 },
  };
}

function normalSampler(meanGiven: number, stdGiven: number): Sampler {
  const mean = finite("mean", meanGiven), std = scale("std", stdGiven);
  if (mean === 0) return { type: "f32", kernel: randomNormal, params: { sigma: std } };
  return { type: "f32", kernel: randomShiftedNormal, params: { mean, sigma: std, zero: 0 } };
}

function finite(name: string, value: number): number {
  if (!Number.isFinite(Math.fround(value))) {
    throw new ArgumentError(`${name} = ${value} is not finite in float32`, "give a finite number");
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
