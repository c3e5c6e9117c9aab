/**
 * The Python literal in the header of a .npy file, by a grammar that knows nothing else:
 * `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, keys in any order, each once.
 *
 * @module
 */

import { DtypeError, FormatError } from "../gpu/errors.ts";
import { quote } from "./quote.ts";

/** What the header of a .npy file says. */
export interface NpyHeader {
  /** Byte order and element type, such as `<f4`. */
  readonly descr: string;
  /** Whether the first index runs fastest. */
  readonly fortranOrder: boolean;
  /** Sizes, outermost first, each a whole number from 0 to 2^53 - 1. Their product is not checked here. */
  readonly shape: readonly number[];
}

const KEYS = ["descr", "fortran_order", "shape"];

/**
 * Parses the header's text.
 *
 * @param text The text between the length field and the data, with its padding.
 * @returns The three facts of the header.
 * @throws {FormatError} It is not that literal, a key is missing, unknown or given twice, or a size is
 *   negative or too large.
 * @throws {DtypeError} `descr` is a list: a structured array.
 */
export function parseNpyLiteral(text: string): NpyHeader {
  const scanner = new Scanner(text);
  const found = new Map<string, unknown>();
  scanner.expect("{");
  while (!scanner.accept("}")) {
    const key = scanner.string("a key");
    if (!KEYS.includes(key) || found.has(key)) {
      throw malformed(`key ${quote(key)} is ${found.has(key) ? "given twice" : "unknown"}`);
    }
    scanner.expect(":");
    if (key === "descr") found.set(key, readDescr(scanner));
    else if (key === "fortran_order") found.set(key, scanner.boolean());
    else found.set(key, readShape(scanner));
    if (!scanner.accept(",")) {
      scanner.expect("}");
      break;
    }
  }
  scanner.end();
  const missing = KEYS.find((key) => !found.has(key));
  if (missing !== undefined) throw malformed(`key ${quote(missing)} is missing`);
  return {
    descr: found.get("descr") as string,
    fortranOrder: found.get("fortran_order") as boolean,
    shape: found.get("shape") as number[],
  };
}

function readDescr(scanner: Scanner): string {
  if (scanner.accept("[")) {
    throw new DtypeError(
      "the .npy file holds a structured array",
      "save each of its fields as an array of its own",
    );
  }
  return scanner.string("the dtype");
}

function readShape(scanner: Scanner): number[] {
  const shape: number[] = [];
  scanner.expect("(");
  let comma = true;
  while (!scanner.accept(")")) {
    if (!comma) throw malformed("a comma is missing in the shape");
    shape.push(scanner.size());
    comma = scanner.accept(",");
  }
  // In Python (3) is a number and (3,) a tuple.
  if (shape.length === 1 && !comma) throw malformed("the shape is a number in brackets, not a tuple");
  return shape;
}

function malformed(cause: string): FormatError {
  return new FormatError(`the .npy header is malformed: ${cause}`, "write the file with numpy.save");
}

/** Reads tokens from left to right, with blanks between them. */
class Scanner {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  accept(token: string): boolean {
    this.#skipBlanks();
    const found = this.#text.startsWith(token, this.#at);
    if (found) this.#at += token.length;
    return found;
  }

  expect(token: string): void {
    if (!this.accept(token)) throw this.#unexpected(`"${token}"`);
  }

  // No dtype and no key has an escape in it, so none is known here.
  string(what: string): string {
    return this.#match(/(['"])([\x20-\x7e]*?)\1/y, what)[2];
  }

  boolean(): boolean {
    return this.#match(/True|False/y, "True or False")[0] === "True";
  }

  // Python 2 wrote long integers with an L.
  size(): number {
    const literal = this.#match(/(-?\d+)L?/y, "a size")[1];
    const value = Number(literal);
    if (literal.startsWith("-")) throw malformed(`size ${quote(literal)} is negative`);
    if (!Number.isSafeInteger(value)) throw malformed(`size ${quote(literal)} is too large`);
    return value;
  }

  end(): void {
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw this.#unexpected("the end");
  }

  #match(pattern: RegExp, what: string): RegExpExecArray {
    this.#skipBlanks();
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) throw this.#unexpected(what);
    this.#at = pattern.lastIndex;
    return match;
  }

  #skipBlanks(): void {
    while (this.#at < this.#text.length && " \t\r\n".includes(this.#text[this.#at])) this.#at++;
  }

  #unexpected(wanted: string): FormatError {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    return malformed(
      `${wanted} is wanted at character ${this.#at}, not ${rest === "" ? "the end" : quote(rest)}`,
    );
  }
}
