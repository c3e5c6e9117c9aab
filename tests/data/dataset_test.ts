import { assertEquals, assertThrows } from "@std/assert";
import { checkDataset, type Dataset, MOST_CLASSES, takeRows } from "../../src/data/dataset.ts";
import { ArgumentError, ShapeError } from "../../src/gpu/errors.ts";
import { datasetOf } from "./fixtures.ts";

const good = datasetOf([0, 1, 0], 2);

Deno.test("dataset: a sound one passes, also without rows and with a class that has none", () => {
  checkDataset(good);
  checkDataset(datasetOf([], 1));
  checkDataset({ ...good, classes: 5, classNames: ["a", "b", "c", "d", "e"] });
});

Deno.test("dataset: what is wrong is named by row and value", () => {
  const features = Float32Array.of(0, 0, 0, NaN, 0, 0);
  assertThrows(() => checkDataset({ ...good, features }), ArgumentError, "row 1, column 1 is NaN");
  const infinite = Float32Array.of(0, 0, 0, 0, -Infinity, 0);
  assertThrows(
    () => checkDataset({ ...good, features: infinite }),
    ArgumentError,
    "row 2, column 0 is -Infinity",
  );
  assertThrows(() => checkDataset({ ...good, classes: 1 }), ArgumentError, "row 1 has the label 1");
});

Deno.test("dataset: sizes that do not fit are refused", () => {
  const cases: Partial<Dataset>[] = [
    { features: new Float32Array(5) },
    { labels: new Uint32Array(2) },
    { rows: 2 },
    { columns: 3 },
    { columns: 0, features: new Float32Array(0) },
    { rows: NaN },
    { rows: -3, columns: -2 },
  ];
  for (const change of cases) assertThrows(() => checkDataset({ ...good, ...change }), ShapeError);
  for (const classes of [0, 1.5, NaN, MOST_CLASSES + 1]) {
    assertThrows(() => checkDataset({ ...good, classes }), ArgumentError, "classes");
  }
  assertThrows(() => checkDataset({ ...good, classNames: ["a"] }), ArgumentError, "1 names");
});

Deno.test("dataset: rows are taken in the order asked for, and copied", () => {
  const taken = takeRows({ ...good, classNames: ["a", "b"] }, [2, 1, 2]);
  assertEquals([...taken.features], [2, -2, 1, -1, 2, -2]);
  assertEquals([[...taken.labels], taken.rows, taken.classNames], [[0, 1, 0], 3, ["a", "b"]]);
  for (const row of [3, -1, 0.5, NaN]) assertThrows(() => takeRows(good, [row]), ArgumentError, "no row");
});
