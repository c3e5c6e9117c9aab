/**
 * Stands in for `@std/cli/parse-args`: the same options and results, in the manner of minimist. The order of the rules
 * follows the original (see ./types.ts), since what `-n5`, `--no-x` or `--x false` mean depends on it.
 *
 * @module
 */
import type {
  Aliases,
  Args,
  BooleanType,
  Collectable,
  Defaults,
  Negatable,
  ParseOptions,
  StringType,
  Values,
} from "./types.ts";

export type { Args, ParseOptions } from "./types.ts";

type Value = string | number | boolean;
type Tree = { [key: string]: unknown };
type Names = string | boolean | readonly string[] | undefined;

const FLAG = /^(?:-(?:(?<long>-)(?<negated>no-)?)?)(?<key>.+?)(?:=(?<value>.*))?$/s;
const LONG_WITHOUT_VALUE = /^--[^=]+$/;
const SHORT_OR_LONG_FLAG = /^(-|--)[^-]/;
const ENDS_IN_NUMBER = /-?\d+(\.\d*)?(e-?\d+)?$/;

/**
 * The arguments sorted into options by name, and `_` for the rest.
 *
 * @param args The arguments, for instance `Deno.args`.
 * @param options Which options there are, and of which kind.
 */
export function parseArgs<
  TArgs extends Values<TBooleans, TStrings, TCollectable, TNegatable, TDefaults, TAliases>,
  TDoubleDash extends boolean | undefined = undefined,
  TBooleans extends BooleanType = undefined,
  TStrings extends StringType = undefined,
  TCollectable extends Collectable = undefined,
  TNegatable extends Negatable = undefined,
  TDefaults extends Record<string, unknown> | undefined = undefined,
  TAliases extends Aliases<TAliasArgNames, TAliasNames> | undefined = undefined,
  TAliasArgNames extends string = string,
  TAliasNames extends string = string,
>(
  args: readonly string[],
  options?: ParseOptions<TBooleans, TStrings, TCollectable, TNegatable, TDefaults, TAliases, TDoubleDash>,
): Args<TArgs, TDoubleDash> {
  const end = args.indexOf("--");
  const parser = new Parser((options ?? {}) as ParseOptions);
  parser.read(end < 0 ? args : args.slice(0, end));
  parser.fill((options?.default ?? {}) as Defaults<BooleanType, StringType>);
  const rest = end < 0 ? [] : args.slice(end + 1);
  if (options?.["--"]) parser.result["--"] = rest;
  else parser.result._.push(...rest);
  return parser.result as Args<TArgs, TDoubleDash>;
}

/** What has been read so far, and the names of the options by kind. */
class Parser {
  readonly result: Tree & { _: (string | number)[] } = { _: [] };
  readonly #aliases: Map<string, Set<string>>;
  readonly #booleans: Set<string>;
  readonly #strings: Set<string>;
  readonly #collected: Set<string>;
  readonly #negatable: Set<string>;
  readonly #options: ParseOptions;

  constructor(options: ParseOptions) {
    this.#options = options;
    this.#aliases = aliasMap(options.alias ?? {});
    this.#booleans = this.#named(options.boolean);
    this.#strings = this.#named(options.string);
    this.#collected = this.#named(options.collect);
    this.#negatable = this.#named(options.negatable);
  }

  /** Sorts the arguments in front of `--`. */
  read(args: readonly string[]): void {
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      const groups = FLAG.exec(arg)?.groups;
      if (groups?.long) {
        i += this.#readLong(arg, groups, args[i + 1]);
      } else if (groups) {
        i += this.#readShort(arg, args[i + 1]);
      } else {
        this.#readPlain(arg);
        if (!this.#options.stopEarly) continue;
        this.result._.push(...args.slice(i + 1));
        return;
      }
    }
  }

