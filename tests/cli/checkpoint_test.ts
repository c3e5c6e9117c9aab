import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { parseSafetensors } from "../../src/tensor/safetensors.ts";
import { killedAndResumed } from "../faults/killed.ts";
import { fanin, faninHere, lines, temporaryFolder } from "./run.ts";

const IRIS = ["train", "--data", "iris", "--batch", "7", "--optimizer", "adam", "--seed", "3"];

Deno.test("train --checkpoint-every: the same weights as without, and what further epochs take", async () => {
  await using folder = await temporaryFolder();
  const [plain, kept, more] = ["plain", "kept", "more"].map((name) =>
    join(folder.path, `${name}.safetensors`)
  );
  const checkpoints = ["--checkpoint-every", "5"];
  assertEquals((await faninHere([...IRIS, "--epochs", "3", "--out", plain])).code, 0);
  assertEquals((await faninHere([...IRIS, "--epochs", "3", "--out", kept, ...checkpoints])).code, 0);
  assertEquals((await faninHere([...IRIS, "--epochs", "1", "--out", more, ...checkpoints])).code, 0);
  const one = Deno.readFileSync(more);
  const resumed = await faninHere([
    ...IRIS,
    "--epochs",
    "3",
    "--out",
    more,
    ...checkpoints,
    "--resume",
    "--json",
  ]);
  assertEquals(resumed.code, 0, resumed.stderr);
  assertStringIncludes(resumed.stderr, "resuming ");
  assertEquals(JSON.parse(resumed.stdout).epochs.map((e: { epoch: number }) => e.epoch), [1, 2, 3]);
  const [a, b, c] = [plain, kept, more].map((path) => Deno.readFileSync(path));
  assertEquals(b, c, "one epoch and two more are three");
  assertNotEquals(one, c);
  const weights = parseSafetensors(a).tensors, { tensors, metadata } = parseSafetensors(b);
  for (const [name, { data }] of weights) assertEquals(tensors.get(name)!.data, data, name);
  assertEquals(tensors.has("optimizer.second.2.bias"), true);
  assertEquals([JSON.parse(metadata.checkpoint).step, metadata.epochs], [54, "3"]);
  assertEquals(folder.list(), ["kept.safetensors", "more.safetensors", "plain.safetensors"]);

  // A run that is complete stays as it is.
  assertEquals((await faninHere([...IRIS, "--epochs", "3", "--out", more, "--resume"])).code, 0);
  assertEquals(Deno.readFileSync(more), b);
  // diagnose knows what is no layer.
  const { stdout } = await faninHere(["diagnose", kept]);
  assert(!stdout.includes("not understood"), stdout);
});

Deno.test("train --resume: what is no checkpoint of this run is refused, in one line, and stays as it is", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "w.safetensors"), resume = [...IRIS, "--out", path, "--resume"];
  assertEquals(
    (await faninHere([...IRIS, "--epochs", "2", "--out", path, "--checkpoint-every", "9"])).code,
    0,
  );
  const good = Deno.readFileSync(path);
  const refused = async (args: string[], ...words: string[]) => {
    const { code, stderr } = await faninHere(args), [line, ...rest] = lines(stderr);
    assertEquals([code, rest], [2, []], stderr);
    for (const word of words) assertStringIncludes(line, word);
  };
  await refused([...resume, "--lr", "0.5"], "optimizer adam lr 0.001", "lr 0.5", "resume with the options");
  await refused([...resume, "--layers", "4,5,3"], "layers 4,16,3", "not 4,5,3");
  await refused([...resume, "--no-shuffle"], "shuffle true, not false");
  await refused([...resume, "--test-fraction", "0.5"], "data iris");
  await refused([...resume, "--epochs", "1"], "36 steps", "give more epochs");
  assertEquals(Deno.readFileSync(path), good);

  const bad: [Uint8Array, string][] = [
    [new Uint8Array(0), "w.safetensors"],
    [good.slice(0, good.length - 1), "cut off"],
    [good.slice(0, 100), "w.safetensors"],
    [changed(good, '{\\"step\\":36', '{\\"step\\":-6'), "no checkpoint"],
    [changed(good, '{\\"step\\":36', '{\\"__pro__\\"'), "no checkpoint"],
    [changed(good, "optimizer.first.0.bias", "optimizer.third.0.bias"), "is not there"],
  ];
  for (const [bytes, word] of bad) {
    Deno.writeFileSync(path, bytes);
    await refused(resume, word);
    assertEquals(Deno.readFileSync(path), bytes);
  }
  await refused([...IRIS, "--resume"], "--resume without --out");
  await refused([...IRIS, "--checkpoint-every", "5"], "--checkpoint-every without --out");
  await refused([...IRIS, "--checkpoint-every", "0", "--out", path], "--checkpoint-every 0");
  assertEquals(folder.list(), ["w.safetensors"]);
});

/** A file with one text replaced by another of the same length. */
function changed(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = new TextDecoder("latin1").decode(bytes);
  assertEquals([from.length, text.includes(from)], [to.length, true]);
  return Uint8Array.from(text.replace(from, to), (letter) => letter.charCodeAt(0));
}

Deno.test("train: killed (SIGKILL) at random moments and resumed, it ends with the bytes of a run that was not", async () => {
  assertEquals(await killedAndResumed(6, 1), { kills: 6, losses: 0 });
});

Deno.test("train --checkpoint-every: a folder that goes read-only, or is full, keeps the last good checkpoint", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "w.safetensors");
  const args = [...IRIS, "--epochs", "2", "--out", path, "--checkpoint-every", "9"];
  assertEquals((await faninHere(args)).code, 0);
  const good = Deno.readFileSync(path);
  // A limit on the size of files stands in for the full disk: the write fails in its midst (SIGXFSZ is ignored by the runtime).
  const deno = `${Deno.execPath()} run -A --config deno.json src/cli/main.ts`;
  const { code, stderr } = await new Deno.Command("sh", {
    args: ["-c", `trap '' XFSZ; ulimit -f 1; exec ${deno} "$@"`, "sh", ...args, "--layers", "4,64,3"],
    stderr: "piped",
    stdout: "piped",
  }).output();
  const said = lines(new TextDecoder().decode(stderr));
  assert(code !== 0 && said.at(-1)!.startsWith(`error: cannot write ${path}`), said.join("\n"));
  assertEquals(Deno.readFileSync(path), good);
  assertEquals(folder.list(), ["w.safetensors"]);
});

Deno.test("train --resume: without a checkpoint it begins at step 0 and says so; leftovers of a killed run go", async () => {
  await using folder = await temporaryFolder();
  Deno.writeTextFileSync(join(folder.path, ".w.safetensors.0123abcd.tmp"), "half");
  Deno.writeTextFileSync(join(folder.path, ".w.safetensors.mine.tmp"), "not ours");
  const { code, stderr } = await fanin([
    ...[...IRIS, "--epochs", "1", "--resume", "--checkpoint-every", "4"],
    ...["--out", "w.safetensors"],
  ], { cwd: folder.path });
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "no checkpoint w.safetensors yet: training begins at step 0");
  assertEquals(folder.list(), [".w.safetensors.mine.tmp", "w.safetensors"]);
});
