import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import {
  calculateGain,
  layersManifest,
  manifestText,
  parseManifest,
  shapeManifest,
} from "../../src/init/mod.ts";
import { readNpy } from "../../src/tensor/npy.ts";
import { asFloat32, encodeSafetensors, parseSafetensors } from "../../src/tensor/safetensors.ts";
import { VERSION } from "../../src/version.ts";
import { makeOne, makeWhole } from "../init/whole.ts";
import { assertBitsEqual } from "../oracle/compare.ts";
import { fanin, faninHere, lines, temporaryFolder } from "./run.ts";

/** Runs `fanin init` in this process and expects it to end well. */
async function init(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const { code, ...said } = await faninHere(["init", ...args]);
  assertEquals(code, 0, said.stderr);
  return said;
}

Deno.test("init --layers --out: a file for PyTorch with its recipe, the same bytes every time, nothing else on the disk", async () => {
  await using folder = await temporaryFolder();
  const args = ["init", "--layers", "12,7,3", "--generator", "mt19937", "--seed", "-5", "--out"];
  for (const name of ["a.safetensors", "b.safetensors"]) {
    const { code, stdout, stderr } = await fanin([...args, name], { cwd: folder.path });
    assertEquals({ code, stdout, stderr }, { code: 0, stdout: "", stderr: `weights: ${name}\n` });
  }
  assertEquals(folder.list(), ["a.safetensors", "b.safetensors"]);
  const [a, b] = folder.list().map((name) => Deno.readFileSync(join(folder.path, name)));
  assertEquals(a, b);
  const { metadata, tensors } = parseSafetensors(a);
  const recipe = layersManifest([12, 7, 3], "torch_linear", "mt19937", -5);
  assertEquals(metadata, { format: "pt", fanin: manifestText(recipe) });
  const expected = await makeWhole(undefined, recipe);
  assertEquals([...tensors.keys()], ["0.weight", "0.bias", "2.weight", "2.bias"]);
  assertEquals([...tensors.values()].map(({ dtype, shape }) => [dtype, shape]), [
    ["F32", [7, 12]],
    ["F32", [7]],
    ["F32", [3, 7]],
    ["F32", [3]],
  ]);
  for (const [name, entry] of tensors) assertBitsEqual(asFloat32(entry), expected.get(name)!, name);
});

for (const generator of ["philox", "threefry", "threefry_original", "mt19937"] as const) {
  Deno.test(`init --generator ${generator}: npy and safetensors hold one tensor, and its shards in order make it up`, async () => {
    await using folder = await temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    const base = ["--shape", "9,5", "--init", "kaiming_normal", "--generator", generator, "--seed", "3"];
    await init(...base, "--name", "w", "--out", at("w.safetensors"));
    await init(...base, "--name", "w", "--out", at("w.npy"));
    const recipe = shapeManifest("w", [9, 5], "kaiming_normal", generator, 3);
    const whole = await makeOne(undefined, recipe);
    const { dtype, shape, data } = readNpy(await Deno.readFile(at("w.npy")));
    assertEquals([dtype, shape], ["f4", [9, 5]]);
    assertBitsEqual(data as Float32Array, whole, "npy");
    const { tensors } = parseSafetensors(await Deno.readFile(at("w.safetensors")));
    assertBitsEqual(asFloat32(tensors.get("w")!), whole, "safetensors");

    const shards: number[] = [];
    for (const range of ["0:1", "1:18", "18:45"]) {
      await init(...base, "--name", "w", "--range", range, "--out", at("shard.safetensors"));
      await init(...base, "--name", "w", "--range", range, "--out", at("shard.npy"));
      const { tensors, metadata } = parseSafetensors(await Deno.readFile(at("shard.safetensors")));
      const [start, end] = range.split(":").map(Number), entry = tensors.get("w")!;
      assertEquals(entry.shape, [end - start]);
      assertEquals(parseManifest(metadata.fanin).range, [start, end]);
      const npy = readNpy(await Deno.readFile(at("shard.npy")));
      assertEquals([npy.shape, [...npy.data]], [[end - start], [...asFloat32(entry)]]);
      shards.push(...asFloat32(entry));
      assertStringIncludes((await init("--from", at("shard.safetensors"))).stdout, "equal, byte for byte");
    }
    assertEquals(Float32Array.from(shards), whole);
    assertEquals(folder.list(), ["shard.npy", "shard.safetensors", "w.npy", "w.safetensors"]);
  });
}

