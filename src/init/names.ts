/**
 * Initialisers by name, as they are typed: "torch_linear", "normal:0.5", "kaiming_uniform:fan_out,relu".
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import { constant, ones, zeros } from "./constant.ts";
import type { FanMode } from "./fans.ts";
import type { Nonlinearity } from "./gain.ts";
import type { Initializer, OptionValue } from "./initializer.ts";
import { deltaOrthogonal, orthogonal } from "./orthogonal.ts";
import { normal, truncNormal, uniform } from "./plain.ts";
import { kaimingNormal, kaimingUniform, torchLinear, xavierNormal, xavierUniform } from "./scaled.ts";
import { dirac, eye, identity, looksLinear, sparse, zerO } from "./structured.ts";
import {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  type ScaledShape,
  varianceScaling,
} from "./variance_scaling.ts";

/** What a name takes after its colon, in order; a `?` marks what may be left out, `#` what is a number. */
interface Spelling {
  readonly takes: readonly string[];
  readonly make: (options: Record<string, never>) => Initializer;
}

/** Options arrive by name with the type that the spelling asked for, so that the makers may trust them. */
function spelling<O>(takes: readonly string[], make: (options: O) => Initializer): Spelling {
  return { takes, make: make as (options: unknown) => Initializer };
}

const NAMES: Readonly<Record<string, Spelling>> = {
  zeros: spelling([], zeros),
  ones: spelling([], ones),
  constant: spelling<{ value: number }>(["value#"], ({ value }) => constant(value)),
  uniform: spelling<{ low?: number; high?: number }>(
    ["low#?", "high#?"],
    ({ low, high }) => uniform(low, high),
  ),
  normal: spelling<{ std?: number; mean?: number }>(
    ["std#?", "mean#?"],
    ({ std, mean }) => normal(std, mean),
  ),
  trunc_normal: spelling<{ std?: number; mean?: number; low?: number; high?: number }>(
    ["std#?", "mean#?", "low#?", "high#?"],
    ({ std, mean, low, high }) => truncNormal(std, mean, low, high),
  ),
  torch_linear: spelling([], torchLinear),
  xavier_uniform: spelling<{ gain?: number }>(["gain#?"], xavierUniform),
  xavier_normal: spelling<{ gain?: number }>(["gain#?"], xavierNormal),
  kaiming_uniform: spelling<{ mode?: FanMode; nonlinearity?: Nonlinearity; a?: number }>(
    ["mode?", "nonlinearity?", "a#?"],
    kaimingUniform,
  ),
  kaiming_normal: spelling<{ mode?: FanMode; nonlinearity?: Nonlinearity; a?: number }>(
    ["mode?", "nonlinearity?", "a#?"],
    kaimingNormal,
  ),
  variance_scaling: spelling<{ scale?: number; mode?: FanMode; distribution?: ScaledShape }>(
    ["scale#?", "mode?", "distribution?"],
    ({ scale, mode, distribution }) => varianceScaling(scale, mode, distribution),
  ),
  lecun_uniform: spelling([], lecunUniform),
  lecun_normal: spelling([], lecunNormal),
  glorot_uniform: spelling([], glorotUniform),
  glorot_normal: spelling([], glorotNormal),
  he_uniform: spelling([], heUniform),
  he_normal: spelling([], heNormal),
  orthogonal: spelling<{ gain?: number }>(["gain#?"], ({ gain }) => orthogonal(gain)),
  delta_orthogonal: spelling<{ gain?: number }>(["gain#?"], ({ gain }) => deltaOrthogonal(gain)),
  eye: spelling([], eye),
  identity: spelling<{ gain?: number }>(["gain#?"], ({ gain }) => identity(gain)),
  dirac: spelling<{ groups?: number }>(["groups#?"], ({ groups }) => dirac(groups)),
  sparse: spelling<{ sparsity: number; std?: number }>(
    ["sparsity#", "std#?"],
    ({ sparsity, std }) => sparse(sparsity, std),
  ),
  zero_hadamard: spelling([], zerO),
  looks_linear: spelling([], looksLinear),
};

/** The names that {@linkcode initializerByName} knows. */
export const INITIALIZER_NAMES: readonly string[] = Object.keys(NAMES);

/**
 * The initialiser that a text names.
 *
 * @param text A name, with options after a colon where it takes any, in order or by name: "normal:1" (std), "uniform:-0.1,0.1"
 *   (bounds), "kaiming_uniform:mode=fan_out".
 * @throws {ArgumentError} when the name is unknown or the options are wrong.
 */
export function initializerByName(text: string): Initializer {
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  if (!Object.hasOwn(NAMES, name)) {
    throw new ArgumentError(`unknown initialiser "${text}"`, `use one of ${INITIALIZER_NAMES.join(", ")}`);
  }
  const { takes, make } = NAMES[name];
  const options = colon < 0 ? {} : parseOptions(text, takes, text.slice(colon + 1).split(","));
  const missing = takes.find((taken) => !taken.endsWith("?") && !(bare(taken) in options));
  if (missing !== undefined) throw wrong(text, takes, `${bare(missing)} is missing`);
  return make(options as Record<string, never>);
}

/**
 * The initialisers of a list: "zeros,normal:1,uniform:-1,1,torch_linear". A part that is no name belongs to the name before it.
 *
 * @param list Names separated by commas.
 * @throws {ArgumentError} when one is unknown or given twice, or the list is empty.
 */
export function initializersByName(list: string): Initializer[] {
  const texts: string[] = [];
  for (const part of list.split(",").map((part) => part.trim())) {
    const begins = texts.length === 0 || !texts[texts.length - 1].includes(":") ||
      Object.hasOwn(NAMES, part.split(":")[0]);
    if (begins) texts.push(part);
    else texts.push(`${texts.pop()},${part}`);
  }
  const initializers = texts.map(initializerByName), names = initializers.map(String);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ArgumentError(`initialiser ${twice} is given twice`, "give it once");
  return initializers;
}

function parseOptions(text: string, takes: readonly string[], fields: string[]): Record<string, OptionValue> {
  const options: Record<string, OptionValue> = {};
  fields.forEach((field, i) => {
    const equals = field.indexOf("=");
    const key = equals < 0
      ? (takes[i] === undefined ? undefined : bare(takes[i]))
      : field.slice(0, equals).trim();
    const taken = takes.find((t) => bare(t) === key);
    if (key === undefined || taken === undefined) throw wrong(text, takes, `"${field}" is one too many`);
    if (key in options) throw wrong(text, takes, `${key} is given twice`);
    options[key] = optionValue(text, takes, taken, field.slice(equals + 1).trim());
  });
  return options;
}

function optionValue(text: string, takes: readonly string[], taken: string, value: string): OptionValue {
  if (!taken.includes("#")) return value;
  const number = value === "" ? NaN : Number(value);
  if (!Number.isFinite(number)) throw wrong(text, takes, `"${value}" is no number`);
  return number;
}

function bare(taken: string): string {
  return taken.replace(/[#?]/g, "");
}

function wrong(text: string, takes: readonly string[], what: string): ArgumentError {
  const wanted = takes.length === 0
    ? "it takes no options"
    : `it takes ${takes.map(bare).join(", ")} after its colon`;
  return new ArgumentError(`initialiser "${text}": ${what}`, wanted);
}
