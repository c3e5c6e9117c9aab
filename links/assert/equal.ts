/**
 * Deep equality as `@std/assert` defines it. `node:util`'s `isDeepStrictEqual` comes close but tells 0 from -0, so its
 * verdict serves only for the rare kinds of objects that are not compared here.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";

type Pairs = Map<unknown, unknown>;
type Numbers = ArrayLike<number | bigint>;

/** Whether two values have the same structure and content: NaN equals NaN, and 0 equals -0. */
export function equal(a: unknown, b: unknown): boolean {
  return compare(a, b, new Map());
}

/** The first index at which two typed arrays of one length differ, or -1. */
function firstDifference(a: Numbers, b: Numbers): number {
  for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return i;
  return -1;
}

/** Whether the value is a view of numbers: a typed array, not a DataView. */
export function isTypedArray(value: unknown): value is Numbers & ArrayBufferView {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function same(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b);
}

function compare(a: unknown, b: unknown, seen: Pairs): boolean {
  if (same(a, b)) return true;
  if (!isObject(a) || !isObject(b) || !samePrototype(a, b)) return false;
  if (seen.get(a) === b) return true; // a cycle: already being compared further up
  seen.set(a, b);
  if (isTypedArray(a) && isTypedArray(b)) return a.length === b.length && firstDifference(a, b) < 0;
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (isBuffer(a) && isBuffer(b)) return compare(new Uint8Array(a), new Uint8Array(b), seen);
  if (a instanceof Map && b instanceof Map) return sameEntries([...a], [...b], seen);
  if (a instanceof Set && b instanceof Set) return sameEntries([...a], [...b], seen);
  if (isOpaque(a)) return isDeepStrictEqual(a, b);
  return sameProperties(a, b, seen);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** One prototype, where an object without any counts as a plain one. */
function samePrototype(a: object, b: object): boolean {
  const prototype = (value: object) => Object.getPrototypeOf(value) ?? Object.prototype;
  return prototype(a) === prototype(b);
}

function isBuffer(value: object): value is ArrayBuffer | SharedArrayBuffer {
  return value instanceof ArrayBuffer ||
    (typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer);
}

/** Objects whose content is not in their properties. */
function isOpaque(value: object): boolean {
  return value instanceof Error || value instanceof RegExp || value instanceof URL ||
    value instanceof DataView ||
    value instanceof WeakMap || value instanceof WeakSet || value instanceof URLSearchParams;
}

/** Each entry has its equal in the other list, in whatever order. */
function sameEntries(a: unknown[], b: unknown[], seen: Pairs): boolean {
  if (a.length !== b.length) return false;
  const left = [...b];
  return a.every((entry) => {
    // Sets and maps built in the same order, the usual case, match at the first place left.
    const at = left.findIndex((other) => compare(entry, other, new Map(seen)));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function sameProperties(a: object, b: object, seen: Pairs): boolean {
  const keys = ownKeys(a);
  if (keys.length !== ownKeys(b).length) return false;
  return keys.every((key) =>
    Object.hasOwn(b, key) && compare(Reflect.get(a, key), Reflect.get(b, key), seen)
  );
}

/** Own names and symbols that are enumerable, and an array's length with them. */
function ownKeys(value: object): PropertyKey[] {
  const keys = Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
  return Array.isArray(value) ? [...keys, "length"] : keys;
}
