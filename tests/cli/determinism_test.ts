import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { fanin, temporaryFolder } from "./run.ts";

/** Commands that write a file and print a result. Each runs twice, as a process of its own. */
const COMMANDS: Record<string, string[]> = {
  "init, to safetensors": [
    "init",
    "--layers",
    "20,30,5",
    "--init",
    "kaiming_normal",
    "--seed",
    "9",
    "--out",
    "out.safetensors",
  ],
  "init, to npy": ["init", "--shape", "33,17", "--init", "orthogonal", "--out", "out.npy", "--json"],
  "init, PyTorch's stream": [
    "init",
    "--layers",
    "20,30,5",
    "--generator",
    "mt19937",
    "--out",
    "out.safetensors",
  ],
  train: [
    "train",
    "--data",
    "iris",
    "--epochs",
    "3",
    "--optimizer",
    "adamw",
    "--out",
    "out.safetensors",
    "--json",
  ],
  compare: [
    "compare",
    "--data",
    "iris",
    "--epochs",
    "2",
    "--inits",
    "zeros,normal:1,torch_linear",
    "--out",
    "out.html",
    "--json",
  ],
  "diagnose, a network": [
    "diagnose",
    "--layers",
    "20,30,5",
    "--init",
    "normal:1",
    "--out",
    "out.html",
    "--json",
  ],
};

/** A run's outcome without the times that it took, which are all that may differ. */
function timeless(text: string): string {
  return text.replace(/"seconds": ?[\d.e-]+/g, '"seconds":0').replace(/\b[\d.]+ s\b/g, "0 s");
}

async function outcome(args: string[]): Promise<{ stdout: string; file: string | Uint8Array }> {
  await using folder = await temporaryFolder();
  const { code, stdout, stderr } = await fanin(args, { cwd: folder.path });
  assertEquals(code, 0, stderr);
  const [name] = folder.list().filter((name) => name.startsWith("out."));
  const bytes = Deno.readFileSync(join(folder.path, name));
  return {
    stdout: timeless(stdout),
    file: name.endsWith(".html") ? timeless(new TextDecoder().decode(bytes)) : bytes,
  };
}

for (const [name, args] of Object.entries(COMMANDS)) {
  Deno.test(`twice the same bytes: ${name}`, async () => {
    const first = await outcome(args), second = await outcome(args);
    assertEquals(second.stdout, first.stdout);
    assert(first.file.length > 0);
    assertEquals(second.file, first.file);
  });
}

Deno.test("twice the same bytes: diagnose, a file", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "w.safetensors");
  assertEquals((await fanin(["init", "--layers", "20,30,5", "--init", "ones", "--out", path])).code, 0);
  const args = ["diagnose", path, "--out", "out.html", "--json"];
  assertEquals(await outcome(args), await outcome(args));
});

Deno.test("another seed gives other bytes", async () => {
  const first = await outcome(COMMANDS.train), second = await outcome([...COMMANDS.train, "--seed", "1"]);
  assert(first.stdout !== second.stdout);
});
