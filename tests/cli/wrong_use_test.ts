/**
 * Every wrong use is answered by exit status 2, and by one line that names the value and the remedy; nothing is written.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { writeNpy } from "../../src/tensor/npy.ts";
import { fanin, faninHere, lines, temporaryFolder } from "./run.ts";

/** What is typed, and what the message must say of it. */
type Case = [args: string[], ...fragments: string[]];

const IRIS = ["train", "--data", "iris"];

const CASES: Record<string, Case[]> = {
  "an unknown name": [
    [["tran"], '"tran"', "compare, diagnose, train, doctor"],
    [["__proto__"], '"__proto__"', "compare"],
    [["train", "--epoch", "3"], "--epoch", "--epochs"],
    [["doctor", "--inits", "zeros"], "--inits", "--json"],
    [["doctor", "-x"], "-x", "--json"],
    [["train", "digits"], '"digits"', "--"],
    [["train", "--init", "xavierr"], '"xavierr"', "torch_linear"],
    [["train", "--init", "a\nb\x1b[2J"], '"a\\u{a}b', "torch_linear"],
    [["compare", "--inits", "zeros,nope"], '"nope"', "kaiming_normal"],
    [["compare", "--inits", "zeros,"], '""', "kaiming_normal"],
    [["compare", "--inits", "zeros,ones,zeros"], "zeros", "once"],
    [["train", "--init", "normal:a"], "normal:a", "no number"],
    [["train", "--init", "normal:-1"], "-1", "give"],
    [["train", "--init", "uniform:1,-1"], "1", "give"],
    [["train", "--init", "zeros:1"], "zeros:1", "no options"],
    [["train", "--data", "cifar"], '"cifar"', "digits or iris"],
    [["train", "--generator", "xorshift"], "xorshift", "philox"],
    [["train", "--optimizer", "lbfgs"], "lbfgs", "sgd"],
    [["train", "--activation", "step"], "step", "relu"],
  ],
  "a number that is none": ["abc", "NaN", "Infinity", "1e999", " "].flatMap((text): Case[] => [
    [["train", "--lr", text], `--lr ${text}`.trim(), "give a number"],
    [["train", "--epochs", text], `--epochs ${text}`.trim(), "give a whole number"],
  ]),
  "a number outside its range": [
    [["train", "--lr", "-1"], "--lr -1", "from 0 on"],
    [["train", "--lr=-1"], "--lr -1", "from 0 on"],
    [["train", "--lr", "0"], "lr = 0", "above 0"],
    [["train", "--momentum", "1"], "momentum = 1", "below 1"],
    [["train", "--momentum", "-.5"], "--momentum -.5", "from 0 on"],
    [["train", "--weight-decay", "-1e-4"], "--weight-decay -1e-4", "from 0 on"],
    [["train", "--nesterov", "--momentum", "0"], "nesterov", "momentum such as"],
    [["train", "--epochs", "0"], "--epochs 0", "from 1 on"],
    [["train", "--epochs", "1.5"], "--epochs 1.5", "whole number"],
    [["train", "--batch", "-3"], "--batch -3", "from 1 on"],
    [["train", "--seed", "1.5"], "--seed 1.5", "64 bits"],
    [["train", "--seed", "x"], "--seed x", "64 bits"],
    [["train", "--seed", "18446744073709551616"], "--seed 18446744073709551616", "64 bits"],
    [["train", "--seed", "-9223372036854775809"], "--seed -9223372036854775809", "64 bits"],
    [[...IRIS, "--test-fraction", "1"], "1", "less than 1"],
    [[...IRIS, "--test-fraction", "-0.1"], "--test-fraction -0.1", "from 0 on"],
    [["compare", "--data", "iris", "--test-fraction", "0"], "--test-fraction 0", "larger"],
    ...["0", "-1", "1.5", "ten", "1e999"].map((n): Case => [
      ["compare", "--seeds", n],
      `--seeds ${n}`,
      "give a whole number from 1 on",
    ]),
    [["compare", "--seeds", "10001"], "--seeds 10001", "10000 or fewer"],
    [["compare", "--seeds", "2", "--seed", "18446744073709551615"], "64 bits", "lower seed"],
    [["compare", "--seeds", "2", "--seed", "x"], "--seed x", "64 bits"],
    [["train", "--seeds", "2"], "--seeds", "--seed"],
  ],
  "an option that is incomplete, repeated or contradicted": [
    [["train", "--lr"], "--lr", "--lr X"],
    [["train", "--lr="], "--lr", "--lr X"],
    [["train", "--lr", ""], "--lr", "--lr X"],
    [["train", "--out", "--json"], "--out", "FILE.safetensors"],
    [["train", "--epochs", "1", "--epochs", "2"], "--epochs", "once"],
    [["train", "--epochs=1", "--epochs=1"], "--epochs", "once"],
    [["train", "--shuffle", "--no-shuffle"], "--shuffle", "once"],
    [["doctor", "--json=no"], '"no"', "--json alone"],
    [["train", "--no-shuffle=true"], '"true"', "--no-shuffle alone"],
    [["train", "--data", "iris", "--csv", "x.csv"], "more than one", "one of --data"],
    [["train", "--features", "x.npy"], "--labels", "both"],
    [["train", "--labels", "x.npy"], "--features", "both"],
    [["compare", "--results", "x.json"], "--results x.json without --seeds", "--seeds 10"],
    [["compare", "--seeds", "2", "--results", "./report.html"], "--results ./report.html", "another file"],
    [["compare", "--seeds"], "--seeds", "--seeds N"],
  ],
  "layers that do not fit": [
    [[...IRIS, "--layers", "5,3"], "5,3", "--layers 4,32,3"],
    [[...IRIS, "--layers", "4,8,2"], "4,8,2", "end with 3"],
    [[...IRIS, "--layers", "4"], "--layers 4 ", "end with 3"],
    [[...IRIS, "--layers", "4,,3"], "4,,3", "whole numbers"],
    [[...IRIS, "--layers", "4,0,3"], "4,0,3", "from 1 on"],
    [[...IRIS, "--layers", "4,-8,3"], "4,-8,3", "from 1 on"],
    [[...IRIS, "--layers", "4,x,3"], "4,x,3", "whole numbers"],
  ],
};

