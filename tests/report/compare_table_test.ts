import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { compareTable } from "../../src/report/compare_table.ts";
import { fixture } from "./fixture.ts";
import { HOSTILE, variants } from "./variants.ts";

Deno.test("the table has a row and a sentence for every run", () => {
  const c = fixture();
  const lines = compareTable(c).split("\n");
  for (const run of c.runs) {
    const own = lines.filter((line) => line.startsWith(`${run.init} `));
    assertEquals(own.length, 2, run.init);
    assertStringIncludes(own[0], ` ${run.verdict} `);
    assertStringIncludes(own[1], run.sentence.slice(0, 40));
  }
  const exploded = lines.find((line) => line.startsWith("normal:1")) ?? "";
  for (const cell of ["not finite", "9.8%", "128/128 64/64", "100%", "9.4→390"]) {
    assertStringIncludes(exploded, cell);
  }
});

for (const [name, c] of variants()) {
  Deno.test(`the table fits into 100 columns: ${name}`, () => {
    for (const line of compareTable(c).split("\n")) assert([...line].length <= 100, line);
  });
}

Deno.test("a narrow terminal gets a narrow table that loses nothing", () => {
  const text = compareTable(fixture(), { columns: 84 });
  for (const line of text.split("\n")) assert([...line].length <= 84, line);
  assert(!text.includes("…"));
});

Deno.test("the table has colours when asked, and only then", () => {
  const plain = compareTable(fixture());
  const colored = compareTable(fixture(), { color: true });
  assert(!plain.includes("\x1b"));
  assertStringIncludes(colored, "\x1b[31mfail\x1b[39m");
  // deno-lint-ignore no-control-regex -- the codes are what is taken away
  assertEquals(colored.replace(/\x1b\[\d+m/g, ""), plain);
});

Deno.test("no name can steer the terminal", () => {
  const c = fixture();
  c.runs[0].init = c.runs[0].sentence = HOSTILE;
  assert(!compareTable(c).includes("\x1b"));
});
