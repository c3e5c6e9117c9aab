import { assertEquals } from "@std/assert";
import {
  adam,
  firstNonFiniteStep,
  type Kernel,
  type LookedAtAs,
  MOST_IMAGES_LOOKED_AT,
  MOST_LOOKED_AT,
  noteNonFinite,
  sgd,
  sgdMomentum,
} from "../../kernels/mod.ts";
import { bitsOf, f32, runCases, testGpu, u32 } from "../gpu_fixture.ts";

/** One element of the exponent's ones with each kind of mantissa and sign, as bits. */
const NOT_FINITE = [0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff];

/** The finite float32s that are nearest to one, and 0. */
const FINITE = [0, 0x80000000, 0x7f7fffff, 0xff7fffff, 1, 0x007fffff, 0x3f800000];

const withBits = (n: number, at: number, bits: number) => {
  const words = new Uint32Array(n);
  words[at] = bits;
  return new Float32Array(words.buffer);
};

Deno.test("one number that is not finite is seen wherever it lies, and no other is", async () => {
  const gpu = await testGpu();
  const sizes = [1, 2, 3, 4, 5, 7, 8, 31, 64, 255, 256, 257, 2047, 2048, 2049, 8191, 8192, 8196, 20_000];
  for (const n of sizes) {
    const ways = n % 4 === 0 ? [1, 4, "image"] as const : [1] as const;
    const places = [...new Set([0, 1, 2, 3, n >> 1, n - 3, n - 2, n - 1])].filter((at) => at >= 0 && at < n);
    const cases = ways.flatMap((how) =>
      places.flatMap((at) =>
        [...NOT_FINITE, ...FINITE].map((bits) => ({
          bits,
          name: `as ${how}, ${bits.toString(16)} at ${at} of ${n}`,
          kernel: noteNonFinite([how]) as Kernel,
          inputs: { x0: withBits(n, at, bits), cursor: u32([7, 0]), seen: u32([0, 0, 9]) },
          params: { n0: n, slot: 1 },
        }))
      )
    );
    const results = await runCases(gpu, cases);
    cases.forEach(({ name, bits }, i) => {
      const [before, seen, after] = results[i].seen;
      assertEquals([before, after], [0, 9], name);
      assertEquals(firstNonFiniteStep(seen), NOT_FINITE.includes(bits) ? 7 : undefined, name);
    });
  }
});

Deno.test("the first step is kept, whatever is seen later; the first of all is step 0", async () => {
  const gpu = await testGpu(), x = f32([1, Infinity, 2, 3]), params = { n0: 4, slot: 0 };
  for (const [before, step, expected] of [[undefined, 0, 0], [3, 5, 3], [5, 3, 3], [undefined, 12, 12]]) {
    const seen = before === undefined ? 0 : 0xffffffff - before;
    const [result] = await runCases(gpu, [{
      kernel: noteNonFinite([4]) as Kernel,
      inputs: { x0: x, cursor: u32([step!, 0]), seen: u32([seen]) },
      params,
    }]);
    assertEquals(firstNonFiniteStep(result.seen[0]), expected);
  }
});

Deno.test("one look at several buffers of any length tells them apart", async () => {
  const gpu = await testGpu(), lengths = [4, 8192, 12, 8196, 20, 16_388];
  const ways: LookedAtAs[][] = [[1, 1], [4, 4], ["image", 1], [1, 4, "image", "image", 4, 1]];
  ways.push(Array(MOST_LOOKED_AT).fill(1), Array(MOST_IMAGES_LOOKED_AT).fill("image"));
  for (const how of ways) {
    const count = how.length;
    for (const j of lengths.slice(0, count).keys()) {
      const inputs = Object.fromEntries(lengths.map((length, k) => [
        `x${k}`,
        k === j ? withBits(length, length - 1, 0x7f800000) : new Float32Array(length),
      ]));
      const [{ seen }] = await runCases(gpu, [{
        kernel: noteNonFinite(how) as Kernel,
        inputs: { ...inputs, cursor: u32([2, 0]), seen: new Uint32Array(count + 2) },
        params: { ...Object.fromEntries(lengths.map((length, k) => [`n${k}`, length])), slot: 1 },
      }]);
      const expected = Array.from(
        { length: count + 2 },
        (_, slot) => slot === j + 1 ? 2 : undefined,
      );
      assertEquals([...seen].map(firstNonFiniteStep), expected, `as ${how}, ${j}`);
    }
  }
});

Deno.test("an update that looks gives the bits of one that does not, and sees what it writes", async () => {
  const gpu = await testGpu(), params = { lr: 0.5, weight_decay: 0.25, momentum: 0.9 };
  const ofAdam = { beta1: 0.9, beta2: 0.99, rest1: 0.1, rest2: 0.01, eps: 1e-8, weight_decay: 0, shrink: 0 };
  for (const lanes of [1, 4] as const) {
    for (const n of [4, 1020, 1024, 4096, 4100, 5000]) {
      for (const at of [undefined, 0, 3, n - 1]) {
        const gradient = f32(Array.from({ length: n }, (_, i) => i === at ? Infinity : Math.sin(i)));
        const pairs: [Kernel, Kernel, Record<string, number>][] = [
          [sgd(lanes), sgd(lanes, true), params],
          [sgdMomentum(true, lanes), sgdMomentum(true, lanes, true), params],
          [adam(lanes), adam(lanes, true), ofAdam],
        ];
        const [state, weight] = [f32(new Float32Array(n).fill(0.5)), f32(gradient.map((_, i) => i / n))];
        const buffers = { gradient, weight, velocity: state, first: state, second: state };
        const inputs = { ...buffers, schedule: f32([1, 1]), cursor: u32([0, 0]), seen: u32([0, 0]) };
        const results = await runCases(
          gpu,
          pairs.flatMap(([plain, looking, params]) =>
            [plain, looking].map((kernel) => ({
              kernel,
              inputs,
              params: { ...params, n: n / lanes, slot: 1 },
            }))
          ),
        );
        pairs.forEach(([, { name }], i) => {
          const [plain, looking] = results.slice(2 * i);
          assertEquals(bitsOf(looking.weight), bitsOf(plain.weight), name);
          const seen = [...looking.seen as Uint32Array].map(firstNonFiniteStep);
          assertEquals(seen, [undefined, at === undefined ? undefined : 0], `${name} ${n} ${at}`);
        });
      }
    }
  }
});
