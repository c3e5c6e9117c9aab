import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { writeNpy } from "../../src/tensor/npy.ts";
import { parseSafetensors } from "../../src/tensor/safetensors.ts";
import { VERSION } from "../../src/version.ts";
import { fanin, lines, temporaryFolder } from "./run.ts";

/** Two clouds that a line parts: x below 0 is class 0, x above 0 is class 1. */
const POINTS = Array.from(
  { length: 40 },
  (_, i) => ({ x: (i % 2 ? 1 : -1) * (2 + i / 20), y: i % 5 - 2, label: i % 2 }),
);

async function trainJson(args: string[]) {
  const { code, stdout, stderr } = await fanin(["train", "--json", ...args]);
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("train: iris in 30 epochs, one JSON document on standard output, progress on standard error", async () => {
  const { code, stdout, stderr } = await fanin(["train", "--data", "iris", "--epochs", "30", "--json"]);
  assertEquals(code, 0);
  assertEquals(lines(stderr).length, 30);
  assert(lines(stderr).every((line, i) => line.startsWith(`epoch ${i + 1} of 30: loss `)));
  const { adapter, parameters, epochs, seconds } = JSON.parse(stdout);
  assert(adapter.length > 0 && seconds > 0);
  assertEquals(parameters, 4 * 16 + 16 + 16 * 3 + 3);
  assertEquals(epochs.map((e: { epoch: number }) => e.epoch), Array.from({ length: 30 }, (_, i) => i + 1));
  for (const key of ["loss", "accuracy", "testLoss", "testAccuracy"]) {
    assert(Number.isFinite(epochs[0][key]), key);
  }
  const last = epochs[29];
  assert(last.accuracy >= 0.95 && last.testAccuracy >= 0.9 && last.loss < 0.15, JSON.stringify(last));
});

Deno.test("train --out: the weights by PyTorch's names, and the same bytes every time", async () => {
  await using folder = await temporaryFolder();
  const command = (out: string, ...more: string[]) =>
    fanin(["train", "--data", "iris", "--epochs", "2", "--seed", "7", "--out", out, ...more], {
      cwd: folder.path,
    });
  const first = await command("a.safetensors");
  assertEquals(first.code, 0, first.stderr);
  assertStringIncludes(first.stdout, "trained in ");
  assertEquals(lines(first.stderr).at(-1), "weights: a.safetensors");
  const ordered = await command("c.safetensors", "--no-shuffle");
  assertEquals([(await command("b.safetensors")).code, ordered.code], [0, 0]);
  assertEquals(folder.list(), ["a.safetensors", "b.safetensors", "c.safetensors"]);
  const [a, b, c] = folder.list().map((name) => Deno.readFileSync(join(folder.path, name)));
  assertEquals(a, b);

  const { metadata, tensors } = parseSafetensors(a);
  assertEquals([...tensors].map(([name, { dtype, shape }]) => [name, dtype, shape]), [
    ["0.weight", "F32", [16, 4]],
    ["0.bias", "F32", [16]],
    ["2.weight", "F32", [3, 16]],
    ["2.bias", "F32", [3]],
  ]);
  const { optimizer, ...rest } = metadata;
  assertStringIncludes(optimizer, "sgd lr ");
  const expected = { format: "pt", fanin: VERSION, init: "torch_linear", generator: "philox", seed: "7" };
  assertEquals(rest, { ...expected, epochs: "2", batch: "64" });
  assertNotEquals(
    parseSafetensors(c).tensors.get("0.weight")!.data,
    tensors.get("0.weight")!.data,
    "another order of the rows",
  );
});

Deno.test("train: a CSV file of one's own, with every row used for training", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "points.csv");
  await Deno.writeTextFile(
    path,
    ["x,y,side", ...POINTS.map((p) => `${p.x},${p.y},${p.label ? "right" : "left"}`)].join("\n"),
  );
  const { parameters, epochs } = await trainJson([
    "--csv",
    path,
    "--layers",
    "2,8,2",
    "--epochs",
    "20",
    "--batch",
    "8",
    "--test-fraction",
    "0",
  ]);
  assertEquals(parameters, 2 * 8 + 8 + 8 * 2 + 2);
  assertEquals(epochs[19].accuracy, 1);
  assertEquals(Object.keys(epochs[19]), ["epoch", "loss", "accuracy"], "nothing is held out to test on");
});

Deno.test("train: two .npy files of one's own, as NumPy writes them", async () => {
  await using folder = await temporaryFolder();
  const [features, labels] = ["f.npy", "l.npy"].map((name) => join(folder.path, name));
  const rows = POINTS.length;
  await Deno.writeFile(
    features,
    writeNpy({ dtype: "f8", shape: [rows, 2], data: Float64Array.from(POINTS.flatMap((p) => [p.x, p.y])) }),
  );
  await Deno.writeFile(
    labels,
    writeNpy({ dtype: "i8", shape: [rows], data: BigInt64Array.from(POINTS, (p) => BigInt(p.label)) }),
  );
  const { epochs } = await trainJson([
    "--features",
    features,
    "--labels",
    labels,
    "--epochs",
    "20",
    "--batch",
    "8",
  ]);
  assertEquals([epochs[19].accuracy, epochs[19].testAccuracy], [1, 1]);
});
