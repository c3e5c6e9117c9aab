import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as fc from "fast-check";
import type { Dataset } from "@fanin/fanin/data";
import type { Diagnosis, FindingCode, Verdict } from "@fanin/fanin/diagnose";
import { pack, unpack } from "../../examples/playground/packed_data.ts";
import type { CloneFate } from "../../examples/playground/protocol.ts";
import type { RunState } from "../../examples/playground/session.ts";
import {
  checkFields,
  DEFAULTS,
  type Fields,
  readLink,
  writeLink,
} from "../../examples/playground/settings.ts";
import { makePage } from "../../examples/playground/site.ts";
import { cloneSentence, outcome, promise, verdictOf } from "../../examples/playground/words.ts";

const names = Object.keys(DEFAULTS) as (keyof Fields)[];

Deno.test("playground: a link says what the form held, whatever was typed", () => {
  const fields = fc.record(Object.fromEntries(names.map((name) => [name, fc.string()]))) as fc.Arbitrary<
    Fields
  >;
  fc.assert(fc.property(fields, fc.boolean(), (fields, train) => {
    assertEquals(readLink(`#${writeLink({ fields, train })}`), { fields, train });
  }));
});

Deno.test("playground: a link that lacks fields, or has others, means the first texts", () => {
  for (const hash of ["", "#", "#nothing=1&__proto__=2", "#%"]) {
    assertEquals(readLink(hash), { fields: { ...DEFAULTS }, train: false });
  }
  assertEquals(readLink("#seed=7&train=1"), { fields: { ...DEFAULTS, seed: "7" }, train: true });
});

Deno.test("playground: fields are read, or refused with a sentence for each", () => {
  const read = checkFields({ ...DEFAULTS, layers: "16, 8", seed: "18446744073709551615" });
  assert("settings" in read);
  assertEquals([read.settings.hidden, read.settings.seed], [[16, 8], 2n ** 64n - 1n]);
  const wrong: Partial<Fields> = {
    data: "faces",
    layers: "16,-8",
    activation: "swish",
    seed: "1.5",
    a: "nobody",
    b: "normal:x",
    epochs: "0",
    lr: "NaN",
  };
  for (const [name, text] of Object.entries(wrong)) {
    const result = checkFields({ ...DEFAULTS, [name]: text });
    assert("problems" in result, `${name} = ${text}`);
    assertEquals(Object.keys(result.problems), [name]);
    assert(result.problems[name as keyof Fields]!.length > 10, JSON.stringify(result.problems));
  }
  const all = checkFields({ ...DEFAULTS, ...wrong });
  assert("problems" in all && Object.keys(all.problems).length === names.length);
});

Deno.test("playground: one file that asks for nothing from anywhere", async () => {
  const page = await makePage();
  assertStringIncludes(page, "default-src 'none'");
  const markup = page.replace(/(<script[^>]*>)[^]*?<\/script>/g, "$1");
  const sources = [...markup.matchAll(/\s(?:src|href)="([^"]*)"/g)].map(([, url]) => url);
  assertEquals(sources.filter((url) => !url.startsWith("data:") && !url.startsWith("#")), []);
});

/** A run that has ended, with the verdict on its first weights and its losses by epoch. */
function ended(
  verdict: Verdict,
  codes: FindingCode[],
  losses: (number | null)[],
  clones: CloneFate | null,
): RunState {
  const findings = codes.map((code) => ({
    code,
    severity: "fail",
    layer: "0",
    message: "layer 0: bad",
    remedy: "none",
  }));
  const diagnosis = { verdict, findings, layers: [], rows: 1 } as Diagnosis;
  const epochs = losses.map((loss, epoch) => (
    { epoch, loss, accuracy: 0.5, testLoss: loss, testAccuracy: 0.5, distinctNeurons: [1, 1] }
  ));
  return { init: "x", diagnosis, epochs, stepLosses: [], weights: [], clones, ended: true };
}

Deno.test("playground: the verdict is of the first weights, and after training no better than what came of it", () => {
  const verdict = (run: RunState) => verdictOf(run, 10), fate = { neurons: 24, stillEqual: true, steps: 9 };
  assertEquals(verdict(ended("ok", [], [2.3, 0.2], null)), "ok");
  assertEquals(verdict(ended("ok", [], [2.3, 2.29], null)), "fail", "no better than guessing");
  assertEquals(verdict(ended("ok", [], [2.3, null], null)), "fail", "not finite");
  assertEquals(verdict(ended("ok", [], [2.3], null)), "ok", "stopped before the first epoch ended");
  assertEquals(verdict(ended("fail", ["exploding"], [99, 0.2], null)), "warn", "it has learnt all the same");
  assertEquals(verdict(ended("fail", ["clones"], [2.3, 0.2], fate)), "fail", "clones are for ever");
  assertEquals(verdict({ ...ended("ok", [], [], null), error: "lost" }), undefined);
});

Deno.test("playground: what became of a network, in sentences", () => {
  const fate = { neurons: 24, stillEqual: true, steps: 9 },
    learnt = ended("fail", ["clones"], [1.1, 0.12], fate);
  assertEquals(
    outcome(learnt, 3, 30),
    "After 1 epoch the loss is 0.120, and 50.0% of 30 unseen rows are right.",
  );
  assertEquals(
    cloneSentence(learnt, 3, [16, 8]),
    "The 24 neurons that began as clones are still equal, bit for bit, after 9 steps. " +
      "What it has learnt is the work of 2 neurons, not of 24.",
  );
  assertEquals(promise(learnt), "Layer 0: bad.");
  const stuck = ended("ok", [], [1.1, 1.1], null);
  assertStringIncludes(outcome(stuck, 3, 30), "no better than guessing (1.10)");
  assertEquals(cloneSentence(stuck, 3, [16, 8]), "");
  assertStringIncludes(outcome(ended("ok", [], [1.1, null], null), 3, 30), "no longer a finite number");
});

Deno.test("playground: data sets come out of the page as they went in", async () => {
  for (const divisor of [255, 0]) {
    const part = (rows: number): Dataset => ({
      name: "some",
      features: Float32Array.from(
        { length: 5 * rows },
        (_, i) => divisor > 0 ? i * 7 % 256 / divisor : Math.sin(i),
      ),
      labels: Uint32Array.from({ length: rows }, (_, i) => i % 3),
      rows,
      columns: 5,
      classes: 3,
    });
    const parts = { train: part(103), test: part(7) };
    assertEquals(await unpack(JSON.parse(JSON.stringify(await pack(parts, 8, divisor)))), parts);
  }
});
