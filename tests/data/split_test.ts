import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { split } from "../../src/data/split.ts";
import { ArgumentError } from "../../src/gpu/errors.ts";
import { datasetOf, inOrder, reversed } from "./fixtures.ts";

Deno.test("split: holds back the same part of every class, first in the permutation first", () => {
  const dataset = datasetOf([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], 2);
  const { train, test } = split(dataset, 0.25, inOrder);
  assertEquals([...test.labels], [0, 1, 1]);
  assertEquals([...test.features], [0, -0, 4, -4, 5, -5]);
  assertEquals([train.rows, test.rows, train.classes, test.classes], [9, 3, 2, 2]);
  assertEquals([...split(dataset, 0.25, reversed).test.features], [3, -3, 10, -10, 11, -11]);
});

Deno.test("split: the permutation is asked for once, for all rows", () => {
  const asked: number[] = [];
  split(datasetOf([0, 1, 1], 2), 0.5, (n) => (asked.push(n), inOrder(n)));
  assertEquals(asked, [3]);
});

Deno.test("split: any dataset falls into two parts, in order, each class in proportion", () => {
  const labels = fc.array(fc.nat(4), { maxLength: 60 });
  const fraction = fc.double({ min: 0, max: 0.999, noNaN: true });
  fc.assert(fc.property(labels, fraction, (labels, fraction) => {
    const { train, test } = split(datasetOf(labels, 5), fraction, reversed);
    const rows = (part: typeof train) => [...part.features].filter((_, i) => i % 2 === 0);
    assertEquals([...rows(train), ...rows(test)].sort((a, b) => a - b), labels.map((_, row) => row));
    for (const part of [train, test]) {
      assertEquals(rows(part), rows(part).toSorted((a, b) => a - b));
      assertEquals([...part.labels], rows(part).map((row) => labels[row]));
    }
    for (let label = 0; label < 5; label++) {
      const size = labels.filter((l) => l === label).length;
      const held = test.labels.filter((l) => l === label).length;
      assertEquals(held, Math.min(Math.round(size * fraction), Math.max(0, size - 1)));
    }
  }));
});

Deno.test("split: refuses fractions and orders that make no sense", () => {
  const dataset = datasetOf([0, 1, 0], 2);
  for (const fraction of [-0.1, 1, NaN]) {
    assertThrows(() => split(dataset, fraction, inOrder), ArgumentError, "fraction");
  }
  for (const order of [[0, 1], [0, 1, 1], [0, 1, 3], [0, 1, 2, 0]]) {
    assertThrows(() => split(dataset, 0.5, () => Uint32Array.from(order)), ArgumentError, "order");
  }
});
