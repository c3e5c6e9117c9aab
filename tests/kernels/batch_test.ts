import { assertEquals } from "@std/assert";
import { endStep, gatherFeatures, gatherFeaturesPart, gatherLabels } from "../../kernels/mod.ts";
import { assertBitsEqual, assertClose } from "../oracle/compare.ts";
import { gamma, ROUND_TO_NEAREST } from "../oracle/matmul.ts";
import { integerInputs, mulberry32, uniformInputs } from "../oracle/random.ts";
import { f32, runKernel, testGpu, u32 } from "../gpu_fixture.ts";
import { DIVISION } from "./accuracy.ts";

function shuffled(n: number): Uint32Array<ArrayBuffer> {
  const next = mulberry32(n), order = u32([...new Array(n).keys()]);
  return order.sort(() => next() < 2 ** 31 ? -1 : 1);
}

Deno.test("gather: the rows that the order names, from the cursor on, to the last", async () => {
  const gpu = await testGpu();
  for (
    const [total, columns, first, rows] of [[1, 1, 0, 1], [13, 3, 0, 13], [13, 3, 5, 8], [257, 7, 128, 129]]
  ) {
    const features = f32(uniformInputs(total * columns, 1)),
      labels = u32([...new Array(total).keys()].map((i) => 3 * i + 1));
    const order = shuffled(total), cursor = u32([9, first]), n = rows * columns;
    const { x } = await runKernel(gpu, gatherFeatures(1), { features, order, cursor, x: n + 1 }, {
      n,
      columns,
    });
    const { y } = await runKernel(gpu, gatherLabels, { labels, order, cursor, y: rows + 1 }, { n: rows });
    const chosen = [...order.subarray(first, first + rows)];
    const expected = chosen.flatMap((row) => [...features.subarray(row * columns, (row + 1) * columns)]);
    assertEquals([...x], [...expected, 0], `features, ${rows} rows from ${first} on`);
    assertEquals([...y], [...chosen.map((row) => 3 * row + 1), 0], "labels");
    // The same with every element fourfold: a row of fours.
    const wide = {
      features: f32([...features].flatMap((v) => [v, -v, v + 1, 0])),
      order,
      cursor,
      x: 4 * n + 4,
    };
    const fours = await runKernel(gpu, gatherFeatures(4), wide, { n, columns });
    assertEquals([...fours.x], [...expected.flatMap((v) => [v, -v, v + 1, 0].map(Math.fround)), 0, 0, 0, 0]);
  }
});

Deno.test("gather from parts: each gives its own rows and leaves the others alone", async () => {
  const gpu = await testGpu();
  for (const [columns, lanes] of [[3, 1], [8, 4]] as const) {
    const total = 13, features = f32(uniformInputs(total * columns, 2)), order = shuffled(total);
    const params = { n: 11 * columns / lanes, columns: columns / lanes }, cursor = u32([0, 2]);
    let x = f32(new Array(11 * columns + 4).fill(-7));
    for (const [part_first, part_rows] of [[0, 5], [5, 1], [6, 7]]) {
      const part = features.slice(part_first * columns, (part_first + part_rows) * columns);
      const inputs = { features: part, order, cursor, x };
      const out = await runKernel(gpu, gatherFeaturesPart(lanes), inputs, {
        ...params,
        part_first,
        part_rows,
      });
      const own = (i: number) => {
        const row = order[2 + Math.floor(i / columns)];
        return i < 11 * columns && row >= part_first && row < part_first + part_rows;
      };
      const expected = x.map((old, i) =>
        own(i) ? features[order[2 + Math.floor(i / columns)] * columns + i % columns] : old
      );
      assertEquals(out.x, expected);
      x = expected;
    }
    assertEquals(x.indexOf(-7), 11 * columns);
  }
});

Deno.test("a step's mean loss goes where the cursor stands, and the cursor one step and the batch's rows on", async () => {
  const gpu = await testGpu();
  for (const rows of [1, 2, 63, 64, 65, 127, 128, 129, 1009, 4099]) {
    const loss = f32(uniformInputs(rows, rows)), cursor = u32([2, 7]);
    const ended = await runKernel(gpu, endStep, { loss, cursor, losses: 4 }, { rows }), { losses } = ended;
    const exact = loss.reduce((a, b) => a + b, 0) / rows;
    const magnitude = loss.reduce((a, b) => a + Math.abs(b), 0) / rows;
    const bound = gamma(rows, ROUND_TO_NEAREST) * magnitude + DIVISION * Math.abs(exact);
    assertClose([losses[2]], [exact], bound, `${rows} rows`);
    assertEquals([losses[0], losses[1], losses[3], ...ended.cursor], [0, 0, 0, 3, 7 + rows]);
  }
});

Deno.test("losses that are whole numbers have an exact mean", async () => {
  const loss = f32(integerInputs(4096, 3)), inputs = { loss, cursor: u32([0, 0]), losses: 1 };
  const { losses } = await runKernel(await testGpu(), endStep, inputs, { rows: 4096 });
  assertBitsEqual(losses, f32([loss.reduce((a, b) => a + b, 0) / 4096]), "mean");
});

Deno.test("every replay is a step on", async () => {
  const gpu = await testGpu(), rows = 3;
  using cursor = gpu.buffer("cursor", "u32", 2, u32([5, 6]));
  using loss = gpu.buffer("loss", "f32", rows, f32([1, 2, 6]));
  using losses = gpu.buffer("losses", "f32", 9);
  using program = await gpu.record("end", (r) => r.dispatch(endStep, { loss, cursor, losses }, { rows }));
  program.submit(4);
  const [at, means] = await gpu.readAll([cursor, losses] as const);
  assertEquals([...at, ...means], [9, 18, 0, 0, 0, 0, 0, 3, 3, 3, 3]);
});

Deno.test("one recorded step walks along the whole order by itself", async () => {
  const gpu = await testGpu(), total = 12, rows = 4, chosen = shuffled(total);
  using labels = gpu.buffer("labels", "u32", total, u32([...new Array(total).keys()]));
  using order = gpu.buffer("order", "u32", total, chosen);
  using cursor = gpu.buffer("cursor", "u32", 2);
  using y = gpu.buffer("y", "u32", rows);
  using loss = gpu.buffer("loss", "f32", rows);
  using losses = gpu.buffer("losses", "f32", total / rows);
  using program = await gpu.record("walk", (r) => {
    r.dispatch(gatherLabels, { labels, order, cursor, y }, { n: rows });
    r.dispatch(endStep, { loss, cursor, losses }, { rows });
  });
  for (let step = 0; step < 3; step++) {
    program.submit();
    assertEquals([...await gpu.read(y)], [...chosen.subarray(step * rows, (step + 1) * rows)]);
  }
});