Deno.test("init --manifest and --from: from recipe to weights and back, to the same bytes", async () => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const base = [
    "--layers",
    "6,4,2",
    "--init",
    "xavier_uniform",
    "--nonlinearity",
    "relu",
    "--seed",
    "18446744073709551615",
  ];
  const { stdout, stderr } = await init(...base, "--manifest");
  assertEquals(stderr, "");
  assert(stdout.length < 500);
  const recipe = layersManifest(
    [6, 4, 2],
    `xavier_uniform:${calculateGain("relu")}`,
    "philox",
    2n ** 64n - 1n,
  );
  assertEquals(parseManifest(stdout), recipe);
  await init(...base, "--manifest", "--out", at("recipe.json"));
  assertEquals(Deno.readTextFileSync(at("recipe.json")), stdout);
  await init(...base, "--out", at("a.safetensors"));
  await init("--from", at("recipe.json"), "--out", at("b.safetensors"));
  await init("--from", at("a.safetensors"), "--out", at("c.safetensors"));
  const [a, b, c] = ["a", "b", "c"].map((name) => Deno.readFileSync(at(`${name}.safetensors`)));
  assertEquals([a, a], [b, c]);
  assertEquals((await init("--from", at("a.safetensors"), "--manifest")).stdout, stdout);
  assertEquals((await init("--from", at("recipe.json"))).stdout, (await init(...base)).stdout);
  await init("--shape", "3,4", "--manifest", "--out", at("one.json"));
  await init("--from", at("one.json"), "--range", "5:9", "--out", at("part.npy"));
  const whole = await makeOne(undefined, shapeManifest("weight", [3, 4], "torch_linear"));
  assertEquals(readNpy(Deno.readFileSync(at("part.npy"))).data, whole.slice(5, 9));
});

Deno.test("init --from FILE: equal; with a single byte changed, whichever, it is not", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "w.safetensors");
  await init("--layers", "3,2,2", "--generator", "mt19937", "--out", path);
  const good = Deno.readFileSync(path);
  const equal = await init("--from", path);
  assertEquals(equal.stdout, `${path}: equal, byte for byte, 4 tensors of 14 elements from mt19937(0)\n`);
  const { equal: inJson, elements } = JSON.parse((await init("--from", path, "--json")).stdout);
  assertEquals([inJson, elements], [true, 14]);

  const dataStart = good.length - 14 * 4;
  // The version's digits aside: a file of another version is made again as what it says it is.
  const version = new TextDecoder("latin1").decode(good).indexOf(VERSION);
  for (let at = 0; at < good.length; at++) {
    if (at >= version && at < version + VERSION.length) continue;
    const bad = good.slice();
    bad[at] ^= 1 << at % 8;
    Deno.writeFileSync(path, bad);
    const { code, stdout, stderr } = await faninHere(["init", "--from", path]);
    assert(code === 1 || code === 2, `byte ${at}: ${stdout}`);
    assertEquals(lines(stdout + stderr).length, 1, `byte ${at}: ${stdout}${stderr}`);
    if (at < dataStart) continue;
    assertEquals([code, stderr], [1, ""]);
    const element = Math.floor((at - dataStart) / 4);
    const [name, first] = [["0.weight", 0], ["0.bias", 6], ["2.weight", 8], ["2.bias", 12]]
      .findLast(([, first]) => element >= (first as number)) as [string, number];
    assertStringIncludes(stdout, `element ${element - first} of "${name}"`);
    assertMatch(stdout, / is \S+ \(0x[0-9a-f]{8}\) in the file, and the recipe makes \S+ \(0x[0-9a-f]{8}\)/);
  }
});

Deno.test("init --from: other tensors, another header, and files that hold no recipe or are cut off", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "w.safetensors");
  const recipe = shapeManifest("w", [2, 2], "ones"), metadata = { format: "pt", fanin: manifestText(recipe) };
  const ones = { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 1, 1, 1) } as const;
  const from = async (
    tensors: Record<
      string,
      Parameters<typeof encodeSafetensors>[0] extends Iterable<readonly [string, infer T]> ? T : never
    >,
    more: Record<string, string> = {},
  ) => {
    const parts = encodeSafetensors(Object.entries(tensors), { ...metadata, ...more });
    Deno.writeFileSync(path, new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer()));
    return await faninHere(["init", "--from", path]);
  };
  assertEquals((await from({ w: ones })).code, 0);
  const cases: [Awaited<ReturnType<typeof from>>, string][] = [
    [await from({ v: ones }), 'no tensor "w"'],
    [await from({ w: ones, v: ones }), 'tensor "v", which'],
    [await from({ w: { ...ones, shape: [4] } }), "F32 [4] in the file, and the recipe makes F32 [2,2]"],
    [await from({ w: { ...ones, dtype: "I32", data: new Int32Array(4) } }), "I32"],
    [await from({ w: ones }, { note: "mine" }), "the weights are equal, but the header"],
  ];
  for (const [{ code, stdout, stderr }, fragment] of cases) {
    assertEquals([code, stderr], [1, ""]);
    assertStringIncludes(stdout, fragment);
  }
  for (const [fanin, fragment] of [["0.1.0", "no recipe"], ["{", "no JSON"], ["{}", "fanin is undefined"]]) {
    const { code, stderr } = await from({ w: ones }, { fanin });
    assertEquals(code, 2);
    assertStringIncludes(stderr, fragment);
  }
  await from({ w: ones });
  const whole = Deno.readFileSync(path);
  for (const length of [0, 5, 8, 40, whole.length - 1]) {
    Deno.writeFileSync(path, whole.subarray(0, length));
    const { code, stderr } = await faninHere(["init", "--from", path]);
    assertEquals([code, lines(stderr).length], [2, 1], stderr);
  }
  const huge = new Uint8Array(64);
  new DataView(huge.buffer).setBigUint64(0, 2n ** 63n, true);
  Deno.writeFileSync(path, huge);
  assertStringIncludes((await faninHere(["init", "--from", path])).stderr, "9223372036854775808");
});

