/**
 * What a word becomes, on the host: float64 steps that round to float32 exactly where the kernels do.
 *
 * @module
 */
import { type GeneratorName, GENERATORS } from "../../kernels/generator.ts";
import { INTEGER_ATTEMPTS } from "../../kernels/random.ts";
import type { Sampler } from "./distribution.ts";
import { normalTail } from "./generator.ts";
import { normalOfTail } from "./normal.ts";
import { mulhi } from "./philox.ts";

/** Turns a word into a number; `again` gives the word of a further attempt at the same element. */
export type HostNumber = (word: number, again: (attempt: number) => number) => number;

const { fround } = Math;

/**
 * The function that turns a generator's words into a distribution's numbers.
 *
 * @param generator Where the words come from.
 * @param chosen The distribution.
 */
export function hostNumber(
  generator: GeneratorName,
  { kind, params }: Pick<Sampler, "kind" | "params">,
): HostNumber {
  const bits = GENERATORS[generator].unitBits, shift = 32 - bits;
  const upper = -(2 ** (32 - GENERATORS[generator].normalBits));
  const unit = (word: number) => (word >>> shift) * 2 ** -bits;
  const normal = (word: number) => {
    const { tail, negative } = normalTail(generator, word);
    return normalOfTail(tail, negative);
  };
  switch (kind) {
    case "constant":
      return () => params.value;
    case "bits":
      return (word) => word;
    case "unit":
      return unit;
    case "bounded":
      return (word) => fround((2 * unit(word) - 1) * params.bound);
    case "uniform":
      return (word) => {
        const value = scaled(unit(word), params.width, params.low);
        return value >= params.high ? params.below : value;
      };
    case "bernoulli":
      return (word) => (word >>> shift) < params.threshold ? 1 : 0;
    case "integers":
      return (word, again) => integer(word, again, params);
    case "normal":
      return (word) => fround(normal(word) * params.sigma);
    case "shifted_normal":
      return (word) => scaled(normal(word), params.sigma, params.mean);
    case "truncated_normal":
      return (word) => truncated((word & upper) >>> 0, params);
  }
}

/** Two roundings. */
function scaled(x: number, scale: number, offset: number): number {
  return fround(fround(x * scale) + offset);
}

function integer(
  first: number,
  again: (attempt: number) => number,
  { low, range, uneven }: Readonly<Record<string, number>>,
): number {
  let word = first;
  for (let attempt = 1; attempt < INTEGER_ATTEMPTS && (Math.imul(word, range) >>> 0) < uneven; attempt++) {
    word = again(attempt);
  }
  return low + mulhi(word, range);
}

function truncated(word: number, params: Readonly<Record<string, number>>): number {
  const c = params.first + mulhi(word, params.span), left = c < 0x80000000;
  const z = normalOfTail((((left ? c : 0xffffffff - c) << 1) | 1) >>> 0, left);
  return Math.min(Math.max(scaled(z, params.sigma, params.mean), params.low), params.high);
}
