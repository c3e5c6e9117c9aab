import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { Diagnosis } from "../../src/diagnose/mod.ts";
import { encodeSafetensors } from "../../src/tensor/safetensors.ts";
import { fanin, faninHere, lines, temporaryFolder } from "./run.ts";

/** What `--json` prints. */
interface Printed extends Diagnosis {
  adapter: string;
  source: string;
  inputs: string;
  activation: string;
  optimizer: string;
  notUnderstood: string[];
}

/** Runs `fanin diagnose` in this process and expects it to end well. */
async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await faninHere(["diagnose", ...args]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

async function printed(...args: string[]): Promise<Printed> {
  return JSON.parse(await said(...args, "--json"));
}

/** Runs it and expects one line of error and exit status 2. */
async function refused(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await faninHere(["diagnose", ...args]);
  assertEquals({ code, stdout, lines: lines(stderr).length }, { code: 2, stdout: "", lines: 1 });
  return stderr;
}

/** A safetensors file of float32 tensors. */
async function write(path: string, tensors: Record<string, number[]>, metadata = {}): Promise<void> {
  const entries = Object.entries(tensors).map(([name, shape]) => {
    const data = Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => Math.sin(i * i + i),
    );
    return [name, { dtype: "F32", shape, data }] as const;
  });
  const file = new Blob(encodeSafetensors(entries, metadata) as Uint8Array<ArrayBuffer>[]);
  await Deno.writeFile(path, await file.bytes());
}

Deno.test("diagnose --json as a process: one document, exit status 0 for a network that fails", async () => {
  const { code, stdout } = await fanin(["diagnose", "--layers", "784,32,16,10", "--init", "ones", "--json"]);
  assertEquals(code, 0);
  const { verdict, findings, layers, inputs, source } = JSON.parse(stdout) as Printed;
  assertEquals(verdict, "fail");
  assertEquals(inputs, "256 rows of digits");
  assertEquals(source, "layers 784-32-16-10 from ones, philox(0)");
  assertEquals(Object.keys(findings[0]).sort(), ["code", "layer", "message", "remedy", "severity"]);
  assertEquals(layers.map(({ name, shape }) => [name, shape]), [
    ["0", [32, 784]],
    ["2", [16, 32]],
    ["4", [10, 16]],
  ]);
  assertEquals(layers.map(({ cloneGroups }) => cloneGroups.map((group) => group.length)), [[32], [16], []]);
  assertEquals(layers[0].inputOnlyDuplicates, []);
});

Deno.test("diagnose: zeros and normal:1 fail, PyTorch's default is ok on digits", async () => {
  const verdicts = [];
  for (const init of ["zeros", "normal:1", "torch_linear"]) {
    const { verdict, findings } = await printed("--layers", "784,128,64,10", "--init", init);
    verdicts.push([init, verdict, findings[0]?.code]);
  }
  assertEquals(verdicts, [
    ["zeros", "fail", "clones"],
    ["normal:1", "fail", "exploding"],
    ["torch_linear", "ok", undefined],
  ]);
});

Deno.test("diagnose: a table with what was measured on, the findings with their remedies, and the verdict", async () => {
  const text = await said("--layers", "6,4,2", "--init", "ones");
  assertStringIncludes(text, "relu, measured on 256 rows of standard normal numbers with labels in turn");
  assertMatch(text, /^Layer {2}Shape +Distinct +RMS z/m);
  assertMatch(text, /^0 +4 × 6 +1\/4 /m);
  assertMatch(text, /^fail {2}layer 0: neurons 0, 1, 2, 3 \(4 of 4\)/m);
  assertStringIncludes(text, "→ draw every neuron's weights at random");
  assertMatch(text, /\nverdict fail: it cannot learn as it is\n$/);
  assertStringIncludes(await said("--layers", "4,16,3"), "relu, measured on 150 rows of iris");
});

