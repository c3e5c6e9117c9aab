import { assertEquals } from "@std/assert";
import { loadIris } from "../../src/data/iris.ts";

Deno.test("iris: Fisher's 150 flowers in the published order", async () => {
  const iris = await loadIris();
  assertEquals([iris.rows, iris.columns, iris.classes], [150, 4, 3]);
  assertEquals(iris.classNames, ["setosa", "versicolor", "virginica"]);
  assertEquals([...iris.labels], Array.from({ length: 150 }, (_, row) => Math.floor(row / 50)));
  assertEquals([...iris.features.subarray(0, 4)], [5.1, 3.5, 1.4, 0.2].map(Math.fround));
  assertEquals([...iris.features.subarray(596)], [5.9, 3, 5.1, 1.8].map(Math.fround));
});

// The means of the columns are in every description of the data.
Deno.test("iris: the columns have the known means", async () => {
  const { features } = await loadIris();
  const sums = [0, 0, 0, 0];
  features.forEach((value, i) => sums[i % 4] += value);
  assertEquals(sums.map((sum) => (sum / 150).toFixed(3)), ["5.843", "3.057", "3.758", "1.199"]);
});
