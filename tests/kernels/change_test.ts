import { assert, assertEquals } from "@std/assert";
import {
  CHANGE_WORDS,
  changeGroups,
  changeOf,
  changeSums,
  copy,
  type Lanes,
  lanesFor,
} from "../../kernels/mod.ts";
import { bitsOf, f32, runCases, runKernel, testGpu, u32 } from "../gpu_fixture.ts";
import { changeNorms } from "../oracle/change.ts";
import { mulberry32, uniformInputs } from "../oracle/random.ts";

/** Nothing, primes, and one past the invocations of a group, its elements, and its fours. */
const SIZES = [
  0,
  1,
  2,
  3,
  4,
  7,
  63,
  64,
  65,
  127,
  256,
  257,
  4095,
  4096,
  4097,
  8191,
  8192,
  16384,
  16385,
  16388,
];

/**
 * A sum's relative error is below 2^-15 and a root's half of it; the change loses 2^-23 more where it is rounded. Two differences of
 * float32 that are far apart cost as much once more.
 */
const BOUND = 2 ** -15 / 2 + 2 ** -22;

function weights(count: number, seed: number, scale: number): Float32Array<ArrayBuffer> {
  return uniformInputs(count, seed).map((x) => x * scale) as Float32Array<ArrayBuffer>;
}

/** The words of one parameter's change, in the middle of a log of three entries. */
async function sums(
  pairs: readonly { before: Float32Array<ArrayBuffer>; after: Float32Array<ArrayBuffer> }[],
  lanesOf: (n: number) => Lanes,
): Promise<Uint32Array<ArrayBuffer>[]> {
  const cases = pairs.map(({ before, after }) => {
    const lanes = lanesOf(before.length), n = before.length / lanes, words = CHANGE_WORDS * changeGroups(n);
    const stride = words + 3, log = u32(new Array(3 * stride).fill(9));
    return {
      kernel: changeSums(lanes),
      inputs: { before, after, cursor: u32([1]), log },
      params: { n, stride, at: 2 },
      words,
    };
  });
  const results = await runCases(await testGpu(), cases);
  return results.map(({ log }, i) => {
    const { params: { stride, at }, words } = cases[i], begin = stride + at;
    const rest = [...log.subarray(0, begin), ...log.subarray(begin + words)];
    assert(rest.every((word) => word === 9), "nothing else is written");
    return u32(log.subarray(begin, begin + words));
  });
}

function close(found: number, expected: number, what: string, slack = 0): void {
  assert(Math.abs(found - expected) <= BOUND * expected + slack, `${what}: ${found}, not ${expected}`);
}

for (const [name, lanesOf] of [["fours", lanesFor], ["single elements", (): Lanes => 1]] as const) {
  Deno.test(`change_sums: the norms of change and parameter at every size, in ${name}`, async () => {
    const pairs = SIZES.map((n) => {
      const before = weights(n, n, 0.1), steps = weights(n, n + 1, 1e-4);
      return { before, after: before.map((x, i) => x + steps[i]) };
    });
    (await sums(pairs, lanesOf)).forEach((words, i) => {
      const { before, after } = pairs[i], found = changeOf(words), expected = changeNorms(before, after);
      close(found.change, expected.change, `change of ${SIZES[i]}`);
      close(found.size, expected.size, `size of ${SIZES[i]}`);
    });
  });

  Deno.test(`change_sums: numbers whose squares leave float32, in ${name}`, async () => {
    const scales = [1e-37, 1e-30, 1e-22, 1e-10, 1, 1e10, 1e19, 1e30, 3e38];
    const pairs = scales.flatMap((scale) =>
      [2 ** -3, 2 ** -20].map((part) => {
        const before = weights(200, 3, scale), n = mulberry32(5);
        return { before, after: before.map((x) => x * (1 + part * (n() % 3 - 1) / 2)) };
      })
    );
    (await sums(pairs, lanesOf)).forEach((words, i) => {
      const { before, after } = pairs[i], found = changeOf(words), expected = changeNorms(before, after);
      // Below the least normal number a device may take an element or a difference for 0: no more than that, for each.
      const least = 2 ** -126 * Math.sqrt(200);
      close(found.size, expected.size, `size ${i}`, least);
      close(found.change, expected.change, `change ${i}`, least);
    });
  });

  Deno.test(`change_sums: nothing moved, nothing there, and what is not finite, in ${name}`, async () => {
    const same = weights(300, 1, 1),
      zeros = new Float32Array(300),
      at = (x: number) => {
        const changed = same.slice();
        changed[299] = x;
        return changed;
      };
    const cases = [
      { before: same, after: same },
      { before: zeros, after: same },
      { before: zeros, after: zeros },
      ...[NaN, Infinity, -Infinity].map((x) => ({ before: same, after: at(x) })),
      ...[NaN, Infinity, -Infinity].map((x) => ({ before: at(x), after: at(x) })),
      { before: at(-3e38), after: at(3e38) },
    ];
    const found = (await sums(cases, lanesOf)).map(changeOf), norm = changeNorms(same, same).size;
    assertEquals(found[0].change, 0);
    close(found[0].size, norm, "size");
    close(found[1].change, norm, "change from zeros");
    assertEquals([found[1].size, found[2]], [0, { change: 0, size: 0 }]);
    for (const { change } of found.slice(3)) assertEquals(change, NaN);
    for (const { size } of found.slice(6, 9)) assertEquals(size, NaN);
  });
}

Deno.test("copy: the same bits of every normal number, at every size", async () => {
  const gpu = await testGpu();
  for (const n of SIZES) {
    const x = new Float32Array(Uint32Array.from({ length: n }, mulberry32(n)).buffer);
    const { out } = await runKernel(gpu, copy(lanesFor(n)), { x, out: n }, { n: n / lanesFor(n) });
    const isNormal = (word: number) => ![0, 0x7f800000].includes(word & 0x7f800000);
    const normal = (values: Float32Array) => [...bitsOf(f32(values))].map((w) => isNormal(w) ? w : 0);
    assertEquals(normal(out as Float32Array), normal(x), `${n}`);
  }
});
