import { assert, assertEquals } from "@std/assert";
import { random } from "../../kernels/mod.ts";
import { drawOnHost, Key, type KeyWords, philox4x32, type Words4 } from "../../src/random/mod.ts";
import { loadKat, loadPhiloxStreams } from "../golden/load.ts";
import { philoxStream, wordsOf } from "../oracle/philox.ts";
import { runCases, testGpu } from "../gpu_fixture.ts";

/** One block: what goes in, and what must come out. */
interface Row {
  name: string;
  counter: Words4;
  key: [number, number];
  expected: number[];
}

function knownAnswers(): Row[] {
  const rows = loadKat().vectors.filter((v) => v.generator === "philox4x32" && v.rounds === 10);
  assertEquals(rows.length, 3);
  return rows.map(({ ctr, key, expected }) => {
    const [counter, keyWords, words] = [ctr, key, expected].map((list) => list.map((w) => parseInt(w, 16)));
    return {
      name: `Random123 ${ctr[0]}`,
      counter: counter as Words4,
      key: keyWords as [number, number],
      expected: words,
    };
  });
}

/** The streams' runs, block by block: the counter is the offset plus the block, and the subsequence. */
function streamBlocks(): Row[] {
  return loadPhiloxStreams().streams.flatMap(({ seed, subsequence, block_offset: offset, u32 }) => {
    const key = wordsOf(BigInt(seed), 2) as [number, number];
    return Array.from({ length: u32.length / 4 }, (_, block) => {
      const counter = [...wordsOf(BigInt(offset) + BigInt(block), 2), ...wordsOf(BigInt(subsequence), 2)];
      return {
        name: `seed ${seed} subsequence ${subsequence} block ${block}`,
        counter: counter as Words4,
        key,
        expected: u32.slice(4 * block, 4 * block + 4),
      };
    });
  });
}

Deno.test("philox4x32-10: kernel and host twin both give every known answer", async () => {
  const rows = [...knownAnswers(), ...streamBlocks()], kernel = random("philox", "bits");
  assert(rows.length >= 25);
  const results = await runCases(
    await testGpu(),
    rows.map(({ counter: [block_lo, block_hi, stream0, stream1], key: [key0, key1] }) => ({
      kernel,
      inputs: { out: 4 },
      params: { n: 1, count: 4, skip: 0, block_lo, block_hi, key0, key1, stream0, stream1 },
    })),
  );
  rows.forEach(({ name, counter, key, expected }, i) => {
    assertEquals([...results[i].out], expected, `kernel: ${name}`);
    assertEquals(philox4x32(counter, key), expected, `host: ${name}`);
  });
});

Deno.test("philox4x32-7: the host twin gives the known answers of another number of rounds", () => {
  const rows = loadKat().vectors.filter((v) => v.generator === "philox4x32" && v.rounds === 7);
  assertEquals(rows.length, 3);
  for (const row of rows) {
    const [counter, key, expected] = [row.ctr, row.key, row.expected].map((list) =>
      list.map((w) => parseInt(w, 16))
    );
    assertEquals(philox4x32(counter as Words4, key as [number, number], 7), expected);
  }
});

Deno.test("a stream on the host is the oracle's, through every carry and from every lane", () => {
  const words: KeyWords = [0x9abcdef0, 0x12345678, 0x76543210, 0xfedcba98], key = new Key("philox", words);
  const place = { seed: 0x123456789abcdef0n, subsequence: 0xfedcba9876543210n };
  for (const blockOffset of [0n, 1n, (1n << 32n) - 2n, (1n << 32n) - 1n, 1n << 32n, (1n << 64n) - 5n]) {
    const expected = philoxStream({ ...place, blockOffset }, 20);
    for (const skip of [0, 1, 2, 3]) {
      const count = 20 - skip, start = blockOffset * 4n + BigInt(skip);
      assertEquals([...drawOnHost(key, { kind: "bits" }, { start, count })], [...expected.subarray(skip)]);
    }
  }
});
