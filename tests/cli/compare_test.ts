import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { parseHTML } from "linkedom";
import type { Comparison } from "../../src/diagnose/comparison.ts";
import { fanin, lines, temporaryFolder } from "./run.ts";

const INITS = ["zeros", "ones", "torch_linear"];
const TINY = [
  "compare",
  "--data",
  "iris",
  "--layers",
  "4,12,6,3",
  "--epochs",
  "2",
  "--inits",
  INITS.join(","),
];

Deno.test("compare: a table, a page in the place of the old one, progress on standard error only", async () => {
  await using folder = await temporaryFolder();
  const page = join(folder.path, "report.html");
  await Deno.writeTextFile(page, "the old report");
  const { code, stdout, stderr } = await fanin(TINY, { cwd: folder.path });
  assertEquals(code, 0, stderr);
  assertEquals(folder.list(), ["report.html"]);

  for (const init of INITS) assertMatch(stdout, new RegExp(`^${init} +(ok|warn|fail) `, "m"));
  assertStringIncludes(stdout, "1/12 1/6");
  assert(!stdout.includes("\x1b"), "no colours where there is no terminal");
  const [zeros, ones, torch, report, ...more] = lines(stderr);
  [zeros, ones, torch].forEach((line, i) =>
    assert(line.startsWith(`${INITS[i]}: epoch 2 of 2, loss `), line)
  );
  assertEquals([report, ...more], ["report: report.html"]);

  const html = await Deno.readTextFile(page);
  assertMatch(html, /^<!doctype html>/i);
  assertMatch(html, /<\/html>\s*$/);
  const { document } = parseHTML(html) as unknown as {
    document: { querySelectorAll(selector: string): Iterable<{ textContent: string }> };
  };
  assertEquals([...document.querySelectorAll(".card h2")].map((title) => title.textContent), INITS);
});

Deno.test("compare --json: constant weights stay one neuron, and train finds the same numbers", async () => {
  await using folder = await temporaryFolder();
  const { code, stdout } = await fanin([...TINY, "--json"], { cwd: folder.path });
  assertEquals(code, 0);
  const { adapter, runs } = JSON.parse(stdout) as Comparison;
  assert(adapter.length > 0);
  assertEquals(runs.map((run) => [run.init, run.distinctNeurons]), [
    ["zeros", [1, 1]],
    ["ones", [1, 1]],
    ["torch_linear", [12, 6]],
  ]);
  for (const run of runs) {
    assert(["ok", "warn", "fail"].includes(run.verdict));
    assert(Number.isFinite(run.finalLoss) && run.finalAccuracy >= 0 && run.finalAccuracy <= 1);
    assertEquals(run.epochs.map((epoch) => epoch.epoch), [0, 1, 2]);
  }
  assertEquals(runs.slice(0, 2).map((run) => run.verdict), ["fail", "fail"]);

  const alone = await fanin(["train", "--data", "iris", "--layers", "4,12,6,3", "--epochs", "2", "--json"]);
  const { loss, testAccuracy } = JSON.parse(alone.stdout).epochs[1];
  assertEquals([loss, testAccuracy], [runs[2].finalLoss, runs[2].finalAccuracy]);
});