/** These need files; the paths are those of `temporaryFiles`. */
function fileCases(at: (name: string) => string): Case[] {
  return [
    [["train", "--csv", at("missing.csv")], at("missing.csv"), "no such file", "can be read"],
    [["train", "--csv", at("folder")], at("folder"), "irectory", "can be read"],
    [["train", "--csv", at("ragged.csv")], at("ragged.csv"), "line 2", "same number of fields"],
    [["train", "--csv", at("words.csv")], at("words.csv"), '"high"', "replace it"],
    [["train", "--csv", at("empty.csv")], at("empty.csv"), "empty", "one row a line"],
    [["train", "--csv", at("cut.npy")], at("cut.npy"), "UTF-8", "convert"],
    [["train", "--features", at("cut.npy"), "--labels", at("labels.npy")], at("cut.npy"), "cut off"],
    [["train", "--features", at("labels.npy"), "--labels", at("cut.npy")], at("cut.npy"), "cut off"],
    [
      ["train", "--features", at("features.npy"), "--labels", at("features.npy")],
      "(4, 2)",
      "one label a row",
    ],
    [["train", "--features", at("features.npy"), "--labels", at("floats.npy")], "f4", "astype"],
    [["train", "--features", at("words.csv"), "--labels", at("labels.npy")], at("words.csv"), "numpy.save"],
    [[...IRIS, "--out", at("none/w.safetensors")], at("none"), "make it first"],
    [[...IRIS, "--out", at("words.csv/w.safetensors")], at("words.csv"), "make it first"],
    [[...IRIS, "--out", at("folder")], at("folder"), "it is a folder", "name a file"],
    [["compare", "--data", "iris", "--out", at("none/r.html")], at("none"), "make it first"],
    [
      ["compare", "--seeds", "2", "--out", at("r.html"), "--results", at("none/r.json")],
      at("none"),
      "make it",
    ],
    [["compare", "--seeds", "2", "--out", at("r.html"), "--results", at("folder")], at("folder"), "a folder"],
  ];
}

