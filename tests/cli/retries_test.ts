import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { train } from "../../src/cli/train.ts";
import { DeviceLostError, Gpu } from "../../src/gpu/mod.ts";
import { drawOnHost, key } from "../../src/random/mod.ts";
import { temporaryFolder } from "./run.ts";

const ARGS = ["--data", "iris", "--epochs", "20", "--batch", "7", "--optimizer", "adam", "--json"];

/** Devices of which the first ones are destroyed from outside, each after so many milliseconds. */
function fragile(milliseconds: readonly number[]): { open: () => Promise<Gpu>; opened: number } {
  const state = {
    opened: 0,
    open: async () => {
      const gpu = await Gpu.open(), after = milliseconds[state.opened++];
      if (after !== undefined) setTimeout(() => gpu.device.destroy(), after);
      return gpu;
    },
  };
  return state;
}

/** Runs the command in this process; its standard output and error. */
async function trained(
  args: string[],
  open: () => Promise<Gpu>,
): Promise<{ stdout: string; stderr: string }> {
  const { log, error } = console, said = { stdout: "", stderr: "" };
  console.log = (text: string) => said.stdout += `${text}\n`;
  console.error = (text: string) => said.stderr += `${text}\n`;
  try {
    assertEquals(await train(args, open), 0);
    return said;
  } finally {
    Object.assign(console, { log, error });
  }
}

Deno.test("train --retries: devices destroyed at random moments; training goes on from the last checkpoint to the same bytes", async () => {
  await using folder = await temporaryFolder();
  const [whole, lost] = ["whole", "lost"].map((name) => join(folder.path, `${name}.safetensors`));
  const began = performance.now();
  const every = ["--checkpoint-every", "11", "--out"];
  const expected = await trained([...ARGS, ...every, whole], () => Gpu.open());
  const time = performance.now() - began;
  const moments = drawOnHost(key(5), { kind: "uniform", low: 0, high: 1 }, { count: 12 });
  const devices = fragile([...moments].map((u) => 0.3 * u * time));
  const { stdout, stderr } = await trained([...ARGS, ...every, lost, "--retries", "20"], devices.open);
  assert(devices.opened > 2, `${devices.opened} devices`);
  assertStringIncludes(stderr, "opening another, attempt 2 of 21");
  assertStringIncludes(stderr, "resuming ");
  assertEquals(Deno.readFileSync(lost), Deno.readFileSync(whole));
  const epochs = (text: string) => JSON.parse(text).epochs;
  assertEquals(epochs(stdout), epochs(expected.stdout));
});

Deno.test("train --retries: without a checkpoint training begins again, and does not take another run's for its own", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "w.safetensors");
  await trained([...ARGS, "--lr", "0.5", "--checkpoint-every", "50", "--out", path], () => Gpu.open());
  const devices = fragile([0]);
  const { stderr } = await trained([...ARGS, "--out", path, "--retries", "1"], devices.open);
  assertEquals([devices.opened, stderr.includes("resuming")], [2, false]);
});

Deno.test("train: a lost device without --retries, or after the last, is a DeviceLostError and leaves the file as it was", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "w.safetensors");
  Deno.writeTextFileSync(path, "before");
  for (const retries of [0, 2]) {
    const devices = fragile([0, 0, 0]);
    await assertRejects(
      () => trained([...ARGS, "--out", path, "--retries", `${retries}`], devices.open),
      DeviceLostError,
    );
    assertEquals(devices.opened, retries + 1);
  }
  assertEquals([Deno.readTextFileSync(path), folder.list()], ["before", ["w.safetensors"]]);
});
