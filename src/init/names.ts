/**
 * Initialisers by name, as they are typed: "torch_linear", "normal:0.5", "uniform:-1,1".
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import {
  constant,
  type Initializer,
  kaimingNormal,
  normal,
  ones,
  torchLinear,
  uniform,
  zeros,
} from "./initializer.ts";

/** How many numbers a name takes after its colon, and what it makes of them. */
const NAMES: Record<string, { least: number; most: number; make: (...numbers: number[]) => Initializer }> = {
  zeros: { least: 0, most: 0, make: zeros },
  ones: { least: 0, most: 0, make: ones },
  constant: { least: 1, most: 1, make: constant },
  uniform: { least: 0, most: 2, make: uniform },
  normal: { least: 0, most: 2, make: normal },
  torch_linear: { least: 0, most: 0, make: torchLinear },
  kaiming_normal: { least: 0, most: 0, make: kaimingNormal },
};

/** The names that {@linkcode initializerByName} knows. */
export const INITIALIZER_NAMES: readonly string[] = Object.keys(NAMES);

/**
 * The initialiser that a text names.
 *
 * @param text A name, with numbers after a colon where it takes any: "normal:1" (std), "uniform:-0.1,0.1" (bounds).
 * @throws {ArgumentError} when the name is unknown or the numbers are wrong.
 */
export function initializerByName(text: string): Initializer {
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon), rest = colon < 0 ? undefined : text.slice(colon + 1);
  if (!Object.hasOwn(NAMES, name)) {
    throw new ArgumentError(`unknown initialiser "${text}"`, `use one of ${INITIALIZER_NAMES.join(", ")}`);
  }
  const { least, most, make } = NAMES[name];
  const fields = rest === undefined ? [] : rest.split(",");
  const numbers = fields.map((field) => field.trim() === "" ? NaN : Number(field));
  if (numbers.length < least || numbers.length > most || numbers.some(Number.isNaN)) {
    const wanted = most === 0 ? "no numbers" : least === most ? `${most} number` : `up to ${most} numbers`;
    throw new ArgumentError(`initialiser "${text}"`, `${name} takes ${wanted} after its colon`);
  }
  return make(...numbers);
}

/**
 * The initialisers of a list: "zeros,normal:1,uniform:-1,1,torch_linear". A part that is a number belongs to the name before.
 *
 * @param list Names separated by commas.
 * @throws {ArgumentError} when one is unknown or given twice, or the list is empty.
 */
export function initializersByName(list: string): Initializer[] {
  const texts: string[] = [];
  for (const part of list.split(",")) {
    const continues = part.trim() !== "" && !Number.isNaN(Number(part)) && texts.at(-1)?.includes(":");
    if (continues) texts.push(`${texts.pop()},${part}`);
    else texts.push(part.trim());
  }
  const initializers = texts.map(initializerByName), names = initializers.map(String);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ArgumentError(`initialiser ${twice} is given twice`, "give it once");
  return initializers;
}