Deno.test("diagnose: every generator draws the network that init writes", async () => {
  await using folder = await temporaryFolder();
  for (const generator of ["philox", "mt19937"]) {
    const path = join(folder.path, `${generator}.safetensors`);
    const recipe = [
      "--layers",
      "12,8,3",
      "--init",
      "kaiming_uniform",
      "--generator",
      generator,
      "--seed",
      "5",
    ];
    assertEquals((await faninHere(["init", ...recipe, "--out", path])).code, 0);
    const drawn = await printed(...recipe), written = await printed(path);
    assertEquals(drawn.layers, written.layers);
    assert(written.layers[0].predicted !== null, "the recipe in the file names the initialiser");
  }
  assertEquals((await printed("--layers", "12,8,3", "--generator", "threefry")).verdict, "ok");
});

Deno.test("diagnose: a checkpoint of train is ok", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "trained.safetensors");
  const trained = await faninHere(["train", "--data", "iris", "--epochs", "20", "--out", path]);
  assertEquals(trained.code, 0, trained.stderr);
  const { verdict, layers, inputs } = await printed(path);
  assertEquals([verdict, inputs], ["ok", "150 rows of iris"]);
  assertEquals(layers.map(({ predicted }) => predicted), [null, null]);
});

Deno.test("diagnose: a file of any names and numbers; what is not understood is listed", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "other.safetensors");
  await write(path, {
    "10.weight": [3, 5],
    "2.weight": [5, 4],
    "2.bias": [5],
    "conv.weight": [2, 2, 3, 3],
    "10.bias": [4],
  });
  const { layers, notUnderstood, inputs } = await printed(path, "--activation", "tanh", "--data", "normal");
  assertEquals(layers.map(({ name, shape, saturated }) => [name, shape, typeof saturated]), [
    ["2", [5, 4], "number"],
    ["10", [3, 5], "object"],
  ]);
  assertEquals(notUnderstood, [
    '"conv.weight" F32 [2,2,3,3]: no matrix',
    '"10.bias" F32 [4]: no bias of 3 numbers',
  ]);
  assertStringIncludes(inputs, "standard normal");
  assertStringIncludes(
    await said(path),
    'not understood, and left out: "conv.weight" F32 [2,2,3,3]: no matrix; "10.bias"',
  );
});

Deno.test("diagnose: a file that cannot be used is refused in one line that names it", async () => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  await write(at("whole.safetensors"), { "0.weight": [5, 4], "2.weight": [3, 5] });
  const bytes = await Deno.readFile(at("whole.safetensors"));
  for (const length of [0, 7, 20, bytes.length - 1]) {
    await Deno.writeFile(at("cut.safetensors"), bytes.subarray(0, length));
    assertStringIncludes(await refused(at("cut.safetensors")), `error: ${at("cut.safetensors")}: `);
  }
  await write(at("names.safetensors"), { "encoder.kernel": [5, 4] });
  assertStringIncludes(await refused(at("names.safetensors")), 'no linear layer: "encoder.kernel" F32 [5,4]');
  await write(at("broken.safetensors"), { "0.weight": [5, 4], "2.weight": [3, 6] });
  assertStringIncludes(
    await refused(at("broken.safetensors")),
    "layer 0 gives 5 numbers and layer 2 takes 6",
  );
  assertStringIncludes(await refused(at("missing.safetensors")), "no such file");
});

Deno.test("diagnose: wrong use is refused", async () => {
  assertStringIncludes(await refused(), "nothing to diagnose");
  assertStringIncludes(await refused("a.safetensors", "--layers", "4,3"), "a file and --layers at once");
  assertStringIncludes(await refused("a.safetensors", "--seed", "1"), "--seed with a file");
  assertStringIncludes(
    await refused("--layers", "4,3", "--init", "nothing"),
    'unknown initialiser "nothing"',
  );
  assertStringIncludes(await refused("--layers", "4,3", "--generator", "dice"), "unknown --generator dice");
  assertStringIncludes(await refused("--layers", "4,3", "--activation", "step"), "unknown --activation step");
  assertStringIncludes(await refused("--layers", "5,3", "--data", "iris"), "does not fit layers 5-3");
  assertStringIncludes(await refused("--layers", "5"), "layers 5 are no network");
});

