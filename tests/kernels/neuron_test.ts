import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  columnHash,
  compareColumns,
  compareRows,
  COMPARISON_WORDS,
  HASH_WORDS,
  largestCosine,
  NO_COSINE,
  rowHash,
  rowShape,
  SHAPE_WORDS,
} from "../../kernels/mod.ts";
import { bitsOf, f32, runCases, runKernel, testGpu, u32 } from "../gpu_fixture.ts";
import { mulberry32, uniformInputs } from "../oracle/random.ts";

const SIZES = [1, 2, 7, 31, 32, 33, 63, 64, 65, 127, 129, 257];

function mix(word: number): number {
  let x = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The host twin of the hash: the two sums over a tuple of words that begins at a position. */
function hashTuple(words: ArrayLike<number>, position = 0): [number, number] {
  let [a, b] = [0, 0];
  for (let i = 0; i < words.length; i++) {
    const key = mix(position + i + 1);
    a = (a + mix(words[i] ^ key)) >>> 0;
    b = (b + mix(Math.imul(words[i] + key, 0x9e3779b1))) >>> 0;
  }
  return [a, b];
}

function randomWords(count: number, seed: number): Uint32Array<ArrayBuffer> {
  const next = mulberry32(seed);
  return Uint32Array.from({ length: count }, next);
}

Deno.test("row_hash and column_hash: the host twin's bits at every size, in one piece or several", async () => {
  const gpu = await testGpu();
  for (const n of [1, 5, 33]) {
    const whole = await runCases(
      gpu,
      SIZES.map((columns) => ({
        kernel: rowHash,
        inputs: { x: randomWords(n * columns, columns), out: u32(new Array(2 * (n + 1)).fill(7)) },
        params: { n, columns, first: 1, position: 3, keep: 0 },
      })),
    );
    const across = await runCases(
      gpu,
      SIZES.map((rows) => ({
        kernel: columnHash,
        inputs: { x: randomWords(n * rows, rows), out: u32(new Array(2 * n).fill(7)) },
        params: { n, rows, position: 3, keep: 1 },
      })),
    );
    SIZES.forEach((size, k) => {
      const x = randomWords(n * size, size);
      const rows = Array.from({ length: n }, (_, i) => x.subarray(i * size, (i + 1) * size));
      const columns = Array.from({ length: n }, (_, i) => x.filter((_, at) => at % n === i));
      assertEquals([...whole[k].out], [7, 7, ...rows.flatMap((row) => hashTuple(row, 3))], `${n}x${size}`);
      const added = columns.flatMap((column) => hashTuple(column, 3)).map((word) => (word + 7) >>> 0);
      assertEquals([...across[k].out], added, `${size}x${n}`);
    });
  }
});

Deno.test("the hash of NaNs, zeros and infinities is that of their bits", async () => {
  const x = u32([0, 0x80000000, 0x7f800001, 0x7fc00000, 0xffc12345, 0x7f800000, 1, 0x80000001]);
  const params = { n: 8, columns: 1, first: 0, position: 0, keep: 0 };
  const { out } = await runKernel(await testGpu(), rowHash, { x, out: HASH_WORDS * 8 }, params);
  assertEquals([...out], [...x].flatMap((word) => hashTuple([word])));
  assertEquals(new Set(out).size, 16);
});

Deno.test("the hash is sensitive to position: exchanged and shifted words", () => {
  const words = [...randomWords(50, 1)], same = hashTuple(words);
  for (let i = 0; i < 49; i++) {
    const exchanged = words.slice();
    [exchanged[i], exchanged[i + 1]] = [words[i + 1], words[i]];
    assertNotEquals(hashTuple(exchanged), same);
  }
  assertNotEquals(hashTuple([...words.slice(1), words[0]]), same);
  assertNotEquals(hashTuple([1, 0]), hashTuple([0, 1]));
});

Deno.test("compare_rows and compare_columns count the words that differ, wherever the parts are cut", async () => {
  const gpu = await testGpu(), rows = 9;
  for (const columns of SIZES) {
    const x = randomWords(rows * columns, 3).map((word) => word % 3), turned = new Uint32Array(x.length);
    for (let i = 0; i < x.length; i++) turned[i % columns * rows + Math.floor(i / columns)] = x[i];
    const all = Array.from({ length: rows * rows }, (_, i) => [i % rows, Math.floor(i / rows)]);
    const expected = all.map(([a, b]) => {
      const at = (row: number) => x.subarray(row * columns, (row + 1) * columns);
      return at(a).reduce((count, word, i) => count + (word === at(b)[i] ? 0 : 1), 0);
    });
    const pairs = u32(all.flat()), scales = f32(all.map(() => 1)), n = all.length, out = COMPARISON_WORDS * n;
    const cut = 4, half = (first: number) => first === 0 ? x.slice(0, cut * columns) : x.slice(cut * columns);
    const parts = [[0, 0], [0, cut], [cut, 0], [cut, cut]].map(([first_left, first_right]) => ({
      kernel: compareRows,
      inputs: { left: half(first_left), right: half(first_right), pairs, scales, out },
      params: {
        n,
        columns,
        first_left,
        left_rows: first_left === 0 ? cut : rows - cut,
        first_right,
        right_rows: first_right === 0 ? cut : rows - cut,
        keep: 0,
      },
    }));
    const found = (await runCases(gpu, parts)).map(({ out }) => words(out));
    assertEquals(expected.map((_, i) => found.reduce((sum, one) => sum + one[i], 0)), expected);
    const params = { n, rows: columns, columns: rows, keep: 0 };
    const across = await runKernel(gpu, compareColumns, { x: turned, pairs, scales, out }, params);
    assertEquals(words(across.out), expected);
  }
});

function words(out: ArrayLike<number>): number[] {
  return Array.from(out).filter((_, i) => i % COMPARISON_WORDS === 0);
}

Deno.test("compare_rows: elements beyond the tolerance, the largest distance and magnitude, NaN", async () => {
  const row = [1, -2, 0.5, 3],
    scaled = (by: number, off: number) => row.map((x, i) => x * by + (i === 3 ? off : 0));
  const x = f32([...row, ...scaled(0.3, 0), ...scaled(0.3, 2 ** -19), ...scaled(-1, 0), 1, -2, NaN, 3]);
  const left = bitsOf(x), pairs = u32([0, 1, 0, 2, 0, 3, 0, 4, 0, 0]), scales = f32([0.3, 0.3, -1, 1, 1]);
  const params = { n: 5, columns: 4, first_left: 0, left_rows: 5, first_right: 0, right_rows: 5, keep: 0 };
  const inputs = { left, right: left.slice(), pairs, scales, out: 5 * COMPARISON_WORDS };
  const { out } = await runKernel(await testGpu(), compareRows, inputs, params);
  const at = (pair: number, word: number) => out[COMPARISON_WORDS * pair + word];
  assertEquals([0, 1, 2, 3, 4].map((pair) => at(pair, 0)), [4, 4, 4, 1, 0]);
  assertEquals([0, 1, 2, 3, 4].map((pair) => at(pair, 1)), [0, 1, 0, 1, 0]);
  const floats = new Float32Array(out.buffer);
  assert(Math.abs(floats[COMPARISON_WORDS + 2] - 2 ** -19) < 2 ** -23);
  assertEquals([floats[2 * COMPARISON_WORDS + 2], floats[3], floats[3 * COMPARISON_WORDS + 2]], [
    0,
    3,
    Infinity,
  ]);
});

Deno.test("row_shape: the largest magnitude exactly, and what is proportional for proportional rows", async () => {
  const gpu = await testGpu();
  for (const columns of [0, 1, 63, 64, 200]) {
    const x = uniformInputs(columns, 5), bias = 0.75, doubled = [...x].map((v) => -2 * v);
    const inputs = {
      x: bitsOf(f32([...x, ...doubled])),
      bias: bitsOf(f32([0.75, -1.5])),
      out: 2 * SHAPE_WORDS,
    };
    const { out } = await runKernel(gpu, rowShape, inputs, { n: 2, columns, first: 0 });
    const floats = new Float32Array(out.buffer);
    assertEquals(floats[0], Math.max(bias, ...x.map(Math.abs)));
    const sum = x.reduce((all, v) => all + Math.abs(v), bias);
    assert(Math.abs(floats[1] - sum) <= columns * 2 ** -24 * sum);
    assertEquals([...floats.subarray(8, 12)], [...floats.subarray(2, 6)].map((p) => -2 * p));
    assertEquals([floats[6], floats[7]], [2 * floats[0], 2 * floats[1]]);
  }
});

Deno.test("largest_cosine: over the later rows, without equals and zeros", async () => {
  // Rows (1, 0), (1, 0), (1, 1), (0, 0), of which the first two are one neuron.
  const products = f32([1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 2, 0, 0, 0, 0, 0]), gpu = await testGpu();
  const incoming = u32([1, 1, 1, 1, 2, 2, 3, 3]), outgoing = u32([5, 5, 5, 5, 5, 5, 5, 5]);
  const { out } = await runKernel(gpu, largestCosine, { products, incoming, outgoing, out: 4 }, { n: 4 });
  for (const i of [0, 1]) assert(Math.abs(out[i] - Math.SQRT1_2) < 1e-6);
  assertEquals([out[2], out[3]], [NO_COSINE, NO_COSINE]);
});
