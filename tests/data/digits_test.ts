import { assert, assertEquals } from "@std/assert";
import { loadDigits } from "../../src/data/digits.ts";

const SIZES = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978];

Deno.test("digits: 10,000 complete images from 0 to 1, in the package's numbers of each class", async () => {
  const digits = await loadDigits();
  assertEquals([digits.rows, digits.columns, digits.classes], [10_000, 784, 10]);
  assertEquals(digits.features.length, 10_000 * 784);
  assert(digits.features.every((value) => value >= 0 && value <= 1));
  const sizes = Array(10).fill(0);
  for (const label of digits.labels) sizes[label]++;
  assertEquals(sizes, SIZES);
  for (let row = 0; row < digits.rows; row++) {
    const image = digits.features.subarray(row * 784, (row + 1) * 784);
    assert(image.some((value) => value > 0.5), `row ${row} is blank`);
  }
});

Deno.test("digits: any run of rows has every class in about its proportion", async () => {
  const { labels } = await loadDigits();
  for (let start = 0; start + 100 <= labels.length; start += 100) {
    const counts = Array(10).fill(0);
    for (const label of labels.subarray(start, start + 100)) counts[label]++;
    counts.forEach((count, label) =>
      assert(Math.abs(count - SIZES[label] / 100) < 2, `rows from ${start}: ${counts}`)
    );
  }
});

// The hashes are those that Python and NumPy compute from the JSON of the package, by the order that
// loadDigits describes.
Deno.test("digits: the same bits every time", async () => {
  const once = await loadDigits();
  const again = await loadDigits();
  assert(once.features !== again.features);
  const digest = async (data: BufferSource) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", data)).toHex().slice(0, 16);
  const hashes = async (d: typeof once) => [
    await digest(d.features as Float32Array<ArrayBuffer>),
    await digest(d.labels as Uint32Array<ArrayBuffer>),
  ];
  assertEquals(await hashes(once), await hashes(again));
  assertEquals(await hashes(once), ["aea8a9f12cfb4f2f", "b0268a396e62d5b9"]);
});