Deno.test("diagnose --watch: what becomes of clones, in the table, in JSON, and by the names of a file", async () => {
  await using folder = await temporaryFolder();
  const args = [
    "--layers",
    "4,6,3",
    "--init",
    "ones",
    "--watch",
    "7",
    "--optimizer",
    "adam",
    "--batch",
    "50",
  ];
  const text = await said(...args);
  assertStringIncludes(text, "symmetry over 7 steps of adam lr 0.001 weight decay 0, batch 50, iris");
  assertMatch(text, /^0 +6 +1 +1 +– {2}6 neurons in 1 group: exact$/m);
  const { watch } = JSON.parse(await said(...args, "--json"));
  assertEquals([watch.steps.at(-1), watch.layers[0].distinctGradients.at(-1)], [7, 1]);
  assertStringIncludes(text, "\nupdate to weight over 7 steps of adam");
  assertEquals([watch.updates.steps, watch.updates.parameters[0].updateRatio.length], [
    [1, 2, 3, 4, 5, 6, 7],
    7,
  ]);
  const path = join(folder.path, "named.safetensors");
  await write(path, { "net.fc3.weight": [5, 4], "net.fc7.weight": [3, 5] });
  const named = await said(path, "--watch", "2", "--data", "normal");
  assertMatch(named, /^net.fc3 +5 +5/m);
  assertMatch(named, /^net.fc7 +0\.\d+ +0\.\d+ +0\.\d+$/m);
  assertStringIncludes(await refused("--layers", "4,3", "--watch", "0"), "--watch 0");
});

Deno.test("diagnose: the first step of the optimiser that is named, and a finding where it is far too long or short", async () => {
  const of = (...args: string[]) => printed("--layers", "4,16,3", ...args);
  const plain = await of(), slow = await of("--lr", "0.005"), adam = await of("--optimizer", "adam");
  assertEquals(plain.optimizer, "sgd lr 0.05 momentum 0.9");
  plain.layers.forEach(({ updateRatio }, i) => {
    assert(updateRatio! > 1e-4 && updateRatio! < 0.1, `${updateRatio}`);
    assertAlmostEquals(slow.layers[i].updateRatio!, updateRatio! / 10, 1e-4 * updateRatio!);
  });
  // Adam moves every weight of the first layer, U(-1/2, 1/2), by the learning rate.
  assertAlmostEquals(adam.layers[0].updateRatio!, 1e-3 * Math.sqrt(12), 4e-4);
  assertEquals([plain, slow, adam].map(({ verdict }) => verdict), ["ok", "ok", "ok"]);
  const [far] = (await of("--optimizer", "adam", "--lr", "5")).findings;
  assertEquals([far.code, far.severity], ["update-ratio", "warn"]);
  assertMatch(far.remedy, /fanin train --optimizer adam --lr 0\.000\d;/);
  const near = await of("--lr", "1e-8");
  assertEquals([near.verdict, near.findings.map(({ code }) => code)], ["warn", ["update-ratio"]]);
  assertMatch(near.findings[0].remedy, /^raise .* --lr 0\.\d+;/);
  const text = await said("--layers", "4,16,3", "--lr", "0.2");
  assertStringIncludes(text, "updates in the first step of sgd lr 0.2 momentum 0.9\n");
  assertMatch(text, /^Layer .* Update\/weight$/m);
  assertStringIncludes(
    await refused("--layers", "4,16,3", "--optimizer", "lion"),
    "unknown --optimizer lion",
  );
});

Deno.test("diagnose --out: a report beside the result, and none where it cannot be written", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "report.html"), args = ["--layers", "6,4,2", "--init", "ones"];
  const { code, stdout, stderr } = await faninHere(["diagnose", ...args, "--out", path, "--json"]);
  assertEquals({ code, stderr }, { code: 0, stderr: `report: ${path}\n` });
  assertEquals(JSON.parse(stdout).verdict, "fail");
  assertStringIncludes(await Deno.readTextFile(path), "This network cannot learn as it is");
  assertStringIncludes(
    await refused(...args, "--out", join(folder.path, "no", "r.html")),
    "there is no folder",
  );
});
