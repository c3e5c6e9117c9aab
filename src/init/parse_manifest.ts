/**
 * Reading manifests, which may come from anywhere: everything is checked, and nothing is drawn or allocated for what they claim.
 *
 * @module
 */
import { FaninError, FormatError } from "../gpu/errors.ts";
import { isSize } from "../tensor/extent.ts";
import { refuseDuplicateKeys } from "../tensor/json_keys.ts";
import { quote } from "../tensor/quote.ts";
import type { Shape } from "../tensor/tensor.ts";
import type { Manifest, ManifestTensor } from "./manifest.ts";
import { initializerByName } from "./names.ts";
import { planOf } from "./plan.ts";

/** Most characters of a text, and most tensors in it. */
const LONGEST_TEXT = 2 ** 24, MOST_TENSORS = 2 ** 16;

/** The manifest, the tensors, a tensor, its shape. */
const DEEPEST = 4;

const KEYS = ["fanin", "generator", "seed", "range", "tensors"] as const;
const TENSOR_KEYS = ["name", "shape", "init", "biasOf", "first", "last", "unsplit"] as const;
const REMEDY = "write the manifest again with fanin init --manifest";

/** An object of JSON: its keys are its own, `__proto__` too. */
type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a manifest.
 *
 * @param text JSON, as {@linkcode manifestText} writes it; its layout and the order of its keys are free.
 * @returns The manifest, with initialisers as they print themselves.
 * @throws {FormatError} when it is no JSON, has a key that is unknown, missing or given twice, or says what cannot be: an unknown
 *   generator or initialiser, a seed beyond 64 bits, a size that is no whole number from 1 on, a name given twice.
 */
export function parseManifest(text: string): Manifest {
  const { fanin, generator, seed, range, tensors } = object(jsonOf(text), "the manifest", KEYS);
  const version = string(fanin, "fanin");
  if (!/^\d{1,9}\.\d{1,9}\.\d{1,9}(-[\w.-]{1,64})?$/.test(version)) {
    throw wrong(`fanin ${quote(version)} is no version`);
  }
  if (!Array.isArray(tensors) || tensors.length < 1 || tensors.length > MOST_TENSORS) {
    throw wrong(`tensors are ${quote(tensors)}, not 1 to ${MOST_TENSORS} of them`);
  }
  const manifest = {
    fanin: version,
    generator: string(generator, "generator") as Manifest["generator"],
    seed: string(seed, "seed"),
    ...range !== undefined && { range: pair(range) },
    tensors: tensors.map(tensorOf),
  };
  refused(() => planOf(manifest));
  return manifest;
}

function jsonOf(text: string): unknown {
  if (text.length > LONGEST_TEXT) {
    throw wrong(`the manifest has ${text.length} characters, more than ${LONGEST_TEXT}`);
  }
  refuseDuplicateKeys(text, "the manifest", DEEPEST);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(`the manifest is no JSON: ${quote(text)}`, REMEDY, { cause: error });
  }
}

function tensorOf(value: unknown, i: number): ManifestTensor {
  const what = `tensor ${i} of the manifest`,
    { name, shape, init, ...rest } = object(value, what, TENSOR_KEYS);
  const { biasOf, first, last, unsplit } = rest;
  const text = string(init, `init of ${what}`);
  const tensor = {
    name: string(name, `the name of ${what}`),
    shape: sizes(shape, `the shape of ${what}`),
    init: refused(() => initializerByName(text).toString(), what),
  };
  return {
    ...tensor,
    ...biasOf !== undefined && { biasOf: sizes(biasOf, `biasOf of ${what}`) },
    ...flag(first, `first of ${what}`) && { first: true as const },
    ...flag(last, `last of ${what}`) && { last: true as const },
    ...flag(unsplit, `unsplit of ${what}`) && { unsplit: true as const },
  };
}

function object<K extends string>(
  value: unknown,
  what: string,
  known: readonly K[],
): Readonly<Record<K, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrong(`${what} is ${quote(value)}, not an object`);
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key as K));
  if (unknown !== undefined) throw wrong(`${what} has the unknown key ${quote(unknown)}`);
  // Of a prototype that somebody has given keys, nothing is taken.
  return Object.assign(Object.create(null), value as Json) as Readonly<Record<K, unknown>>;
}

function string(value: unknown, what: string): string {
  if (typeof value !== "string") throw wrong(`${what} is ${quote(value)}, not a string`);
  return value;
}

function sizes(value: unknown, what: string): Shape {
  if (!Array.isArray(value) || !value.every(isSize)) {
    throw wrong(`${what} is ${quote(value)}, not an array of whole numbers below 2^53`);
  }
  return value;
}

function pair(value: unknown): [number, number] {
  if (!Array.isArray(value) || value.length !== 2 || !value.every(isSize)) {
    throw wrong(`range is ${quote(value)}, not two whole numbers below 2^53`);
  }
  return [value[0], value[1]];
}

function flag(value: unknown, what: string): boolean {
  if (value !== undefined && value !== true) throw wrong(`${what} is ${quote(value)}, not true`);
  return value === true;
}

/** What a manifest's parts are refused for is a fault of the file. */
function refused<T>(body: () => T, what?: string): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof FaninError)) throw error;
    const cause = error.problem;
    throw new FormatError(what === undefined ? cause : `${what}: ${cause}`, error.remedy, { cause: error });
  }
}

function wrong(cause: string): FormatError {
  return new FormatError(cause, REMEDY);
}
