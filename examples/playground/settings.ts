/**
 * What a person can choose, as the texts of the form's fields, as a link, and checked.
 *
 * @module
 */
import { initializerByName } from "@fanin/fanin/init";
import { ACTIVATION_NAMES, type ActivationName } from "@fanin/fanin/nn";

/** The fields with what they hold at first, in the order of the form and of a link. */
export const DEFAULTS = {
  data: "digits",
  layers: "128,64",
  activation: "relu",
  seed: "0",
  a: "zeros",
  b: "torch_linear",
  epochs: "5",
  lr: "0.05",
} as const;

/** A field's name. */
export type FieldName = keyof typeof DEFAULTS;

/** The text in every field. */
export type Fields = Record<FieldName, string>;

/** The data sets of the page. */
export const DATA_NAMES = ["digits", "iris"] as const;

/** What is trained. */
export interface Settings {
  /** The data set. */
  readonly data: typeof DATA_NAMES[number];
  /** Widths of the hidden layers, from the input on. */
  readonly hidden: readonly number[];
  /** What follows every layer but the last. */
  readonly activation: ActivationName;
  /** Seed of the weights and of the order of the rows. */
  readonly seed: bigint;
  /** The two initialisers, as they are typed. */
  readonly inits: readonly [string, string];
  /** How often each network goes through the data. */
  readonly epochs: number;
  /** Learning rate. */
  readonly lr: number;
}

/** What is wrong, by field, in words. */
export type Problems = Partial<Record<FieldName, string>>;

/** More would keep a browser on a slow GPU busy for minutes. */
export const MOST = { layers: 8, width: 512, epochs: 50, lr: 10 } as const;

/** The seed is one word of 64 bits. */
const MOST_SEED = (1n << 64n) - 1n;

const NAMES = Object.keys(DEFAULTS) as FieldName[];

/** What a link says. */
export interface Link {
  /** Its fields, and the first texts of those that it lacks. */
  readonly fields: Fields;
  /** Whether training is to begin at once. */
  readonly train: boolean;
}

/**
 * Reads the part of an address after its `#`; what it does not know it passes over.
 *
 * @param hash With or without the `#`.
 */
export function readLink(hash: string): Link {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const fields = Object.fromEntries(NAMES.map((name) => [name, given.get(name) ?? DEFAULTS[name]])) as Fields;
  return { fields, train: given.get("train") === "1" };
}

/** The part of an address after its `#` that {@linkcode readLink} reads back. */
export function writeLink({ fields, train }: Link): string {
  const pairs = NAMES.map((name) => `${name}=${readable(fields[name])}`);
  return [...pairs, ...train ? ["train=1"] : []].join("&");
}

/** Commas and colons need no escape after a `#`, and read better without. */
function readable(text: string): string {
  return encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%3D", "=");
}

/**
 * Checks every field.
 *
 * @param fields Their texts.
 * @returns The settings, or what is wrong: one sentence for each field that is.
 */
export function checkFields(fields: Fields): { settings: Settings } | { problems: Problems } {
  const problems: Problems = {};
  const read = <T>(name: FieldName, parse: (text: string) => T): T => {
    try {
      return parse(fields[name].trim());
    } catch (error) {
      problems[name] = sentence((error as Error).message);
      return undefined as T; // not used: there is a problem
    }
  };
  const settings: Settings = {
    data: read("data", (text) => oneOf("data set", text, DATA_NAMES)),
    hidden: read("layers", widths),
    activation: read("activation", (text) => oneOf("activation", text, ACTIVATION_NAMES)),
    seed: read("seed", seed),
    inits: [read("a", initName), read("b", initName)],
    epochs: read("epochs", epochs),
    lr: read("lr", rate),
  };
  return Object.keys(problems).length > 0 ? { problems } : { settings };
}

function oneOf<T extends string>(what: string, text: string, known: readonly T[]): T {
  const found = known.find((name) => name === text);
  if (found === undefined) throw new Error(`"${text}" is no ${what}; use one of ${known.join(", ")}`);
  return found;
}

function widths(text: string): number[] {
  const found = text.split(/[\s,]+/).filter((part) => part !== "").map((part) => whole(part, MOST.width));
  if (found.length < 1 || found.length > MOST.layers || found.includes(undefined)) {
    throw new Error(
      `give 1 to ${MOST.layers} hidden layers, each with 1 to ${MOST.width} neurons, such as 128, 64`,
    );
  }
  return found as number[];
}

function epochs(text: string): number {
  const found = whole(text, MOST.epochs);
  if (found === undefined) throw new Error(`give a whole number of epochs, 1 to ${MOST.epochs}`);
  return found;
}

function whole(text: string, most: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= most ? value : undefined;
}

function seed(text: string): bigint {
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (value < 0n || value > MOST_SEED) throw new Error("give a whole number from 0 to 2^64 - 1");
  return value;
}

function rate(text: string): number {
  const value = text === "" ? NaN : Number(text);
  if (!(value > 0 && value <= MOST.lr)) throw new Error(`give a number above 0, at most ${MOST.lr}`);
  return value;
}

function initName(text: string): string {
  initializerByName(text);
  return text;
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
