/**
 * Options of the commands: declared as data, parsed by `@std/cli`, checked here, and shown by `--help`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { ArgumentError } from "../gpu/errors.ts";

/** One option. */
export interface OptionSpec {
  /** What its value is. A flag has none and may be negated with `no-`. */
  readonly kind: "text" | "number" | "integer" | "flag";
  /** What its value is called in the help: "FILE". */
  readonly value?: string;
  /** What it is for, in a line. */
  readonly help: string;
  /** Its value where it is not given. */
  readonly default?: string | number | boolean;
  /** The least number allowed. */
  readonly least?: number;
}

/** The options of a command, by name. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** The value of an option by its specification: missing ones without a default are undefined. */
type ValueOf<S extends OptionSpec> = S extends { kind: "flag" } ? boolean
  : S extends { kind: "text" } ? (S extends { default: string } ? string : string | undefined)
  : (S extends { default: number } ? number : number | undefined);

/** What parsing gives: each option by name, and the arguments that are no options. */
export type Options<S extends OptionSpecs> = { readonly [K in keyof S]: ValueOf<S[K]> } & {
  readonly _: string[];
};

/** Options that every command has. */
export const COMMON = {
  json: { kind: "flag", help: "print one JSON document on standard output, and nothing else there" },
  verbose: { kind: "flag", help: "print stack traces of errors" },
  help: { kind: "flag", help: "print this" },
} as const satisfies OptionSpecs;

/**
 * Parses the arguments of a command.
 *
 * @param args What follows the command's name.
 * @param specs Its options.
 * @param operands Most arguments that are no options.
 * @throws {ArgumentError} when an option is unknown or a value is missing, no number, or too small.
 */
export function parseOptions<const S extends OptionSpecs>(
  args: string[],
  specs: S,
  operands = 0,
): Options<S> {
  const names = Object.keys(specs), isFlag = (name: string) => specs[name].kind === "flag";
  assertGivenOnce(args, specs);
  const parsed = parseArgs(args, {
    boolean: names.filter(isFlag),
    string: ["_", ...names.filter((name) => !isFlag(name))],
    negatable: names.filter(isFlag),
    unknown: (argument) => {
      if (!argument.startsWith("-") || argument === "-") return;
      throw new ArgumentError(
        `unknown option ${argument}`,
        `use ${names.map((name) => `--${name}`).join(", ")}`,
      );
    },
  }) as Record<string, unknown> & { _: (string | number)[] };
  if (parsed._.length > operands) {
    throw new ArgumentError(`unexpected argument "${parsed._[operands]}"`, "options begin with --");
  }
  const values = names.map((name) => [name, optionValue(name, specs[name], parsed[name])]);
  return { ...Object.fromEntries(values), _: parsed._.map(String) } as Options<S>;
}

/** An option that is given twice is a mistake: the first value would be lost without a word. */
function assertGivenOnce(args: string[], specs: OptionSpecs): void {
  const seen = new Set<string>();
  for (const argument of args) {
    const name = /^--([a-z-]+)/.exec(argument)?.[1];
    if (name === undefined || !Object.hasOwn(specs, name)) continue;
    if (seen.has(name)) throw new ArgumentError(`--${name} is given twice`, "give it once");
    seen.add(name);
  }
}

function optionValue(name: string, spec: OptionSpec, given: unknown): unknown {
  if (spec.kind === "flag") {
    return given === undefined || given === false ? given ?? spec.default ?? false : true;
  }
  if (given === undefined) return spec.default;
  const text = String(given);
  if (text === "") {
    throw new ArgumentError(`--${name} has no value`, `give one: --${name} ${spec.value ?? "VALUE"}`);
  }
  return spec.kind === "text" ? text : numberValue(`--${name}`, text, spec);
}

function numberValue(name: string, text: string, { kind, least }: OptionSpec): number {
  const value = Number(text);
  const fits = text.trim() !== "" && Number.isFinite(value) &&
    (kind === "number" || Number.isSafeInteger(value));
  if (!fits || (least !== undefined && value < least)) {
    const wanted = kind === "integer" ? "a whole number" : "a number";
    throw new ArgumentError(
      `${name} ${text}`,
      `give ${wanted}${least === undefined ? "" : ` from ${least} on`}`,
    );
  }
  return value;
}

/**
 * Numbers separated by commas.
 *
 * @param name The option, for the error.
 * @param text "784,128,10".
 * @throws {ArgumentError} when one is no whole number from 1 on.
 */
export function wholeNumbers(name: string, text: string): number[] {
  return text.split(",").map((part) => numberValue(name, part, { kind: "integer", help: "", least: 1 }));
}

/**
 * A seed: a whole number of up to 64 bits.
 *
 * @param text What was typed; past 2^53 it becomes a bigint.
 * @throws {ArgumentError} when it is none.
 */
export function seedValue(text: string): number | bigint {
  if (!/^-?\d+$/.test(text)) {
    throw new ArgumentError(`--seed ${text}`, "give a whole number of up to 64 bits");
  }
  const value = BigInt(text);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/**
 * The help of a command.
 *
 * @param usage "fanin compare [options]".
 * @param summary What it does, in a sentence or two.
 * @param specs Its options.
 */
export function helpText(usage: string, summary: string, specs: OptionSpecs): string {
  const rows = Object.entries(specs).map(([name, spec]) => {
    const flag = spec.kind === "flag";
    const left = flag ? `--${spec.default === true ? "no-" : ""}${name}` : `--${name} ${spec.value ?? "N"}`;
    const standard = spec.default === undefined || flag ? "" : ` (default ${spec.default})`;
    return [left, spec.help + standard];
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `usage: ${usage}`,
    "",
    summary,
    "",
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
  ].join("\n");
}
