import { assert, assertEquals } from "@std/assert";
import { byteLength, isSize } from "../../src/tensor/extent.ts";
import { quote } from "../../src/tensor/quote.ts";

Deno.test("quote: one short line, whatever the value", () => {
  assertEquals(quote("a\n\u001b[31m\u2028"), `"a\\n\\u001b[31m\\u{2028}"`);
  assertEquals(quote("Größe"), `"Größe"`);
  assertEquals([quote(NaN), quote(-0), quote(undefined), quote(null)], ["NaN", "-0", "undefined", "null"]);
  assertEquals(quote([1, -Infinity, -0]), `[1,"-Infinity","-0"]`);
  assertEquals([quote(10n), quote({ a: 1n }), quote(Object.create(null))], ["10", "an object", "{}"]);
  for (const long of ["x".repeat(1e6), Array(1e5).fill(1), "\u{1f600}".repeat(100)]) {
    assert(quote(long).length < 100, quote(long));
  }
});

Deno.test("extent: sizes are whole numbers from 0 that a double holds", () => {
  for (const size of [0, 1, Number.MAX_SAFE_INTEGER]) assert(isSize(size));
  for (const other of [-1, -0, 0.5, NaN, Infinity, 2 ** 53, "1", 1n, null]) assert(!isSize(other));
});

Deno.test("extent: bytes of a shape, or nothing where they overflow", () => {
  assertEquals([byteLength([], 4), byteLength([2, 3], 8), byteLength([5, 0], 4)], [4, 48, 0]);
  assertEquals(byteLength([2 ** 26, 2 ** 26], 1), 2 ** 52);
  assertEquals([byteLength([2 ** 26, 2 ** 26], 2), byteLength([0, 2 ** 40, 2 ** 40], 1)], [
    undefined,
    undefined,
  ]);
});
