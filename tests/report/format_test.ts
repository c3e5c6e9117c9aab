import { assertEquals } from "@std/assert";
import {
  count,
  counted,
  distinct,
  figure,
  list,
  NOT_FINITE,
  percent,
  plain,
  seconds,
  shorten,
  span,
  wrap,
} from "../../src/report/format.ts";

Deno.test("figure keeps three significant digits", () => {
  assertEquals([2.302585, 0.1, 391.4, 12345, 852000, 3.1e-9, 0, -2.5].map((x) => figure(x)), [
    "2.30",
    "0.100",
    "391",
    "12300",
    "8.52e5",
    "3.10e-9",
    "0",
    "-2.50",
  ]);
  assertEquals(figure(999.9), "1000");
  assertEquals(figure(0.00099999), "0.00100");
});

Deno.test("what is not finite is said in words", () => {
  for (const value of [null, NaN, Infinity, -Infinity]) {
    assertEquals(figure(value), NOT_FINITE);
    assertEquals(percent(value), NOT_FINITE);
  }
  assertEquals(count(NaN), NOT_FINITE);
  assertEquals(seconds(Infinity), NOT_FINITE);
});

Deno.test("percent says 0% and 100% only when they are exact", () => {
  assertEquals([0, 1, 0.9999, 0.0001, 0.97049].map(percent), ["0%", "100%", "99.9%", "0.1%", "97.0%"]);
});

Deno.test("words around numbers", () => {
  assertEquals(count(109386), "109,386");
  assertEquals([counted(1, "epoch"), counted(5, "epoch")], ["1 epoch", "5 epochs"]);
  assertEquals(distinct([1, 64], [128, 64]), "1/128 64/64");
  assertEquals(distinct([], []), "–");
  assertEquals(span([9.41, 72.3, 391]), "9.41→391");
  assertEquals(span([null, 1, null]), "not finite");
  assertEquals(span([]), "–");
  assertEquals(list([]), "");
  assertEquals(list(["a", "b", "c"]), "a, b and c");
  assertEquals(shorten("kaiming_normal", 8), "kaiming…");
});

Deno.test("plain takes away what could steer a terminal", () => {
  assertEquals(plain("zeros\x1b[31m\n\rmore\x9b"), "zeros [31m more");
});

Deno.test("wrap breaks after marks, and cuts what has none", () => {
  assertEquals(wrap("300/300 128/128 64/64", 15), ["300/300 128/128", "64/64"]);
  assertEquals(wrap("variance_scaling", 10), ["variance_", "scaling"]);
  assertEquals(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
  assertEquals(wrap("", 4), [""]);
});
