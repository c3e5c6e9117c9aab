import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { marchenkoPastur, orderBySimilarity, viewWeights } from "../../src/diagnose/mod.ts";
import { ArgumentError } from "../../src/gpu/errors.ts";
import { initializerByName } from "../../src/init/mod.ts";
import { drawOnHost, key } from "../../src/random/mod.ts";

function normals(count: number, std = 1, seed = 0): Float32Array {
  return drawOnHost(key(seed).stream("w"), { kind: "normal", mean: 0, std }, { count }) as Float32Array;
}

Deno.test("the Marchenko-Pastur values have the law's moments and edges", () => {
  for (const [rows, columns, variance] of [[512, 512, 1 / 512], [100, 400, 2], [999, 37, 1e-6], [3, 7, 1]]) {
    const values = marchenkoPastur(rows, columns, variance), short = Math.min(rows, columns);
    const long = Math.max(rows, columns), beta = short / long, unit = long * variance;
    assertEquals(values.length, short);
    assert(values.every((value, i) => i === 0 || value <= values[i - 1]));
    assert(values[0] <= Math.sqrt(unit) * (1 + Math.sqrt(beta)));
    assert(values[short - 1] >= Math.sqrt(unit) * (1 - Math.sqrt(beta)) - 1e-12);
    // E[x] = 1 and E[x²] = 1 + beta; quantiles in the middle of equal parts are within the parts' size of it.
    const mean = (power: number) => values.reduce((sum, v) => sum + (v * v / unit) ** power, 0) / short;
    assert(Math.abs(mean(1) - 1) < 0.5 / short, `${mean(1)}`);
    assert(Math.abs(mean(2) - 1 - beta) < 4 / short, `${mean(2)}`);
  }
});

Deno.test("the Marchenko-Pastur values of nothing are none, and of no variance 0; a variance is not negative", () => {
  assertEquals([...marchenkoPastur(0, 5, 1)], []);
  assertEquals([...marchenkoPastur(2, 5, 0)], [0, 0]);
  for (const variance of [-1, NaN]) {
    assertThrows(() => marchenkoPastur(2, 2, variance), ArgumentError, "variance");
  }
});

Deno.test("sampled matrices have the singular values of the law, either way round", () => {
  const shapes = [[200, 300], [300, 200]] as const,
    names = ["kaiming_normal", "torch_linear", "xavier_uniform"];
  for (const [outputs, inputs] of shapes) {
    for (const name of names) {
      const initializer = initializerByName(name), filling = initializer.weight([outputs, inputs]);
      assert(filling.kind !== "computed");
      const data = drawOnHost(key(3).stream(name), filling, { count: outputs * inputs }) as Float32Array;
      const [view] = viewWeights([{ name: "0.weight", shape: [outputs, inputs], data }], ["0"], initializer);
      const { values, expected, of } = view.spectrum!;
      assertEquals([values.length, of], [200, "initialiser"]);
      // Values of a sample keep to their places more tightly than independent ones would: 200 of them to about 1/200 of the range.
      const range = expected![0];
      values.forEach((value, i) => assert(Math.abs(value - expected![i]) < 0.03 * range, `${name} ${i}`));
      const [unknown] = viewWeights([{ name: "0.weight", shape: [outputs, inputs], data }], ["0"]);
      assertEquals(unknown.spectrum!.of, "same scale");
      assert(Math.abs(unknown.spectrum!.expected![0] / range - 1) < 0.01);
    }
  }
});

Deno.test("theory of an orthogonal matrix is its gain; of constants and others there is none", () => {
  const array = [{ name: "0.weight", shape: [4, 6], data: normals(24) }, {
    name: "0.bias",
    shape: [4],
    data: normals(4),
  }];
  const expected = (name: string) => viewWeights(array, ["0"], initializerByName(name))[0].spectrum!.expected;
  assertEquals([...expected("orthogonal:1.5")!], [1.5, 1.5, 1.5, 1.5]);
  for (const name of ["ones", "zeros", "eye", "sparse:0.5"]) assertEquals(expected(name), null, name);
});

Deno.test("matrices that are too large or not finite have no singular values, and an order all the same", () => {
  const data = normals(12);
  data[5] = NaN;
  const [view] = viewWeights([{ name: "0.weight", shape: [4, 3], data }], ["0"]);
  assertEquals([view.spectrum, view.order.at(-1), view.cosines.at(-1)], [null, 1, 0]);
  const wide = { name: "0.weight", shape: [3000, 600], data: new Float32Array(1_800_000).fill(1) };
  const [large] = viewWeights([wide], ["0"]);
  assertEquals([large.spectrum, large.order.length], [null, 2048]);
});

Deno.test("rows in the order of similarity: all of them, copies together, whatever the scale", () => {
  const layer = fc.record({
    rows: fc.integer({ min: 1, max: 24 }),
    columns: fc.integer({ min: 2, max: 12 }),
    kinds: fc.integer({ min: 1, max: 24 }),
    scale: fc.constantFrom(1e-30, 1, 1e30),
    seed: fc.nat(1000),
  });
  fc.assert(fc.property(layer, ({ rows, columns, kinds, scale, seed }) => {
    const patterns = normals(kinds * columns, 1, seed);
    // Of each pattern several rows, scattered, of different lengths: the direction is what counts.
    const kind = Array.from({ length: rows }, (_, i) => (i * 7 + seed) % kinds);
    const x = Float64Array.from({ length: rows * columns }, (_, at) => {
      const row = Math.floor(at / columns);
      return patterns[kind[row] * columns + at % columns] * scale * (1 + row);
    });
    const { order, cosines } = orderBySimilarity(x, rows, columns);
    assertEquals(order.toSorted((a, b) => a - b), Array.from({ length: rows }, (_, i) => i));
    const runs = order.filter((row, i) => i === 0 || kind[row] !== kind[order[i - 1]]);
    assertEquals(runs.length, new Set(kind).size, "each kind stands in one block");
    order.forEach((row, i) => {
      if (i > 0) assertEquals(cosines[i] > 1 - 1e-9, kind[row] === kind[order[i - 1]]);
    });
  }));
});

Deno.test("rows of zeros are alike, and like no other; the most alike come first", () => {
  const x = [0, 0, 1, 0, 0, 1, 0, 0, 1, 0.1];
  const { order, cosines } = orderBySimilarity(x, 5, 2);
  assertEquals(order.slice(0, 2), [0, 3]);
  assertEquals(cosines.slice(0, 3), [0, 1, 0]);
  assertEquals(orderBySimilarity([], 0, 4), { order: [], cosines: [] });
  assertEquals(orderBySimilarity([], 3, 0).cosines, [0, 1, 1]);
});
