import { assertEquals } from "@std/assert";
import { adam, firstNonFiniteStep, type Kernel, sgd, sgdMomentum } from "../../kernels/mod.ts";
import { type Look, recordBiasUpdate, type Recorder, recordMatmul } from "../../src/gpu/mod.ts";
import { sgd as sgdOptimizer } from "../../src/train/mod.ts";
import { bitsOf, f32, runCases, testGpu, u32 } from "../gpu_fixture.ts";
import { assertBitsEqual } from "../oracle/compare.ts";
import { uniformInputs } from "../oracle/random.ts";
import { FORMS, stored, VARIANTS } from "./matmul_cases.ts";

/** One element of the exponent's ones with each kind of mantissa and sign, as bits. */
const NOT_FINITE = [0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff];

/** The finite float32s that are nearest to one, and 0. */
const FINITE = [0, 0x80000000, 0x7f7fffff, 0xff7fffff, 1, 0x007fffff, 0x3f800000];

const STEP = 7;

/** Numbers of 0 but for one place. */
function zerosBut(n: number, at: number, bits: number): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(n);
  words[at] = bits;
  return new Float32Array(words.buffer);
}

/** What each slot has seen when the program has run once; slots whose place is undefined in `expected` have seen nothing. */
async function assertSeen(
  expected: readonly (number | undefined)[],
  record: (r: Recorder, stack: DisposableStack, look: (slot: number) => Look) => void,
  what: string,
): Promise<void> {
  const gpu = await testGpu();
  using stack = new DisposableStack();
  const cursor = stack.use(gpu.buffer("cursor", "u32", 2, u32([STEP, 0])));
  const seen = stack.use(gpu.buffer("seen", "u32", expected.length));
  const program = stack.use(
    await gpu.record("look", (r) => record(r, stack, (slot) => ({ seen, cursor, slot }))),
  );
  program.submit();
  assertEquals([...await gpu.read(seen)].map(firstNonFiniteStep), expected, what);
}

/** Results of one element, one past a four, one past a tile in either direction, and some of each form's remainders. */
const SIZES = [[1, 1], [1, 4], [3, 5], [5, 3], [8, 64], [9, 65], [17, 68], [33, 10], [65, 66]];

for (const form of FORMS) {
  Deno.test(`matmul ${form}, looking: one infinity is seen wherever it lies, and the product has the same bits`, async () => {
    for (const variant of VARIANTS) {
      for (const [m, n] of SIZES) {
        const sizes = { m, n, k: 1 }, ends = (count: number) => [...new Set([0, count >> 1, count - 1])];
        const places = ends(m).flatMap((row) => ends(n).map((column) => [row, column]));
        const one = (count: number, at: number) =>
          f32(Array.from({ length: count }, (_, i) => i === at ? 1e38 : 0.5));
        await assertSeen(
          [undefined, ...places.map(() => STEP)],
          (r, stack, look) =>
            [[-1, -1], ...places].forEach(([row, column], slot) => {
              const inputs = stored(form, one(m, row), one(n, column), sizes);
              const [a, b] = [inputs.a, inputs.b].map((x) =>
                stack.use(r.gpu.buffer("operand", "f32", x.length, x))
              );
              const out = stack.use(r.gpu.buffer("out", "f32", m * n));
              recordMatmul(r, form, "none", { a, b, out }, sizes, { variant, look: look(slot) });
            }),
          `${m}x${n} ${JSON.stringify(variant)}`,
        );
      }
    }
    const sizes = { m: 17, n: 68, k: 5 }, gpu = await testGpu();
    const inputs = stored(form, f32(uniformInputs(17 * 5, 1)), f32(uniformInputs(68 * 5, 2)), sizes);
    using a = gpu.buffer("a", "f32", inputs.a.length, inputs.a);
    using b = gpu.buffer("b", "f32", inputs.b.length, inputs.b);
    using words = gpu.buffer("seen and cursor", "u32", 2);
    using seen = gpu.buffer("seen", "u32", 1);
    for (const variant of VARIANTS) {
      using plain = gpu.buffer("plain", "f32", 17 * 68);
      using looking = gpu.buffer("looking", "f32", 17 * 68);
      using program = await gpu.record("both", (r) => {
        recordMatmul(r, form, "none", { a, b, out: plain }, sizes, { variant });
        const look = { seen, cursor: words, slot: 0 };
        recordMatmul(r, form, "none", { a, b, out: looking }, sizes, { variant, look });
      });
      program.submit();
      const [expected, actual] = await gpu.readAll([plain, looking] as const);
      assertBitsEqual(actual, expected, JSON.stringify(variant));
    }
  });
}

