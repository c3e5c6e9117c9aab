import { assertEquals } from "@std/assert";
import { type OptionSpecs, parseOptions, seedValue, wholeNumbers } from "../../src/cli/options.ts";

const SPECS = {
  text: { kind: "text", help: "" },
  number: { kind: "number", help: "", default: 0.5 },
  count: { kind: "integer", help: "", default: 3, least: 1 },
  off: { kind: "flag", help: "" },
  on: { kind: "flag", help: "", default: true },
} as const satisfies OptionSpecs;

Deno.test("parseOptions: what is not given has its default", () => {
  assertEquals(parseOptions([], SPECS), {
    text: undefined,
    number: 0.5,
    count: 3,
    off: false,
    on: true,
    _: [],
  });
});

Deno.test("parseOptions: values after a blank or an equals sign, flags and their opposites", () => {
  const expected = { text: "a=b", number: -2, count: 7, off: true, on: false, _: [] };
  const spaced = ["--text", "a=b", "--number", "-2", "--count", "7", "--off", "--no-on"];
  assertEquals(parseOptions(spaced, SPECS), expected);
  assertEquals(parseOptions(["--text=a=b", "--number=-2", "--count=7", "--off", "--no-on"], SPECS), expected);
});

Deno.test("parseOptions: text that looks like a number, a flag or an operand stays text", () => {
  assertEquals(parseOptions(["--text", "007"], SPECS).text, "007");
  assertEquals(parseOptions(["--text", "true"], SPECS).text, "true");
  assertEquals(parseOptions(["--on", "12", "--", "--off"], SPECS, 2)._, ["12", "--off"]);
});

Deno.test("seeds: any 64 bits, exactly", () => {
  assertEquals(["0", "-1", "9007199254740991"].map(seedValue), [0, -1, 2 ** 53 - 1]);
  const large = ["9007199254740993", "18446744073709551615", "-9223372036854775808"];
  assertEquals(large.map(seedValue), large.map(BigInt));
});

Deno.test("wholeNumbers: widths, blanks allowed", () => {
  assertEquals(wholeNumbers("--layers", "784, 128,10"), [784, 128, 10]);
});
