import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { parseSafetensors } from "../../src/tensor/safetensors.ts";
import { faninHere, lines, temporaryFolder } from "./run.ts";

// A learning rate that the loss survives for some epochs and float32 does not.
const ARGS = ["train", "--data", "iris", "--batch", "16", "--epochs", "40", "--seed", "1", "--momentum", "0"];
const EXPLODING = ["--lr", "3", "--weight-decay", "1", "--init", "kaiming_normal"];

Deno.test("train stops when NaN appears, in one line, and keeps the last good checkpoint", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "w.safetensors");
  const args = [...ARGS, ...EXPLODING, "--out", path];
  const { code, stderr, stdout } = await faninHere([...args, "--checkpoint-every", "5", "--json"]);
  assertEquals([code, stdout], [1, ""], stderr);
  const last = lines(stderr).at(-1)!;
  const found =
    /^error: at step (\d+) (the outputs|the gradients|parameter) .+ not finite; lower the learning rate/
      .exec(last);
  assert(found !== null, last);
  assertStringIncludes(last, `the last good checkpoint is ${path}`);
  const { tensors, metadata } = parseSafetensors(Deno.readFileSync(path));
  const kept = JSON.parse(metadata.checkpoint).step;
  assertEquals(
    kept,
    Math.floor((Number(found[1]) - 1) / 5) * 5,
    "the checkpoint before the step that is named",
  );
  for (const [name, { data }] of tensors) {
    assert(new Float32Array(data.slice().buffer).every(Number.isFinite), `${name} of the checkpoint`);
  }
  assertEquals(folder.list(), ["w.safetensors"]);
});

Deno.test("train without checkpoints stops too, and writes nothing", async () => {
  await using folder = await temporaryFolder();
  const args = [...ARGS, ...EXPLODING, "--out", join(folder.path, "w.safetensors")];
  const { code, stderr } = await faninHere(args);
  assertEquals(code, 1);
  assert(!stderr.includes("checkpoint"), stderr);
  assertEquals(folder.list(), []);
});

Deno.test("train --non-finite continue goes on to the end; another word is refused", async () => {
  const { code, stdout } = await faninHere([...ARGS, ...EXPLODING, "--non-finite", "continue", "--json"]);
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout).epochs.at(-1).loss, null);
  const refused = await faninHere([...ARGS, "--non-finite", "ignore"]);
  assertEquals([refused.code, lines(refused.stderr)], [
    2,
    ["error: unknown --non-finite ignore; use stop or continue"],
  ]);
});