Deno.test("init without --out: a table, or JSON, of what the tensors are like", async () => {
  const { stdout } = await init("--layers", "4,3,2", "--init", "uniform:-1,1", "--seed", "7");
  const [head, , ...rows] = lines(stdout), sum = rows.pop()!;
  assertMatch(head, /^Tensor +Shape +Elements +Mean +Std +Min +Max$/);
  assertEquals(rows.map((row) => row.split(/ {2,}/).slice(0, 3)), [
    ["0.weight", "3 × 4", "12"],
    ["0.bias", "3", "3"],
    ["2.weight", "2 × 3", "6"],
    ["2.bias", "2", "2"],
  ]);
  assertStringIncludes(sum, "4 tensors of 23 elements from philox(7)");
  const { tensors, manifest } = JSON.parse(
    (await init("--shape", "50,60", "--init", "normal:2,3", "--json")).stdout,
  );
  assertEquals(manifest, JSON.parse(manifestText(shapeManifest("weight", [50, 60], "normal:2,3"))));
  const values = await makeOne(undefined, shapeManifest("weight", [50, 60], "normal:2,3"));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  const [found] = tensors;
  assertEquals([found.name, found.shape], ["weight", [50, 60]]);
  assert(Math.abs(found.mean - mean) < 1e-12 && Math.abs(found.std - std) < 1e-12);
  assertEquals([found.min, found.max], [Math.min(...values), Math.max(...values)]);
});

Deno.test("init --gain and --nonlinearity are the initialiser's own options", async () => {
  const chosen = async (...args: string[]) =>
    JSON.parse((await init("--shape", "4,4", ...args, "--manifest")).stdout).tensors[0].init;
  assertEquals(await chosen("--init", "xavier_normal", "--gain", "2"), "xavier_normal:2");
  assertEquals(await chosen("--init", "orthogonal", "--gain", "-0.5"), "orthogonal:-0.5");
  assertEquals(await chosen("--init", "xavier_uniform", "--nonlinearity", "tanh"), `xavier_uniform:${5 / 3}`);
  assertEquals(
    await chosen("--init", "kaiming_normal", "--nonlinearity", "relu"),
    "kaiming_normal:fan_in,relu",
  );
  assertEquals(
    await chosen("--init", "kaiming_uniform:fan_out", "--nonlinearity", "selu"),
    "kaiming_uniform:fan_out,selu",
  );
});

