/**
 * Stands in for JSR's `@std/assert`: the part of it that fanin's tests use, with the same names and signatures and the
 * same verdicts. The wording of the messages differs in places; the difference of two values is shown by `node:assert`.
 *
 * @module
 */
import { AssertionError as NodeAssertionError } from "node:assert";
import { inspect } from "node:util";
import { equal, isTypedArray } from "./equal.ts";

export { equal } from "./equal.ts";

/** Any class whose instances are E. */
// deno-lint-ignore no-explicit-any
type ClassOf<E> = abstract new (...args: any[]) => E;

/** An array or anything like one, except a string. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** What a failed assertion throws. */
export class AssertionError extends Error {
  /**
   * @param message What was expected and what came.
   * @param options The standard `cause` of an error.
   */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

const suffix = (msg?: string): string => msg ? `: ${msg}` : ".";
const show = (value: unknown): string => inspect(value, { depth: 6, maxArrayLength: 100 });

/** Longer lists are not printed whole, which would take minutes for a tensor. */
const LONGEST_SHOWN = 1000;

/** Where and how two values differ. Long lists get one line. */
function difference(actual: unknown, expected: unknown, operator: "deepStrictEqual" | "strictEqual"): string {
  if (isList(actual) && isList(expected) && Math.max(actual.length, expected.length) > LONGEST_SHOWN) {
    return listDifference(actual, expected);
  }
  return new NodeAssertionError({ actual, expected, operator }).message;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || isTypedArray(value);
}

function listDifference(actual: ArrayLike<unknown>, expected: ArrayLike<unknown>): string {
  if (actual.length !== expected.length) {
    return `actual has ${actual.length} elements, expected ${expected.length}`;
  }
  for (let at = 0; at < actual.length; at++) {
    if (equal(actual[at], expected[at])) continue;
    return `first difference at index ${at}: actual ${show(actual[at])}, expected ${show(expected[at])}`;
  }
  return `actual is a ${actual.constructor.name}, expected a ${expected.constructor.name}`;
}

/** Fails unless the expression is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails in any case. */
export function fail(msg?: string): never {
  throw new AssertionError(`Failed assertion${suffix(msg)}`);
}

/** Fails unless the two have the same structure and content. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  const where = difference(actual, expected, "deepStrictEqual");
  throw new AssertionError(`Values are not equal${suffix(msg)}\n${where}`);
}

/** Fails where the two have the same structure and content. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(`Expected actual: ${show(actual)} not to be: ${show(expected)}${suffix(msg)}`);
}

/** Fails unless the two are the same value or the same object (`Object.is`). */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  if (show(actual) === show(expected)) {
    throw new AssertionError(
      `Values have the same structure but are not reference-equal${suffix(msg)}\n${show(actual)}`,
    );
  }
  const where = difference(actual, expected, "strictEqual");
  throw new AssertionError(`Values are not strictly equal${suffix(msg)}\n${where}`);
}

/** Fails unless the numbers are closer than the tolerance: 1e-7 of the expected one where none is given. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  if (Object.is(actual, expected)) return;
  const delta = Math.abs(expected - actual);
  const bound = tolerance ?? (isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (delta <= bound) return;
  const text = (n: number) => Number.isInteger(n) ? n : n.toExponential();
  throw new AssertionError(
    `Expected actual: "${text(actual)}" to be close to "${text(expected)}": ` +
      `delta "${text(delta)}" is greater than "${text(bound)}"${suffix(msg)}`,
  );
}

/** Fails unless the text contains the other. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (actual.includes(expected)) return;
  throw new AssertionError(`Expected actual: "${actual}" to contain: "${expected}"${suffix(msg)}`);
}

/** Fails unless the text matches. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) return;
  throw new AssertionError(`Expected actual: "${actual}" to match: "${expected}"${suffix(msg)}`);
}

/** Fails for null and undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual !== undefined && actual !== null) return;
  throw new AssertionError(`Expected actual: "${actual}" to not be null or undefined${suffix(msg)}`);
}

/** Fails unless actual > expected. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (actual > expected) return;
  throw new AssertionError(msg ?? `Expect ${show(actual)} > ${show(expected)}`);
}

/** Fails unless actual >= expected. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (actual >= expected) return;
  throw new AssertionError(msg ?? `Expect ${show(actual)} >= ${show(expected)}`);
}

/** Fails unless actual < expected. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (actual < expected) return;
  throw new AssertionError(msg ?? `Expect ${show(actual)} < ${show(expected)}`);
}

/** Fails unless actual <= expected. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (actual <= expected) return;
  throw new AssertionError(msg ?? `Expect ${show(actual)} <= ${show(expected)}`);
}

/** Fails unless the value is an instance of the class. */
export function assertInstanceOf<
  // deno-lint-ignore no-explicit-any
  T extends abstract new (...args: any[]) => any,
