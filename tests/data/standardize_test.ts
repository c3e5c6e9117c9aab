import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { Dataset } from "../../src/data/dataset.ts";
import { standardize } from "../../src/data/standardize.ts";
import { ArgumentError } from "../../src/gpu/errors.ts";
import { datasetOf } from "./fixtures.ts";

function withFeatures(...features: number[]): Dataset {
  const rows = features.length / 2;
  return { ...datasetOf(Array(rows).fill(0), 1), features: Float32Array.from(features) };
}

Deno.test("standardize: means and deviations are the training part's", () => {
  // Column 0: 1, 3 -> mean 2, deviation 1. Column 1: 10, 30 -> mean 20, deviation 10.
  const parts = standardize({ train: withFeatures(1, 10, 3, 30), test: withFeatures(5, 20) });
  assertEquals([[...parts.mean], [...parts.std]], [[2, 20], [1, 10]]);
  assertEquals([...parts.train.features], [-1, -1, 1, 1]);
  assertEquals([...parts.test.features], [3, 0]);
});

Deno.test("standardize: leaves what it was given alone", () => {
  const train = withFeatures(1, 10, 3, 30);
  standardize({ train, test: withFeatures() });
  assertEquals([...train.features], [1, 10, 3, 30]);
});

Deno.test("standardize: a column that does not vary becomes 0, even where its mean is rounded", () => {
  const value = Math.fround(0.1);
  const { train, std } = standardize({
    train: withFeatures(value, 1, value, 2, value, 3),
    test: withFeatures(),
  });
  assertEquals(std[0], 1);
  for (let row = 0; row < 3; row++) assertAlmostEquals(train.features[row * 2], 0, 1e-12);
});

Deno.test("standardize: a far-off column keeps its digits", () => {
  const { train } = standardize({ train: withFeatures(2 ** 20, 0, 2 ** 20 + 1, 1), test: withFeatures() });
  assertEquals([...train.features], [-1, -1, 1, 1]);
});

Deno.test("standardize: refuses a training part without rows", () => {
  assertThrows(
    () => standardize({ train: withFeatures(), test: withFeatures(1, 2) }),
    ArgumentError,
    "no rows",
  );
});