/** Asserts one line that names all of it, and no word on standard output. */
function assertOneLine(stdout: string, stderr: string, fragments: readonly string[]): void {
  assertEquals(stdout, "");
  assertEquals(lines(stderr).length, 1, stderr);
  assertMatch(stderr, /^error: [^\n]+; [^\n]+\n$/);
  // deno-lint-ignore no-control-regex -- no text from outside may steer a terminal
  assert(!/[\u0000-\u0009\u000b-\u001f]/.test(stderr));
  for (const fragment of fragments) assertStringIncludes(stderr, fragment);
}

async function assertRefused([args, ...fragments]: Case): Promise<void> {
  const { code, stdout, stderr } = await faninHere(args);
  assertOneLine(stdout, stderr, fragments);
  assertEquals(code, 2, args.join(" "));
}

for (const [name, cases] of Object.entries(CASES)) {
  Deno.test(`${name} is refused in one line`, async () => {
    for (const one of cases) await assertRefused(one);
  });
}

Deno.test("a file that cannot be read, used or written is refused in one line, and nothing is written", async () => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const features = writeNpy({ dtype: "f4", shape: [4, 2], data: new Float32Array(8) });
  Deno.writeFileSync(at("features.npy"), features);
  Deno.writeFileSync(at("cut.npy"), features.subarray(0, features.length - 5));
  Deno.writeFileSync(at("floats.npy"), writeNpy({ dtype: "f4", shape: [4], data: new Float32Array(4) }));
  Deno.writeFileSync(at("labels.npy"), writeNpy({ dtype: "u1", shape: [4], data: new Uint8Array(4) }));
  Deno.writeTextFileSync(at("ragged.csv"), "1,2,0\n1,0\n");
  Deno.writeTextFileSync(at("words.csv"), "1,2,0\n1,high,1\n");
  Deno.writeTextFileSync(at("empty.csv"), "");
  Deno.mkdirSync(at("folder"));
  const before = folder.list();
  for (const one of fileCases(at)) await assertRefused(one);
  assertEquals(folder.list(), before);
  assertEquals([...Deno.readDirSync(at("folder"))], []);
});

Deno.test("a device is no place for a file", { ignore: Deno.build.os === "windows" }, async () => {
  await assertRefused([[...IRIS, "--out", "/dev/null"], "/dev/null", "it is a device", "name a file"]);
  assert(Deno.statSync("/dev/null").isCharDevice);
});

Deno.test("a folder that takes no file is found out before the training", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await assertRefused([
    [...IRIS, "--out", "/proc/w.safetensors"],
    "/proc/w.safetensors",
    "can be written to",
  ]);
});

Deno.test("more than the device has: exit status 1, in one line as well", async () => {
  const { code, stdout, stderr } = await faninHere([...IRIS, "--layers", "4,2000000000,3"]);
  assertOneLine(stdout, stderr, ["0.weight", "32000000000"]);
  assertEquals(code, 1);
});

Deno.test("the process ends with that status, and --verbose shows where it went wrong", async () => {
  const quiet = await fanin(["train", "--data", "cifar"]);
  assertOneLine(quiet.stdout, quiet.stderr, ["cifar"]);
  assertEquals(quiet.code, 2);
  const { code, stdout, stderr } = await faninHere(["train", "--data", "cifar", "--verbose"]);
  assertEquals({ code, stdout }, { code: 2, stdout: "" });
  assertMatch(stderr, /^ArgumentError: unknown data "cifar"; .*\n {4}at .*data_source\.ts/);
});