>(actual: unknown, expectedType: T, msg = ""): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  const kind = actual !== null && typeof actual === "object"
    ? actual.constructor?.name ?? "Object"
    : actual === null
    ? "null"
    : typeof actual;
  throw new AssertionError(
    `Expected object to be an instance of "${expectedType.name}" but was "${kind}"${suffix(msg)}`,
  );
}

/** Fails unless each of the expected elements is among the actual ones. */
export function assertArrayIncludes<T>(
  actual: ArrayLikeArg<T>,
  expected: ArrayLikeArg<T>,
  msg?: string,
): void {
  const held = Array.from(actual);
  const missing = Array.from(expected).filter((wanted) => !held.some((one) => equal(wanted, one)));
  if (missing.length === 0) return;
  throw new AssertionError(
    `Expected actual: "${show(actual)}" to include: "${show(expected)}"${suffix(msg)}\nmissing: ${
      show(missing)
    }`,
  );
}

/** Fails unless the value is an error of the class, with a message that contains the text. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: ClassOf<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    throw new AssertionError(`Expected "error" to be an Error object${suffix(msg)}`);
  }
  if (ErrorClass && !(error instanceof ErrorClass)) {
    throw new AssertionError(
      `Expected error to be instance of "${ErrorClass.name}", but was "${error.constructor?.name}" ` +
        `(${error.message})${suffix(msg)}`,
    );
  }
  const matches = typeof msgMatches === "string"
    ? error.message.includes(msgMatches)
    : msgMatches?.test(error.message) ?? true;
  if (matches) return;
  throw new AssertionError(
    `Expected error message to include ${show(msgMatches)}, but got ${show(error.message)}${suffix(msg)}`,
  );
}

/** The optional arguments of assertThrows and assertRejects, told apart by their types. */
function expectation<E extends Error>(
  classOrMsg?: ClassOf<E> | string,
  includesOrMsg?: string,
  msg?: string,
) {
  if (typeof classOrMsg === "string") return { msg: classOrMsg };
  return { ErrorClass: classOrMsg, includes: includesOrMsg, msg };
}

function checkThrown<E extends Error>(
  error: unknown,
  wanted: ReturnType<typeof expectation<E>>,
  how: string,
) {
  if (!wanted.ErrorClass) return;
  if (!(error instanceof Error)) {
    throw new AssertionError(`A non-Error object was ${how}${suffix(wanted.msg)}`);
  }
  assertIsError(error, wanted.ErrorClass, wanted.includes, wanted.msg);
}

/** Fails unless the function throws; gives back what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Fails unless the function throws an error of the class, with a message that contains the text. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ClassOf<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  classOrMsg?: ClassOf<E> | string,
  includesOrMsg?: string,
  msg?: string,
): unknown {
  const wanted = expectation(classOrMsg, includesOrMsg, msg);
  try {
    fn();
  } catch (error) {
    checkThrown(error, wanted, "thrown");
    return error;
  }
  throw new AssertionError(`Expected function to throw${suffix(wanted.msg)}`);
}

/** Fails unless the function's promise is rejected; gives back the reason. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Fails unless the function's promise is rejected with an error of the class, whose message contains the text. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ClassOf<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ClassOf<E> | string,
  includesOrMsg?: string,
  msg?: string,
): Promise<unknown> {
  const wanted = expectation(classOrMsg, includesOrMsg, msg);
  const promise = startPromise(fn, wanted.msg);
  try {
    await promise;
  } catch (error) {
    checkThrown(error, wanted, "rejected");
    return error;
  }
  throw new AssertionError(`Expected function to reject${suffix(wanted.msg)}`);
}

/** Calls the function, which has to answer with a promise instead of throwing. */
function startPromise(fn: () => PromiseLike<unknown>, msg?: string): PromiseLike<unknown> {
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
  } catch (error) {
    throw new AssertionError(`Function throws when expected to reject${suffix(msg)}`, { cause: error });
  }
  if (typeof promise?.then === "function") return promise;
  throw new AssertionError(`Function throws when expected to reject${suffix(msg)}`);
}
