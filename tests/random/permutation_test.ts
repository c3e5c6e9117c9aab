import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ArgumentError } from "../../src/gpu/errors.ts";
import { drawOnHost, type Key, key, permutation } from "../../src/random/mod.ts";
import { philoxStream } from "../oracle/philox.ts";

/** Fisher and Yates' shuffle with Lemire's rule, in unbounded integers, over words that are already there. */
function shuffle(n: number, words: Iterable<number>): number[] {
  const order = [...new Array(n).keys()], source = words[Symbol.iterator]();
  for (let i = n - 1; i > 0; i--) {
    const bound = BigInt(i + 1), uneven = (1n << 32n) % bound;
    let product: bigint;
    do {
      const { value, done } = source.next();
      assert(!done, "more words are needed");
      product = BigInt(value) * bound;
    } while (product % (1n << 32n) < uneven);
    const j = Number(product >> 32n);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function wordsOf(source: Key, count: number): Uint32Array {
  return drawOnHost(source, { kind: "bits" }, { count }) as Uint32Array;
}

Deno.test("a permutation has every number once, whatever the key and the size", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, (1n << 64n) - 1n), fc.integer({ min: 0, max: 300 }), (seed, n) => {
      assertEquals([...permutation(key(seed), n)].sort((a, b) => a - b), [...new Array(n).keys()]);
    }),
    { numRuns: 200 },
  );
});

// A data order depends on these. By the shuffle above over the oracle's words.
const KNOWN: [Key, number[]][] = [
  [key(0), [6, 9, 0, 2, 1, 8, 4, 5, 7, 3]],
  [key(42).stream("order").stream("epoch 0"), [8, 7, 9, 10, 2, 1, 5, 4, 11, 0, 3, 6]],
];

for (const [source, order] of KNOWN) {
  Deno.test(`the permutation of ${source} stays what it is`, () => {
    assertEquals([...permutation(source, order.length)], order);
    const [seed, , low, high] = source.words.map(BigInt);
    const words = philoxStream({ seed, subsequence: low + (high << 32n), blockOffset: 0n }, 100);
    assertEquals(shuffle(order.length, words), order);
  });
}

Deno.test("a permutation is the shuffle in unbounded integers, words rejected for their bias included", () => {
  // So long that about 8 of the words are rejected.
  const n = 2 ** 18, source = key(11).stream("order"), words = wordsOf(source, n + 100);
  const rejected = [...words.subarray(0, n - 1)].filter((word, k) => {
    return (Math.imul(word, n - k) >>> 0) < 2 ** 32 % (n - k);
  });
  assert(rejected.length > 0, "none is rejected, so that the test proves nothing");
  const expected = shuffle(n, words), actual = permutation(source, n);
  const wrong = expected.findIndex((value, i) => value !== actual[i]);
  assert(wrong < 0, `place ${wrong} has ${actual[wrong]}, not ${expected[wrong]}`);
});

/** How far the counts of (place, number) are from equal: chi-square with (n - 1)^2 degrees of freedom. */
function chiSquare(permutations: ArrayLike<number>[]): number {
  const n = permutations[0].length, counts = new Float64Array(n * n), expected = permutations.length / n;
  for (const order of permutations) for (let i = 0; i < n; i++) counts[i * n + order[i]]++;
  // Rows and columns of counts have fixed sums: hence the factor, and (n - 1)^2 degrees of freedom.
  return (n - 1) / n * counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

Deno.test("every number comes to every place equally often", () => {
  const n = 8, runs = 8000;
  // 99.9 % of chi-square with 49 degrees of freedom.
  const critical = 85.35;
  const sources = Array.from({ length: runs }, (_, i) => key(i).stream("chi-square"));
  const fair = chiSquare(sources.map((source) => permutation(source, n)));
  assert(fair < critical, `${fair} is above ${critical}`);
  // The test has the power to see the classic mistake, a swap with any place instead of one not yet done.
  const naive = chiSquare(sources.map((source) => {
    const order = [...new Array(n).keys()];
    wordsOf(source, n).forEach((word, i) => {
      const j = Math.floor(word / 2 ** 32 * n);
      [order[i], order[j]] = [order[j], order[i]];
    });
    return order;
  }));
  assert(naive > 2 * critical, `naive: ${naive}`);
});

Deno.test("a permutation of anything but a whole number is refused", () => {
  for (const n of [-1, 0.5, NaN, Infinity, 2 ** 32]) {
    assertThrows(() => permutation(key(0), n), ArgumentError, `a permutation of ${n} numbers`);
  }
});
