import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { ArgumentError } from "../../src/gpu/errors.ts";
import { drawOnHost, Key, key } from "../../src/random/mod.ts";
import { loadJaxRandom } from "../golden/load.ts";
import { wordsOf } from "../oracle/philox.ts";

const MODULUS = 1n << 64n;

/** FNV-1a with 64 bits, by its definition (Fowler, Noll and Vo). */
function fnv1a(bytes: Iterable<number>): bigint {
  let hash = 14695981039346656037n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 1099511628211n) % MODULUS;
  return hash;
}

const utf8 = (text: string): number[] => [...new TextEncoder().encode(text)];

/** The stream id of names under names, from the parent's id of 0 on. */
function streamId(...names: string[]): bigint {
  return names.reduce((id, name) => {
    const parent = Array.from({ length: 8 }, (_, i) => Number((id >> BigInt(8 * i)) % 256n));
    return fnv1a([...parent, ...utf8(name)]);
  }, 0n);
}

function idOf({ words }: Key): bigint {
  return BigInt(words[2]) + (BigInt(words[3]) << 32n);
}

Deno.test("the test's own FNV-1a gives its authors' known answers", () => {
  assertEquals(fnv1a([]), 0xcbf29ce484222325n);
  assertEquals(fnv1a(utf8("a")), 0xaf63dc4c8601ec8cn);
  assertEquals(fnv1a(utf8("foobar")), 0x85944171f73967e8n);
});

// These ids are a promise: a weight depends on them. Computed once with the function above.
const STREAM_IDS: [string[], bigint][] = [
  [["0.weight"], 0x99430b72bbd3028fn],
  [["0.bias"], 0xb631504278c1349an],
  [["2.weight"], 0x834e72831f915eb5n],
  [[""], 0xa8c7f832281a39c5n],
  [["größe 層"], 0xc4bb526ff256eeecn],
  [["order", "epoch 0"], 0x5b6bcbf613ac9bcan],
  [["order", "epoch 1"], 0x5b6bccf613ac9d7dn],
];

for (const [names, id] of STREAM_IDS) {
  Deno.test(`the stream id of ${JSON.stringify(names)} stays what it is`, () => {
    const named = names.reduce((parent, name) => parent.stream(name), key(7));
    assertEquals(idOf(named), id);
    assertEquals(streamId(...names), id);
    assertEquals(named.words.slice(0, 2), [7, 0], "the seed stays");
    assertEquals(named.toString(), `philox(7)${names.map((name) => `.stream(${name})`).join("")}`);
  });
}

Deno.test("a seed is taken modulo 2^64, lower word first", () => {
  const cases: [number | bigint, bigint][] = [
    [0, 0n],
    [-0, 0n],
    [1, 1n],
    [-1, MODULUS - 1n],
    [-1n, MODULUS - 1n],
    [2 ** 53 - 1, (1n << 53n) - 1n],
    [-(2 ** 53 - 1), MODULUS - (1n << 53n) + 1n],
    [MODULUS - 1n, MODULUS - 1n],
    [-(1n << 63n), 1n << 63n],
    [(1n << 53n) + 1n, (1n << 53n) + 1n],
  ];
  for (const [seed, expected] of cases) {
    assertEquals([...key(seed).words], [...wordsOf(expected, 2), 0, 0], `seed ${seed}`);
  }
});

Deno.test("a seed that a number cannot hold exactly is refused, and so is one beyond 64 bits", () => {
  const bad = [2 ** 53, 2 ** 53 + 2, 0.5, NaN, Infinity, -Infinity, MODULUS, -(1n << 63n) - 1n];
  for (const seed of bad) assertThrows(() => key(seed), ArgumentError, `seed ${seed} is no whole number`);
});

Deno.test("other seeds, other streams and other parents give other numbers", () => {
  const root = key(0);
  const keys = [
    root,
    key(1),
    key(-1),
    root.stream("a"),
    root.stream("b"),
    root.stream("a").stream("b"),
    root.stream("b").stream("a"),
    root.stream("ab"),
    key(1).stream("a"),
    root.fold(0),
    root.fold(1),
    ...root.split(3),
  ];
  const drawn = keys.map((k) => drawOnHost(k, { kind: "bits" }, { count: 8 }).join());
  assertEquals(new Set(drawn).size, keys.length);
});

Deno.test("the words of two streams have nothing to do with each other", () => {
  const count = 4096,
    [a, b] = ["0.weight", "0.bias"].map((name) => {
      return drawOnHost(key(0).stream(name), { kind: "bits" }, { count });
    });
  // Half of the bits differ: 131072 of them, each with variance 1/4; 3.3 standard deviations are one in a thousand.
  let bits = 0;
  for (let i = 0; i < count; i++) for (let x = (a[i] ^ b[i]) >>> 0; x !== 0; x >>>= 1) bits += x & 1;
  assert(Math.abs(bits - 16 * count) < 3.3 * Math.sqrt(8 * count), `${bits} of ${32 * count}`);
});

Deno.test("folding and splitting never give the parent again, and need whole numbers", () => {
  const parent = key(5).stream("x");
  for (const child of [parent.fold(0), ...parent.split(2)]) assertNotEquals(child.words, parent.words);
  assertEquals(parent.split(0), []);
  for (const data of [-1, 0.5, NaN, 2 ** 53, 1n << 64n, -1n]) {
    assertThrows(() => parent.fold(data), ArgumentError, `fold with ${data}`);
  }
  for (const count of [-1, 0.5, NaN, 2 ** 24 + 1]) {
    assertThrows(() => parent.split(count), ArgumentError, `split into ${count}`);
  }
});

Deno.test("threefry keys are JAX's: key, split and fold_in", () => {
  const { partitionable_True: now, partitionable_False: original } = loadJaxRandom().cases;
  for (const [generator, cases] of [["threefry", now], ["threefry_original", original]] as const) {
    for (const jax of cases) {
      const root = key(jax.seed, generator), pair = (k: Key) => [k.words[0], k.words[1]];
      assertEquals(pair(root), [...jax.key]);
      assertEquals(root.split(2).map(pair), jax.split2);
      assertEquals(root.split(3).map(pair), jax.split3);
      for (const [data, words] of Object.entries(jax.fold_in)) {
        assertEquals(pair(root.fold(Number(data))), [...words], `${generator} fold ${data}`);
      }
    }
  }
});

Deno.test("a key remembers the seed that it came from, whatever is made of it", () => {
  const root = key(-7);
  for (const child of [root, root.stream("0.weight"), root.fold(3), root.split(2)[1]]) {
    assertEquals(child.seed, "-7");
  }
  assertEquals(key(2n ** 64n - 1n, "threefry").stream("x").seed, "18446744073709551615");
  assertEquals(new Key("philox", [1, 2, 3, 4]).seed, "?");
});
