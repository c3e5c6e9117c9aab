/**
 * Files as nobody should write them: real ones damaged, and headers put together from the formats' own pieces.
 *
 * @module
 */
import * as fc from "fast-check";
import { InputError } from "../../src/gpu/errors.ts";

/**
 * Runs a reader on what may be anything: it must return or refuse, in one line, and never fail in a way of its own.
 *
 * @returns Whether it returned.
 */
export function endsInResultOrInputError(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof InputError && !/\p{Cc}|\p{Zl}|\p{Zp}/u.test(error.message)) return false;
    throw error;
  }
}

/** What readers trip over: numbers that are none, too large or not exact; names that are paths or an object's own; depth; lengths. */
const PIECES = [
  ...["-1", "-0", "1.5", "1e3", "1e999", "NaN", "null", "true", "0x10", "007", "", " "],
  ...["2147483648", "4294967296", "9007199254740993", "18446744073709551616", "9".repeat(400)],
  ...[
    '"__proto__"',
    '"constructor"',
    '"__metadata__"',
    '"toString"',
    '"../../etc/passwd"',
    '"C:\\\\x"',
    '"\\u0000"',
  ],
  ...[
    '"data_offsets":[0,8],',
    '"dtype":"F32",',
    '"shape":[2,1],',
    '"shape":(3,),',
    "'shape': (2, 3), ",
    "'descr': '<f4', ",
  ],
  ...[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    '"',
    "'",
    "\\",
    "\n",
    "\r\n",
    "\u0000",
    "\ufeff",
    "\u202e",
    "é",
    "💥",
  ],
  "[".repeat(3000),
  '{"a":'.repeat(3000),
];

const encoder = new TextEncoder();

/** One change to a file. `at` and `from` are shares of its length. */
type Edit =
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "byte"; readonly at: number; readonly value: number }
  | { readonly kind: "cut"; readonly at: number; readonly count: number }
  | { readonly kind: "insert"; readonly at: number; readonly piece: string }
  | { readonly kind: "replace"; readonly at: number; readonly piece: string }
  | { readonly kind: "repeat"; readonly at: number; readonly count: number }
  | { readonly kind: "end"; readonly at: number };

// Uniform: `fc.double` takes most of its numbers from near 0.
const share = fc.noBias(fc.nat(2 ** 31 - 1)).map((x) => x / 2 ** 31);
const piece = fc.constantFrom(...PIECES);

/** Mostly in place: a change of length is the first thing that a reader refuses. */
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("flip" as const), at: share, bit: fc.nat(7) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("byte" as const),
      at: share,
      value: fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.nat(255)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("replace" as const), at: share, piece }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("insert" as const), at: share, piece }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("cut" as const),
      at: share,
      count: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("repeat" as const),
      at: share,
      count: fc.integer({ min: 1, max: 99 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("end" as const), at: share }) },
);

/** A real file with one or two changes; a quarter of all lie among its first bytes, where the header is. */
export function damaged(files: readonly Uint8Array[]): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.record({
    file: fc.constantFrom(...files),
    edits: fc.array(edit, { minLength: 1, maxLength: 2 }),
    head: fc.constantFrom(1, 1, 1, 0.1),
  }).map(({ file, edits, head }) =>
    Uint8Array.from(edits.reduce((bytes, e) => apply(bytes, e, head), [...file]))
  );
}

function apply(bytes: number[], change: Edit, head: number): number[] {
  const at = Math.floor(change.at * head * bytes.length);
  const replaced = (
    count: number,
    by: Iterable<number>,
  ) => [...bytes.slice(0, at), ...by, ...bytes.slice(at + count)];
  switch (change.kind) {
    case "flip":
      return replaced(1, [(bytes[at] ?? 0) ^ (1 << change.bit)]);
    case "byte":
      return replaced(1, [change.value]);
    case "cut":
      return replaced(change.count, []);
    case "insert":
      return replaced(0, encoder.encode(change.piece));
    case "replace": {
      const put = encoder.encode(change.piece);
      return replaced(put.length, put);
    }
    case "repeat":
      return replaced(0, bytes.slice(at, at + change.count));
    case "end":
      return bytes.slice(0, at);
  }
}
