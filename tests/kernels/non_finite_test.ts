import { assertEquals } from "@std/assert";
import { firstNonFiniteStep, noteNonFinite } from "../../kernels/mod.ts";
import { f32, runCases, testGpu, u32 } from "../gpu_fixture.ts";

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
    const lanes = n % 4 === 0 ? [1, 4] as const : [1] as const;
    const places = [...new Set([0, 1, 2, 3, n >> 1, n - 3, n - 2, n - 1])].filter((at) => at >= 0 && at < n);
    const cases = lanes.flatMap((lanes) =>
      places.flatMap((at) =>
        [...NOT_FINITE, ...FINITE].map((bits) => ({
          bits,
          name: `${lanes} lanes, ${bits.toString(16)} at ${at} of ${n}`,
          kernel: noteNonFinite(lanes),
          inputs: { x: withBits(n, at, bits), cursor: u32([7, 0]), seen: u32([0, 0, 9]) },
          params: { n, slot: 1 },
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
  const gpu = await testGpu(), x = f32([1, Infinity, 2, 3]), params = { n: 4, slot: 0 };
  for (const [before, step, expected] of [[undefined, 0, 0], [3, 5, 3], [5, 3, 3], [undefined, 12, 12]]) {
    const seen = before === undefined ? 0 : 0xffffffff - before;
    const [result] = await runCases(gpu, [{
      kernel: noteNonFinite(4),
      inputs: { x, cursor: u32([step!, 0]), seen: u32([seen]) },
      params,
    }]);
    assertEquals(firstNonFiniteStep(result.seen[0]), expected);
  }
});
