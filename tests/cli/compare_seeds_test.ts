import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import type { Comparison, SeedStudy } from "../../src/diagnose/comparison.ts";
import { faninHere, lines, temporaryFolder } from "./run.ts";

const INITS = ["zeros", "torch_linear", "kaiming_normal"];
const TRAINING = ["--data", "iris", "--layers", "4,8,3", "--epochs", "2", "--batch", "32"];
const TINY = ["compare", ...TRAINING, "--inits", INITS.join(",")];

type Studied = Comparison & { seeds: SeedStudy };

/** Runs a comparison into a folder: its document and what it said. */
async function compared(folder: string, args: readonly string[]) {
  const { code, stdout, stderr } = await faninHere([...args, "--out", join(folder, "r.html"), "--json"]);
  assertEquals(code, 0, stderr);
  return { document: JSON.parse(stdout) as Studied, stderr };
}

/** A document without what differs from call to call. */
function timeless(document: unknown): unknown {
  return JSON.parse(JSON.stringify(document, (name, value) => name === "seconds" ? 0 : value));
}

Deno.test("compare --seeds: from each seed what a plain comparison finds, every initialisation in the same order of rows", async () => {
  await using folder = await temporaryFolder();
  const { document } = await compared(folder.path, [...TINY, "--seeds", "3", "--seed", "4"]);
  const { seeds, ...rest } = document;
  assertStringIncludes(await Deno.readTextFile(join(folder.path, "r.html")), "3 seeds, 4 to 6");
  assertEquals(seeds.seeds, ["4", "5", "6"]);
  for (const seed of seeds.seeds) {
    const plain = (await compared(folder.path, [...TINY, "--seed", seed])).document;
    assertEquals(
      seeds.results.filter((r) => r.seed === seed).map((
        { init, verdict, finalLoss, finalAccuracy },
      ) => [init, verdict, finalLoss, finalAccuracy]),
      plain.runs.map((
        { init, verdict, finalLoss, finalAccuracy },
      ) => [init, verdict, finalLoss, finalAccuracy]),
    );
    assert(!("seeds" in plain), "nothing changes without --seeds");
    if (seed === "4") assertEquals(timeless(rest), timeless(plain));
  }
  assertEquals(folder.list(), ["r.html", "r.results.json"]);
  // The differences are those of the seeds' own results.
  const mean = (init: string) =>
    seeds.results.filter((r) => r.init === init).reduce((sum, r) => sum + r.finalLoss!, 0) / 3;
  for (const { measure, a, b, mean: difference } of seeds.differences) {
    if (measure === "loss") assertAlmostEquals(difference!, mean(a) - mean(b), 1e-12);
  }
});

Deno.test("compare --seeds: the same initialisation under two names differs by nothing, from any seed", async () => {
  await using folder = await temporaryFolder();
  const inits = ["--inits", "xavier_uniform,glorot_uniform,zeros,constant:0"];
  const { document } = await compared(folder.path, ["compare", ...TRAINING, ...inits, "--seeds", "2"]);
  const twins = [["xavier_uniform", "glorot_uniform"], ["zeros", "constant:0"]].map((pair) => `${pair}`);
  const found = document.seeds.differences.filter(({ a, b }) => twins.includes(`${[a, b]}`));
  assertEquals(found.map((d) => [d.outcome, d.mean, d.interval]), Array(4).fill(["same", 0, [0, 0]]));
});

Deno.test("compare --seeds: a second call trains nothing; more seeds and initialisations are added", async () => {
  await using folder = await temporaryFolder();
  const first = await compared(folder.path, [...TINY, "--seeds", "2"]);
  const file = join(folder.path, "r.results.json"), kept = Deno.readTextFileSync(file);
  const again = await compared(folder.path, [...TINY, "--seeds", "2"]);
  assertEquals(again.document, first.document, "times too: they are those of the runs");
  assertEquals(lines(again.stderr)[0], `${file} has 6 of 6 runs: 0 runs to go`);
  assertEquals(Deno.readTextFileSync(file), kept);

  const wider = TINY.with(-1, `${INITS.join()},ones`);
  const more = await compared(folder.path, [...wider, "--seeds", "3"]);
  assertEquals(lines(more.stderr)[0], `${file} has 6 of 12 runs: 6 runs to go`);
  await Deno.remove(file);
  const whole = await compared(folder.path, [...wider, "--seeds", "3"]);
  assertEquals(timeless(more.document), timeless(whole.document));
  // Of a seed that was not the first the report needs more than was kept: its runs are made again, and the others stay.
  const later = await compared(folder.path, [...TINY, "--seeds", "2", "--seed", "1"]);
  assertEquals(lines(later.stderr)[0], `${file} has 3 of 6 runs: 3 runs to go`);
  assertEquals(later.document.seeds.results.map((r) => r.seed), ["1", "1", "1", "2", "2", "2"]);
  const back = await compared(folder.path, [...wider, "--seeds", "3"]);
  assertEquals(timeless(back.document), timeless(whole.document));
  assertStringIncludes(lines(back.stderr)[0], "0 runs to go");
});