Deno.test("every kind of number that is not finite is seen in an output, and no other", async () => {
  const kinds = [...NOT_FINITE, ...FINITE];
  for (const variant of VARIANTS) {
    for (const n of [10, 12]) {
      await assertSeen(
        kinds.map((bits) => NOT_FINITE.includes(bits) ? STEP : undefined),
        (r, stack, look) =>
          kinds.forEach((bits, slot) => {
            // Zeros multiplied: what is stored is the bias.
            const [a, b, out] = [3, n, 3 * n].map((count) => stack.use(r.gpu.buffer("x", "f32", count)));
            const bias = stack.use(r.gpu.buffer("bias", "f32", n, zerosBut(n, n - 1, bits)));
            const options = {
              variant: variant.operands === "images" ? VARIANTS[0] : variant,
              look: look(slot),
            };
            recordMatmul(r, "nt", "bias", { a, b, bias, out }, { m: 3, n, k: 1 }, options);
          }),
        `${n} columns ${JSON.stringify(variant)}`,
      );
    }
  }
});

Deno.test("the first step is kept, whatever is seen later; the first of all is step 0", async () => {
  const gpu = await testGpu();
  for (const [before, step, expected] of [[undefined, 0, 0], [3, 5, 3], [5, 3, 3], [undefined, 12, 12]]) {
    const [{ seen }] = await runCases(gpu, [{
      kernel: sgd(1, true) as Kernel,
      inputs: {
        weight: f32([1, 2]),
        gradient: f32([Infinity, 0]),
        cursor: u32([step!, 0]),
        seen: u32([before === undefined ? 0 : 0xffffffff - before]),
      },
      params: { n: 2, lr: 1, weight_decay: 0, slot: 0 },
    }]);
    assertEquals(firstNonFiniteStep(seen[0]), expected);
  }
});

Deno.test("a bias's gradient and the bias are told apart: of two that are not finite, the gradient is noted", async () => {
  const { rule, params } = sgdOptimizer({ lr: 2 });
  // In the gradient; in the bias alone, which the step makes infinite; in the bias before the step; in neither.
  const cases = [[Infinity, 0, 0], [NaN, NaN, 0], [-3e38, 3e38, 1], [1, Infinity, 1], [3e38, 1, 1], [
    1,
    2,
    undefined,
  ]];
  for (const n of [1, 4, 10, 12, 33, 68]) {
    for (const rows of [1, 3]) {
      const places = [...new Set([0, n >> 1, n - 1])];
      const expected = places.flatMap(() =>
        cases.flatMap(([, , seen]) => [0, 1].map((slot) => slot === seen ? STEP : undefined))
      );
      await assertSeen(
        expected,
        (r, stack, look) =>
          places.flatMap((at) => cases.map((values) => ({ at, values }))).forEach(({ at, values }, i) => {
            const numbers = (count: number, place: number, value: number) => {
              const x = new Float32Array(count);
              x[place] = value;
              return stack.use(r.gpu.buffer("x", "f32", count, x));
            };
            const x = numbers(rows * n, (rows - 1) * n + at, values[0]!);
            recordBiasUpdate(r, x, rows, {
              rule,
              params,
              weight: numbers(n, at, values[1]!),
              gradient: numbers(n, 0, 0),
              buffers: {},
              look: { ...look(2 * i + 1), gradientSlot: 2 * i },
            });
          }),
        `${n} columns, ${rows} rows`,
      );
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
