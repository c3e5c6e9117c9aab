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
  assertUnambiguous(args, specs);
  const parsed = parseArgs(joinValues(args, specs), {
    boolean: names.filter(isFlag),
    string: ["_", ...names.filter((name) => !isFlag(name))],
    negatable: names.filter(isFlag),
    alias: Object.hasOwn(specs, "help") ? { help: "h" } : {},
    // Without this every flag that is not given would be false, also those that are on unless told.
    default: Object.fromEntries(names.filter(isFlag).map((name) => [name, specs[name].default ?? false])),
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

/** Refuses what the parser would accept and lose a part of: an option given twice, a flag with a value. */
function assertUnambiguous(args: string[], specs: OptionSpecs): void {
  const seen = new Set<string>();
  for (const argument of args) {
    const name = optionName(argument, specs);
    if (name === undefined) continue;
    if (seen.has(name)) throw new ArgumentError(`--${name} is given twice`, "give it once");
    if (specs[name].kind === "flag" && argument.includes("=")) {
      const [flag, value] = argument.split("=", 2);
      throw new ArgumentError(`${flag} takes no value and is given "${value}"`, `give ${flag} alone`);
    }
    seen.add(name);
  }
}

/** "--lr -1" as "--lr=-1" and `--lr ""` as "--lr=": the parser would take these values for arguments of their own. */
function joinValues(args: string[], specs: OptionSpecs): string[] {
  const joined: string[] = [];
  for (const argument of args) {
    const before = joined.at(-1), name = before === undefined ? undefined : optionName(before, specs);
    const wantsValue = name !== undefined && specs[name].kind !== "flag" && !before!.includes("=");
    if (wantsValue && /^(-[\d.].*)?$/s.test(argument)) joined.push(`${joined.pop()}=${argument}`);
    else joined.push(argument);
  }
  return joined;
}

/** The option that an argument names, also as `--no-…`; undefined where it names none. */
function optionName(argument: string, specs: OptionSpecs): string | undefined {
  const name = /^--([a-z-]+)/.exec(argument)?.[1] ?? "", positive = name.replace(/^no-/, "");
  if (Object.hasOwn(specs, name)) return name;
  return Object.hasOwn(specs, positive) && specs[positive].kind === "flag" ? positive : undefined;
}

function optionValue(name: string, spec: OptionSpec, given: unknown): unknown {
  if (spec.kind === "flag") return given === true;
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
  const values = text.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
  if (values.some((value) => !Number.isSafeInteger(value) || value < 1)) {
    throw new ArgumentError(`${name} ${text}`, "give whole numbers from 1 on, separated by commas");
  }
  return values;
}

/**
 * A seed: a whole number of up to 64 bits.
 *
 * @param text What was typed; past 2^53 it becomes a bigint.
 * @throws {ArgumentError} when it is none.
 */
export function seedValue(text: string): number | bigint {
  const value = /^-?\d+$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value < -(2n ** 63n) || value >= 2n ** 64n) {
    throw new ArgumentError(`--seed ${text}`, "give a whole number of up to 64 bits");
  }
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
