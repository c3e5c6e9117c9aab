import { assert, assertEquals, assertThrows } from "@std/assert";
import { ArgumentError } from "../../src/gpu/errors.ts";
import { INITIALIZER_NAMES, initializerByName, initializersByName, normal } from "../../src/init/mod.ts";

/** Texts that are printed as they are read. */
const PLAIN = INITIALIZER_NAMES.filter((name) => !["constant", "sparse", "normal"].includes(name));
const TEXTS = [
  ...PLAIN,
  "constant:0.5",
  "constant:-1e-7",
  "normal:1",
  "normal:0.01",
  "normal:0.02,-1",
  "uniform:-2,2",
  "uniform:-0.1,1",
  "trunc_normal:0.02",
  "trunc_normal:1,0,-1,1",
  "xavier_uniform:2",
  "kaiming_uniform:fan_out,relu",
  "kaiming_normal:fan_in,leaky_relu,0.2",
  "variance_scaling:2,fan_avg,uniform",
  "sparse:0.1",
  "sparse:0.1,1",
];

for (const text of TEXTS) {
  Deno.test(`initialiser ${text}: printed as it is typed, and read back as the same`, () => {
    const read = initializerByName(text), again = initializerByName(read.toString());
    assertEquals([read.toString(), read.toJSON(), read.name], [text, text, text.split(":")[0]]);
    assertEquals([again.options, again.toString()], [read.options, text]);
  });
}

Deno.test("equal initialisers are printed alike, however they are typed", () => {
  const alike: [string, string][] = [
    ["normal", "normal:1"],
    ["normal:1,0", "normal:1"],
    ["normal:std=0.5", "normal:0.5"],
    ["normal:mean=2,std=3", "normal:3,2"],
    ["uniform:0,1", "uniform"],
    ["uniform: -1 , 1", "uniform:-1,1"],
    ["constant:1e0", "constant:1"],
  ];
  for (const [typed, printed] of alike) assertEquals(initializerByName(typed).toString(), printed, typed);
  assertEquals(normal().toString(), "normal:1");
});

Deno.test("a name that is unknown, and options that do not fit, are refused with what was typed", () => {
  const wrong = [
    "",
    "xavier",
    "Zeros",
    "toString",
    "__proto__",
    "zeros:1",
    "torch_linear:2",
    "constant",
    "constant:",
  ];
  const options = [
    "constant:x",
    "constant:1,2",
    "normal:1,2,3",
    "normal:",
    "normal:NaN",
    "uniform:1,,2",
    "normal:sd=1",
  ];
  const twice = ["normal:1,std=2", "normal:std=1,std=2"];
  for (const text of [...wrong, ...options, ...twice]) {
    assertThrows(() => initializerByName(text), ArgumentError, `"${text}"`);
  }
});

Deno.test("numbers that no distribution can have are refused where they are typed", () => {
  const texts = [
    "normal:-1",
    "uniform:1,-1",
    "uniform:1,1",
    "normal:1e-40",
    "normal:1,1e39",
    "trunc_normal:1,0,2,-2",
  ];
  for (
    const text of [...texts, "sparse:2", "variance_scaling:0", "xavier_uniform:-1", "kaiming_normal:fan"]
  ) {
    assertThrows(() => initializerByName(text), ArgumentError);
  }
});

Deno.test("a list keeps numbers with the name before them", () => {
  const list = "zeros,normal:1,uniform:-2,2,torch_linear,kaiming_normal:fan_out,relu,constant:0.5";
  const expected = [
    "zeros",
    "normal:1",
    "uniform:-2,2",
    "torch_linear",
    "kaiming_normal:fan_out,relu",
    "constant:0.5",
  ];
  assertEquals(initializersByName(list).map(String), expected);
  assertEquals(initializersByName(" zeros , ones ").map(String), ["zeros", "ones"]);
});

Deno.test("a list that is empty, repeats itself or has a wrong name is refused", () => {
  assertThrows(() => initializersByName("zeros,ones,zeros"), ArgumentError, "zeros is given twice");
  assertThrows(() => initializersByName("normal,normal:1"), ArgumentError, "given twice");
  for (const list of ["", ",", "zeros,", "zeros,,ones", "zeros,twos"]) {
    assertThrows(() => initializersByName(list), ArgumentError, undefined, list);
  }
});

Deno.test("every name is known, and each only once", () => {
  assert(INITIALIZER_NAMES.length >= 7);
  assertEquals(new Set(INITIALIZER_NAMES).size, INITIALIZER_NAMES.length);
});