/** What is typed after `init`, and what is said of it. */
const WRONG: [args: string[], ...fragments: string[]][] = [
  [[], "nothing to make", "--layers 784,512,10"],
  [["--shape", "2,3", "--layers", "2,3"], "at once"],
  [["--shape", "0,3"], "--shape 0,3", "from 1 on"],
  [["--shape", "-2,3"], "--shape -2,3", "from 1 on"],
  [["--shape", "2,x"], "--shape 2,x"],
  [["--shape", "1073741824,1073741824"], "2^51"],
  [["--shape", "9007199254740993"], "--shape 9007199254740993"],
  [["--shape", "5"], "shape [5]", "no fans"],
  [["--layers", "5"], "layers 5", "two widths"],
  [["--layers", "5,3", "--range", "0:2"], "--range with --layers"],
  [["--layers", "5,3", "--name", "w"], "--name with --layers"],
  [["--shape", "2,3", "--range", "0:7"], "range 0:7 of 6"],
  [["--shape", "2,3", "--range", "3:3"], "range 3:3"],
  [["--shape", "2,3", "--range", "4"], "--range 4", "START:END"],
  [["--shape", "2,3", "--range", "-1:4"], "--range -1:4"],
  [["--shape", "2,3", "--range", "0:99999999999999999"], "--range 0:99999999999999999"],
  [["--shape", "2,3", "--init", "nope"], '"nope"', "torch_linear"],
  [["--shape", "2,3", "--generator", "pcg"], "pcg", "mt19937"],
  [["--shape", "2,3", "--seed", "1.5"], "--seed 1.5"],
  [["--shape", "2,3", "--gain", "2"], "--gain 2", "torch_linear takes none", "orthogonal"],
  [["--shape", "2,3", "--gain", "2", "--init", "kaiming_normal"], "--gain 2", "kaiming_normal takes none"],
  [["--shape", "2,3", "--gain", "2", "--init", "xavier_normal:3"], "gain is given twice"],
  [["--shape", "2,3", "--gain", "-1", "--init", "xavier_normal"], "gain -1"],
  [["--shape", "2,3", "--nonlinearity", "relu", "--init", "normal"], "normal takes none", "kaiming_normal"],
  [["--shape", "2,3", "--nonlinearity", "gelu", "--init", "xavier_normal"], '"gelu"', "relu"],
  [["--shape", "2,3", "--nonlinearity", "relu", "--gain", "1", "--init", "xavier_normal"], "at once"],
  [["--shape", "2,3", "--out", "w.bin"], "w.bin", ".safetensors or .npy"],
  [["--shape", "2,3", "--out", "w.json"], "w.json", "--manifest"],
  [["--shape", "2,3", "--manifest", "--out", "w.npy"], "w.npy", ".json"],
  [["--layers", "2,3", "--out", "w.npy"], "w.npy for 2 tensors", ".safetensors"],
  [["--shape", "2,3", "--out", "none/w.npy"], "none", "make it first"],
  [["--shape", "2,3", "--name", "__metadata__", "--out", "w.safetensors"], "__metadata__"],
  [["--shape", "65536,65536", "--generator", "threefry_original", "--init", "normal"], "use threefry"],
  [["--shape", "65536,65536", "--init", "orthogonal"], "in one piece"],
  [["--shape", "16777216,16777216", "--out", "w.safetensors"], "1125899906842", "--range"],
  [["--from", "w.npy"], "w.npy", "npy has no place"],
  [["--from", "w"], "--from w", ".json"],
  [["--from", "none.json"], "none.json", "no such file"],
  [["--from", "none.safetensors"], "none.safetensors", "no such file"],
  [["--from", "recipe.json", "--seed", "1"], "--seed with --from", "leave it out"],
  [["--from", "recipe.json", "--shape", "2,2"], "--shape with --from"],
  [["--from", "shard.json", "--range", "0:1"], "shard"],
  [["--from", "shard.safetensors", "--range", "0:1"], "shard"],
  [["--from", "whole.safetensors", "--range", "0:1"], "--range with --from"],
  [["--from", "bad.json"], "unknown key"],
];

Deno.test("init: wrong use is answered in one line with exit status 2, and nothing is written", async () => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const recipe = shapeManifest("w", [2, 2], "ones");
  Deno.writeTextFileSync(at("recipe.json"), manifestText(recipe));
  Deno.writeTextFileSync(at("shard.json"), manifestText({ ...recipe, range: [1, 3] }));
  Deno.writeTextFileSync(at("bad.json"), manifestText(recipe).replace("{", '{"x":1,'));
  await init("--from", at("recipe.json"), "--out", at("whole.safetensors"));
  await init("--from", at("shard.json"), "--out", at("shard.safetensors"));
  const before = folder.list(), file = /^[\w/]+\.(json|safetensors|npy|bin)$/;
  for (const [args, ...fragments] of WRONG) {
    const placed = args.map((arg) => file.test(arg) ? at(arg) : arg);
    const { code, stdout, stderr } = await faninHere(["init", ...placed]);
    assertEquals([code, stdout, lines(stderr).length], [2, "", 1], `${args.join(" ")}: ${stderr}`);
    assertMatch(stderr, /^error: [^\n]+; [^\n]+\n$/);
    for (const fragment of fragments) assertStringIncludes(stderr, fragment, args.join(" "));
  }
  assertEquals(folder.list(), before);
});

Deno.test("init: what fails midway leaves the old file as it was, and no other", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "w.safetensors");
  Deno.writeTextFileSync(path, "old");
  // PyTorch's way would take forever to find a normal 7 deviations out: found out when the numbers are drawn.
  const args = ["--shape", "4,4", "--init", "trunc_normal:1,0,3,4", "--generator", "mt19937", "--out", path];
  const { code, stderr } = await faninHere(["init", ...args]);
  assertEquals([code, lines(stderr).length], [2, 1]);
  assertStringIncludes(stderr, "a normal with mean 0 and std 1 cut to 3 to 4");
  assertEquals([folder.list(), Deno.readTextFileSync(path)], [["w.safetensors"], "old"]);
});

Deno.test("init --help lists every option", async () => {
  const { stdout } = await init("--help");
  for (const name of ["shape", "layers", "gain", "range", "from", "manifest", "out", "generator"]) {
    assertStringIncludes(stdout, `\n  --${name} `);
  }
});