Deno.test("compare --seeds: killed (SIGKILL) and resumed, over and over, it ends with the same results", async () => {
  await using folder = await temporaryFolder();
  const args = [...TINY, "--seeds", "3"], file = join(folder.path, "r.results.json");
  const whole = await compared(folder.path, args);
  await Deno.remove(file);
  let kept = 0, kills = 0;
  for (; kept < 8 && kills < 8; kills++) kept = await killedAtNextRun(folder.path, args, kept);
  assert(kills > 1, `killed ${kills} times with ${kept} runs`);
  const resumed = await compared(folder.path, args);
  assertMatch(lines(resumed.stderr)[0], new RegExp(`has ${kept} of 9 runs: ${9 - kept} runs? to go$`));
  assertEquals(timeless(resumed.document), timeless(whole.document));
  assertEquals(folder.list(), ["r.html", "r.results.json"]);
});

/** Starts a comparison and kills it as soon as its file has another run; how many it has. */
async function killedAtNextRun(folder: string, args: readonly string[], kept: number): Promise<number> {
  const [config, main] = ["../../deno.json", "../../src/cli/main.ts"].map((path) =>
    fromFileUrl(new URL(path, import.meta.url))
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", config, main, ...args, "--out", join(folder, "r.html")],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const runs = () => {
    try {
      return JSON.parse(Deno.readTextFileSync(join(folder, "r.results.json"))).runs.length as number;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return 0; // a part of a file would be a SyntaxError
      throw error;
    }
  };
  const watch = setInterval(() => {
    if (runs() <= kept) return;
    clearInterval(watch);
    try {
      child.kill("SIGKILL");
    } catch {
      // it has just ended by itself
    }
  }, 2);
  await child.status;
  clearInterval(watch);
  return runs();
}

Deno.test("compare --seeds: other settings and a broken file are refused in one line, and the file stays", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "kept.json"), out = ["--out", join(folder.path, "r.html")];
  const args = [...TINY, ...out, "--seeds", "1", "--results", file];
  assertEquals((await faninHere(args)).code, 0);
  const good = Deno.readFileSync(file), text = new TextDecoder().decode(good);
  const refused = async (args: readonly string[], ...words: string[]) => {
    const before = Deno.readFileSync(file), { code, stdout, stderr } = await faninHere(args);
    assertEquals([code, stdout, lines(stderr).length], [2, "", 1], stderr);
    for (const word of [file, "--results", ...words]) assertStringIncludes(stderr, word);
    assertEquals(Deno.readFileSync(file), before);
  };
  const other = (option: string, value: string) =>
    args.includes(option) ? args.with(args.indexOf(option) + 1, value) : [...args, option, value];
  await refused(other("--epochs", "3"), "made with epochs 2, not 3", "options that it was made with");
  await refused(other("--batch", "16"), "batch 32, not 16");
  await refused(other("--layers", "4,9,3"), "layers 4,8,3, not 4,9,3");
  await refused(other("--lr", "0.5"), "optimizer sgd lr 0.05", "lr 0.5");
  await refused(other("--generator", "threefry"), "generator philox, not threefry");
  await refused(other("--test-fraction", "0.5"), "data iris");
  await refused([...args, "--no-shuffle"], "shuffle true, not false");

  const broken = [
    "",
    "{",
    "null",
    "[]",
    '"text"',
    "{}",
    text.slice(0, -9),
    text.slice(0, text.length >> 1),
    text.replace(/"finalLoss":\d/, '"finalLoss":7'),
    text.replace('"verdict"', '"Verdict"'),
    text.replace("fanin compare --seeds", "another format"),
  ];
  for (const content of broken) {
    assert(content !== text);
    Deno.writeTextFileSync(file, content);
    await refused(args, "damaged", "remove it to begin again");
  }
  Deno.writeFileSync(file, good);
  assertEquals((await faninHere(args)).code, 0);
});

Deno.test("compare --seeds: an exploding initialisation has words, in the table and on the page", async () => {
  await using folder = await temporaryFolder();
  const out = ["--out", join(folder.path, "r.html"), "--seeds", "2", "--inits", "normal:1e30,torch_linear"];
  const { code, stdout, stderr } = await faninHere(["compare", ...TRAINING, ...out]);
  assertEquals(code, 0, stderr);
  const page = Deno.readTextFileSync(join(folder.path, "r.html"));
  for (const text of [stdout, page]) {
    assert(!/NaN|undefined/.test(text.replace(/<style>.*<\/style>/s, "")), text);
    assertStringIncludes(text, "both end with a finite loss from 0 of 2 seeds: an interval needs 2");
  }
});
