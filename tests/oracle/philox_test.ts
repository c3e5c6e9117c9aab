import { assertEquals, assertThrows } from "@std/assert";
import { loadJaxRandom, loadKat, loadPhiloxStreams } from "../golden/load.ts";
import { philox2x32, philox4x32, philoxStream, wordsOf } from "./philox.ts";
import { threefry2x32, threefry4x32 } from "./threefry.ts";
import { uniformHigh23, uniformHigh24, uniformLow24 } from "./uniform.ts";

const generators = { philox2x32, philox4x32, threefry2x32, threefry4x32 };

for (const { generator, rounds, ctr, key, expected } of loadKat().vectors) {
  Deno.test(`${generator}-${rounds} gives Random123's answer for ${ctr[0]} … under ${key[0]} …`, () => {
    const [counterWords, keyWords] = [ctr, key].map((words) => words.map((word) => parseInt(word, 16)));
    const words = generators[generator](counterWords, keyWords, rounds);
    assertEquals(words.map((word) => word.toString(16).padStart(8, "0")), expected);
  });
}

for (const stream of loadPhiloxStreams().streams) {
  const { seed, subsequence, block_offset: offset, u32 } = stream;
  Deno.test(`the Philox stream of seed ${seed}, subsequence ${subsequence}, offset ${offset}`, () => {
    const place = { seed: BigInt(seed), subsequence: BigInt(subsequence), blockOffset: BigInt(offset) };
    assertEquals([...philoxStream(place, u32.length)], u32);
    assertEquals([...philoxStream(place, 5)], u32.slice(0, 5));
    assertEquals(u32.map(uniformLow24), stream.uniform24_torch_cpu);
    assertEquals(u32.map(uniformHigh24), stream.uniform_hi24);
    assertEquals(u32.map(uniformHigh23), stream.uniform23_jax);
  });
}

Deno.test("the Philox counter carries from the offset into the subsequence and wraps at 128 bits", () => {
  const ones = 2n ** 64n - 1n;
  const carried = philoxStream({ seed: 5n, subsequence: 7n, blockOffset: ones }, 8).slice(4);
  assertEquals(carried, philoxStream({ seed: 5n, subsequence: 8n, blockOffset: 0n }, 4));
  const wrapped = philoxStream({ seed: 5n, subsequence: ones, blockOffset: ones }, 8).slice(4);
  assertEquals(wrapped, philoxStream({ seed: 5n, subsequence: 0n, blockOffset: 0n }, 4));
});

Deno.test("threefry 2x32 is JAX's generator: fold_in and partitionable bits, split and uniform", () => {
  for (const jax of loadJaxRandom().cases.partitionable_True) {
    for (const [data, key] of Object.entries(jax.fold_in)) {
      assertEquals(threefry2x32([0, Number(data)], jax.key), key);
    }
    const blocks = Array.from({ length: 8 }, (_, i) => threefry2x32([0, i], jax.key));
    const bits = blocks.map(([first, second]) => (first ^ second) >>> 0);
    assertEquals(bits, jax.bits8_u32);
    assertEquals(blocks.slice(0, 3), jax.split3);
    assertEquals(bits.map(uniformHigh23), jax.uniform8.f32);
  }
});

Deno.test("words of a number, and a counter of the wrong size", () => {
  assertEquals(wordsOf(0x123456789abcdef0n, 2), [0x9abcdef0, 0x12345678]);
  assertEquals(wordsOf(1n << 96n, 4), [0, 0, 0, 1]);
  assertThrows(() => philox4x32([0, 0], [0, 0]), RangeError, "counter has 2 elements, not 4");
});