  /** Gives the options that were not named their default, `false` or an empty list. */
  fill(defaults: Tree): void {
    for (const [key, value] of Object.entries(defaults)) {
      if (has(this.result, key)) continue;
      for (const name of [key, ...this.#aliases.get(key) ?? []]) set(this.result, name, value, false);
    }
    for (const key of this.#booleans) {
      if (!has(this.result, key)) set(this.result, key, this.#collected.has(key) ? [] : false, false);
    }
    for (const key of this.#strings) {
      if (!has(this.result, key) && this.#collected.has(key)) set(this.result, key, [], false);
    }
  }

  /** The names of one option of parseArgs, with their aliases. */
  #named(names: Names): Set<string> {
    const given = typeof names === "string" ? [names] : typeof names === "object" ? names : [];
    return new Set(given.filter(Boolean).flatMap((name) => [name, ...this.#aliases.get(name) ?? []]));
  }

  #readPlain(arg: string): void {
    if (this.#options.unknown?.(arg) === false) return;
    this.result._.push(this.#strings.has("_") || !isNumber(arg) ? arg : Number(arg));
  }

  /** `--key`, `--key=value`, `--key value`, `--no-key`: how many further arguments it has used up. */
  #readLong(arg: string, groups: Record<string, string | undefined>, next?: string): 0 | 1 {
    let key = groups.key!;
    if (groups.value !== undefined) {
      return this.#put(key, this.#booleans.has(key) ? groups.value !== "false" : groups.value, arg);
    }
    if (groups.negated && this.#negatable.has(key)) return this.#put(key, false, arg, false);
    if (groups.negated) key = `no-${key}`;
    const takesNext = this.#options.boolean !== true && !next?.startsWith("-");
    return this.#putWithNext(key, arg, takesNext, next);
  }

  /** `-k`, `-k value`, `-k5`, `-abc`: how many further arguments it has used up. */
  #readShort(arg: string, next?: string): 0 | 1 {
    const letters = arg.slice(1, -1);
    for (let j = 0; j < letters.length; j++) {
      if (this.#readLetter(letters, j, arg)) return 0;
    }
    const key = arg.slice(-1);
    if (key === "-") return 0;
    return this.#putWithNext(key, arg, !SHORT_OR_LONG_FLAG.test(next ?? ""), next);
  }

  /** One letter of a group, except the last. Whether the rest of the group was its value. */
  #readLetter(letters: string, j: number, arg: string): boolean {
    const letter = letters[j];
    const rest = arg.slice(j + 2);
    if (rest === "-") {
      this.#put(letter, rest, arg);
      return false;
    }
    const value = valueOfLetter(letter, rest, letters[j + 1]);
    this.#put(letter, value ?? this.#bare(letter), arg);
    return value !== undefined;
  }

  /** An option whose value may be the next argument. */
  #putWithNext(key: string, arg: string, takesNext: boolean, next?: string): 0 | 1 {
    if (next && takesNext && !this.#isBoolean(key)) {
      this.#put(key, next, arg);
      return 1;
    }
    if (next === "true" || next === "false") {
      this.#put(key, next === "true", arg);
      return 1;
    }
    return this.#put(key, this.#bare(key), arg);
  }

  #isBoolean(key: string): boolean {
    return this.#booleans.has(key) ||
      [...this.#aliases.get(key) ?? []].some((name) => this.#booleans.has(name));
  }

  /** What an option without a value is. */
  #bare(key: string): "" | true {
    return this.#strings.has(key) ? "" : true;
  }

  #put(key: string, value: Value, arg: string, collect = true): 0 {
    if (!this.#isKnown(key, arg) && this.#options.unknown?.(arg, key, value) === false) return 0;
    const typed = typeof value === "string" && !this.#strings.has(key) && isNumber(value)
      ? Number(value)
      : value;
    for (const name of [key, ...this.#aliases.get(key) ?? []]) {
      set(this.result, name, typed, collect && this.#collected.has(key));
    }
    return 0;
  }

  #isKnown(key: string, arg: string): boolean {
    return this.#booleans.has(key) || this.#strings.has(key) || this.#aliases.has(key) ||
      this.#collected.has(key) ||
      (this.#options.boolean === true && LONG_WITHOUT_VALUE.test(arg));
  }
}

/** Each name with all its other names. */
function aliasMap(alias: Aliases): Map<string, Set<string>> {
  const map = new Map<string, Set<string>>();
  for (const [key, value] of Object.entries(alias)) {
    if (value === undefined) throw new TypeError("Alias value must be defined");
    const names: string[] = typeof value === "string" ? [value] : [...value];
    map.set(key, new Set(names));
    for (const name of names) map.set(name, new Set([key, ...names.filter((other) => other !== name)]));
  }
  return map;
}

/** The value that is glued to a letter (`-n5`, `-n=5`, `-n/x`), if there is one. */
function valueOfLetter(letter: string, rest: string, following?: string): string | undefined {
  if (rest === "=") return "";
  if (/[A-Za-z]/.test(letter)) {
    const assigned = /=(?<value>.+)/.exec(rest)?.groups;
    if (assigned) return assigned.value;
    if (ENDS_IN_NUMBER.test(rest)) return rest;
  }
  return following !== undefined && /\W/.test(following) ? rest : undefined;
}

function isNumber(text: string): boolean {
  return /\S/.test(text) && Number.isFinite(Number(text));
}

/** Names that would reach into an object's prototype. */
function isUnsafe(object: Tree, key: string): boolean {
  return key === "__proto__" || (key === "constructor" && typeof object[key] === "function");
}

/** Sets `a.b.c` to the value; a collected option's value is added to its list. */
function set(object: Tree, dotted: string, value: unknown, collect: boolean): void {
  const keys = dotted.split(".");
  const last = keys.pop()!;
  for (const key of keys) {
    if (isUnsafe(object, key)) return;
    object = (object[key] ??= {}) as Tree;
  }
  if (isUnsafe(object, last)) return;
  const held = object[last];
  if (!collect) object[last] = value;
  else if (Array.isArray(held)) held.push(value);
  else object[last] = held ? [held, value] : [value];
}

function has(object: Tree, dotted: string): boolean {
  for (const key of dotted.split(".")) {
    if (!Object.hasOwn(object, key)) return false;
    object = object[key] as Tree;
  }
  return true;
}
