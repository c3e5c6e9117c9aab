import { assertEquals, assertMatch } from "@std/assert";

/** Every example with what it must print: each is one command. */
const EXAMPLES: Record<string, RegExp> = {
  "hello_init.ts":
    /^0\.weight {2}100352 numbers up to 0\.0357\d\d,[^]*0\.weight\[100000\] is (\S+) on the GPU and \1 on the host\n$/,
  "match_pytorch.ts": /^(\d\.(weight|bias) +\d+ numbers, first -?0\.\d{8}: PyTorch's, bit for bit\n){4}$/,
  "shard_init.ts":
    /^the recipe: \{.{50,150}\}\n(worker [0-3] drew elements \d+ to \d+\n){4}0 of 1001000 elements differ[^]*\n$/,
  "symmetry.ts":
    /^zeros: 1 of 16 neurons distinct[^]*ones: 1 of 16 neurons distinct[^]*torch_linear: 16 of 16 neurons distinct, accuracy 100\.0%\n$/,
  "train_digits.ts": /^(epoch \d: loss 0\.\d+, 9\d\.\d% of 2000 unseen digits right\n){5}$/,
  "web_worker.ts":
    /^(epoch \d: loss 0\.\d+, main thread at tick \d+\n){8}trained: 64 of 64 neurons distinct\nthe main thread ticked [1-9]\d* times in \d+ ms\n$/,
};

/** Examples that serve until they are stopped, with the test that does so. */
const SERVED: Record<string, string> = { "edge_worker.ts": "tests/examples/edge_worker_test.ts" };

Deno.test("every example in the folder is tried", () => {
  const files = [...Deno.readDirSync("examples")].map((entry) => entry.name).filter((name) =>
    name.endsWith(".ts")
  );
  assertEquals(files.toSorted(), [...Object.keys(EXAMPLES), ...Object.keys(SERVED)].toSorted());
  for (const test of Object.values(SERVED)) Deno.statSync(test);
});

for (const [file, expected] of Object.entries(EXAMPLES)) {
  Deno.test(`examples/${file} runs and prints what it promises`, async () => {
    const args = ["run", "-A", `examples/${file}`];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertMatch(new TextDecoder().decode(stdout), expected);
  });
}
