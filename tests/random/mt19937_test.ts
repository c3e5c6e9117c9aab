import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ArgumentError } from "../../src/gpu/errors.ts";
import { Mt19937 } from "../../src/random/mt19937.ts";

/** The first word of a seed's stream. */
function firstWord(seed: number | bigint): number {
  return new Mt19937(seed).next();
}

Deno.test("mt19937: the known answers of seed 5489, the first word and the 10000th", () => {
  const words = new Mt19937(5489).words(10000);
  assertEquals([words[0], words[9999]], [3499211612, 4123659995]);
});

Deno.test("mt19937: only the low 32 bits of a seed count, of negative ones those of 2^64 + seed", () => {
  assertEquals(firstWord(2 ** 32 + 5), firstWord(5));
  assertEquals(firstWord(-1), firstWord(2n ** 64n - 1n));
  assertEquals(firstWord(-1), firstWord(2 ** 32 - 1));
  assertEquals(firstWord(-(2n ** 63n)), firstWord(0));
  assertEquals(firstWord(2n ** 63n - 1n), firstWord(-1));
  assertEquals(firstWord(-0), firstWord(0));
});

Deno.test("mt19937: words come out alike one by one and many at once, across the edges of the state", () => {
  fc.assert(fc.property(fc.array(fc.nat(1300), { maxLength: 4 }), fc.maxSafeInteger(), (counts, seed) => {
    const parts = new Mt19937(seed), single = new Mt19937(seed);
    for (const count of counts) {
      assertEquals(parts.words(count), Uint32Array.from({ length: count }, () => single.next()));
      assertEquals(parts.next(), single.next());
    }
  }));
});

Deno.test("mt19937: 64 bits are two words, the upper half first; 53 bits are the lower ones of them", () => {
  const [high, low] = new Mt19937(42).words(2);
  const both = (BigInt(high) << 32n) + BigInt(low);
  assertEquals(new Mt19937(42).next64(), both);
  assertEquals(BigInt(new Mt19937(42).next53()), BigInt.asUintN(53, both));
});

for (const seed of [0.5, NaN, Infinity, 2 ** 53, -(2 ** 53), 2n ** 64n, -(2n ** 63n) - 1n]) {
  Deno.test(`mt19937: refuses the seed ${seed}${typeof seed === "bigint" ? "n" : ""}`, () => {
    const error = assertThrows(() => new Mt19937(seed), ArgumentError);
    assert(error.message.includes(`${seed}`));
  });
}

for (const count of [-1, 1.5, NaN, Infinity]) {
  Deno.test(`mt19937: refuses ${count} words`, () => {
    assertThrows(() => new Mt19937(0).words(count), ArgumentError, `${count}`);
  });
}
