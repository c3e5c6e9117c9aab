import { assert, assertEquals } from "@std/assert";
import { logAxis, powerOfTen, wholeAxis } from "../../src/report/axis.ts";
import { chanceLoss, lossBin, lossCeiling, lossChart } from "../../src/report/charts.ts";
import { apart } from "../../src/report/panel.ts";
import { look } from "../../src/report/series.ts";
import { fixture } from "./fixture.ts";

Deno.test("whole axes have whole ticks", () => {
  assertEquals(wholeAxis("", 625).ticks, [0, 200, 400, 600]);
  assertEquals(wholeAxis("", 5).ticks, [0, 1, 2, 3, 4, 5]);
  assertEquals(wholeAxis("", 0).domain, [0, 1]);
  for (let max = 0; max < 400; max++) {
    const { ticks } = wholeAxis("", max);
    assert(ticks.length <= 7 && ticks.every(Number.isInteger), `${max}: ${ticks}`);
  }
});

Deno.test("logarithmic axes have few ticks, all inside", () => {
  assertEquals(logAxis("", 0.9, 110).ticks.map(powerOfTen), ["1", "3", "10", "30", "100"]);
  for (let power = -12; power < 12; power++) {
    const axis = logAxis("", 1e-3, 10 ** power);
    assert(axis.ticks.length <= 8, `${axis.ticks}`);
    assert(axis.ticks.every((tick) => tick >= axis.domain[0] - 1e-6 && tick <= axis.domain[1] + 1e-6));
  }
  assertEquals([-7, -2, 0, 3, 12].map(powerOfTen), ["10⁻⁷", "0.01", "1", "1,000", "10¹²"]);
  assertEquals([-4, -5].map((power) => powerOfTen(power + Math.log10(3))), ["3 × 10⁻⁴", "3 × 10⁻⁵"]);
});

Deno.test("names are pushed apart and stay inside", () => {
  assertEquals(apart([50, 50, 50], 0, 300), [50, 65, 80]);
  assertEquals(apart([290, 295, 100], 0, 300), [285, 300, 100]);
});

Deno.test("no two of many runs look the same", () => {
  const looks = Array.from({ length: 280 }, (_, i) => JSON.stringify(look(i)));
  assertEquals(new Set(looks).size, looks.length);
});

Deno.test("an exploding run does not flatten the others, and a long one is thinned", () => {
  const c = fixture();
  assertEquals(lossBin(c), 5);
  assertEquals(lossCeiling(c), chanceLoss(c) * 100);
  const short = lossChart(c).length;
  for (const run of c.runs) run.stepLosses = Array.from({ length: 50_000 }, (_, i) => 1 / (1 + i / 1000));
  assertEquals(lossBin(c), 400);
  assert(lossChart(c).length < 2 * short);
});
