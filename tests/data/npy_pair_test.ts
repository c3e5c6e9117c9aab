import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { datasetFromArrays } from "../../src/data/npy_pair.ts";
import { ArgumentError, DtypeError, ShapeError } from "../../src/gpu/errors.ts";
import { type NpyArray, readNpy } from "../../src/tensor/npy.ts";
import { numpyFile } from "../tensor/npy_files.ts";

const features: NpyArray = { dtype: "f4", shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
const labels: NpyArray = { dtype: "i8", shape: [3], data: BigInt64Array.of(0n, 2n, 1n) };

Deno.test("npy pair: makes a dataset of floats and integers", () => {
  const dataset = datasetFromArrays(features, labels, { name: "pair" });
  assertStrictEquals(dataset.features, features.data);
  assertEquals([...dataset.labels], [0, 2, 1]);
  assertEquals([dataset.name, dataset.rows, dataset.columns, dataset.classes], ["pair", 3, 2, 3]);
});

Deno.test("npy pair: takes f8 features and every integer type of labels, as NumPy writes them", () => {
  const source = readNpy(numpyFile("f8"));
  for (const dtype of ["i1", "i2", "i4", "u1", "u2", "u4", "u8"]) {
    const numbers = readNpy(numpyFile(dtype)).data.slice(2, 4);
    const pair = { dtype, shape: [2], data: numbers } as NpyArray;
    const dataset = datasetFromArrays(source, pair);
    assertEquals([...dataset.features], [-2, -1, 0, 1, 2, 3]);
    assertEquals([...dataset.labels], Array.from(numbers, Number));
  }
});

Deno.test("npy pair: class names say how many classes there are", () => {
  assertEquals(datasetFromArrays(features, labels, { classNames: ["a", "b", "c", "d"] }).classes, 4);
  assertThrows(
    () => datasetFromArrays(features, labels, { classNames: ["a"] }),
    ArgumentError,
    "row 1 has the label 2",
  );
});

Deno.test("npy pair: refuses other types", () => {
  const bytes: NpyArray = { dtype: "u1", shape: [3, 2], data: new Uint8Array(6) };
  assertThrows(() => datasetFromArrays(bytes, labels), DtypeError, "u1");
  const floats: NpyArray = { dtype: "f4", shape: [3], data: new Float32Array(3) };
  assertThrows(() => datasetFromArrays(features, floats), DtypeError, "f4");
  const flags: NpyArray = { dtype: "b1", shape: [3], data: new Uint8Array(3) };
  assertThrows(() => datasetFromArrays(features, flags), DtypeError, "b1");
});

Deno.test("npy pair: refuses other shapes", () => {
  for (const shape of [[6], [3, 1, 2], [0, 2], [3, 0]]) {
    assertThrows(
      () => datasetFromArrays({ ...features, shape } as NpyArray, labels),
      ShapeError,
      "rows, columns",
    );
  }
  for (const shape of [[2], [3, 1], []]) {
    assertThrows(() => datasetFromArrays(features, { ...labels, shape } as NpyArray), ShapeError, "(3,)");
  }
});

Deno.test("npy pair: names the row of a label or a feature that is out of range", () => {
  for (const bad of [-1n, 65_536n, 2n ** 62n]) {
    const data = BigInt64Array.of(0n, bad, 0n);
    assertThrows(
      () => datasetFromArrays(features, { dtype: "i8", shape: [3], data }),
      ArgumentError,
      "row 1",
    );
  }
  const nan: NpyArray = { dtype: "f4", shape: [3, 2], data: Float32Array.of(0, 0, 0, NaN, 0, 0) };
  assertThrows(() => datasetFromArrays(nan, labels), ArgumentError, "row 1, column 1 is NaN");
  const large: NpyArray = { dtype: "f8", shape: [3, 2], data: Float64Array.of(0, 0, 0, 0, 1e300, 0) };
  assertThrows(() => datasetFromArrays(large, labels), ArgumentError, "row 2, column 0 is 1e+300");
});
