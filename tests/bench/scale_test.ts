import { assert, assertEquals } from "@std/assert";
import { measuredSeries, scaleSeries } from "../../src/bench/scale.ts";
import { scalePage } from "../../src/report/scale_page.ts";
import type { Row } from "../../src/bench/run.ts";

const row = (workload: string, fanin: number | null, peers: Row["peers"]): Row => {
  return { workload, unit: "", fanin, best: null, peers, lacks: {}, ratio: null, writes: null };
};

Deno.test("scale: every series spans three decades, in growing sizes", () => {
  for (const { title, points } of scaleSeries()) {
    const sizes = points.map(({ size }) => size);
    assertEquals(sizes, [...sizes].sort((a, b) => a - b), title);
    // 2^14 to 2^24 are 3.01 decades, 1,386 to 1,059,850 parameters 2.88.
    assert(Math.log10(sizes[sizes.length - 1] / sizes[0]) > 2.85, title);
  }
  assertEquals(scaleSeries(2).map(({ points }) => points.length), [2, 2, 2, 2, 2]);
});

Deno.test("scale: times are amounts over figures; what is missing has no point, and the page no mark at no place", () => {
  const rows = [
    row("matmul nn 64x64x64", 2 * 64 ** 3 / 1e9 / 0.002, { other: null }),
    row("matmul nn 128x128x128", null, { other: 2 * 128 ** 3 / 1e9 / 0.5 }),
  ];
  const series = measuredSeries(scaleSeries(), { adapter: "an adapter", rounds: 1, rows, errors: [] });
  assertEquals(series.map(({ title }) => title), ["Matmul"]);
  const [{ points }] = series;
  assertEquals(points.map(({ size }) => size), [2 * 64 ** 3, 2 * 128 ** 3]);
  assertEquals(points.map(({ seconds }) => Object.keys(seconds)), [["fanin", "other"], ["fanin", "other"]]);
  const [small, large] = points.map(({ seconds }) => seconds);
  assertEquals([small.fanin!.toFixed(6), small.other, large.fanin, large.other!.toFixed(6)], [
    "0.002000",
    null,
    null,
    "0.500000",
  ]);
  const page = scalePage(series, {
    adapter: "<adapter>",
    rounds: 1,
    command: "deno task fanin bench --scale",
  });
  for (const word of ["http:", "https:", "<script", "<adapter>", "NaN", "undefined", "Infinity"]) {
    assert(!page.includes(word), word);
  }
  assertEquals(page.match(/<svg role="img"/g)?.length, 1);
  assert(page.includes("2.00") && page.includes("500"), "the table lacks the times");
});
