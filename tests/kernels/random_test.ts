import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Gpu, type GpuBuffer, type HostArray } from "../../src/gpu/mod.ts";
import { type Distribution, drawOnHost, type Key, key, recordDraw, sampler } from "../../src/random/mod.ts";
import { FEW_BLOCKS, type GeneratorName, NORMAL_TABLE, random } from "../../kernels/mod.ts";
import { runCases, testGpu } from "../gpu_fixture.ts";
import { RANDOM_CUTS, RANDOM_KINDS } from "./random_kinds.ts";

const GENERATORS: GeneratorName[] = ["philox", "threefry", "threefry_original"];

/** One of every kind, with numbers that need rounding. */
const DISTRIBUTIONS: Distribution[] = [
  { kind: "constant", value: 0.1 },
  { kind: "bits" },
  { kind: "integers", low: -7, high: 2 ** 31 - 1 - 7 },
  { kind: "integers", low: -(2 ** 31), high: 2 ** 30 }, // a quarter of the words is tried again
  { kind: "uniform", low: 0, high: 1 },
  { kind: "uniform", low: -0.3, high: 0.7 },
  { kind: "bounded", bound: 1 / Math.sqrt(784) },
  { kind: "bernoulli", probability: 0.3 },
  { kind: "normal", mean: 0, std: 0.1 },
  { kind: "normal", mean: 0.3, std: 0.1 },
  { kind: "truncated_normal", mean: 0.1, std: 0.7, low: -0.5, high: 1 },
];

interface Draw {
  key: Key;
  distribution: Distribution;
  start: bigint;
  count: number;
}

/** Draws on the device, one behind the other with one wait, and holds each against the host's bits. */
async function assertTwins(draws: Draw[]): Promise<void> {
  const gpu = await testGpu();
  using stack = new DisposableStack();
  const guard = 0xdeadbeef;
  const buffers: GpuBuffer[] = draws.map(({ key, distribution, count }) => {
    const { type } = sampler(distribution, key.generator), buffer = gpu.buffer("draw", type, count + 1);
    gpu.write(buffer, typed(type, Uint32Array.of(guard)), count);
    return stack.use(buffer);
  });
  const program = stack.use(
    await gpu.record("draws", (r) => {
      draws.forEach(({ key, distribution, start, count }, i) =>
        recordDraw(r, key, distribution, buffers[i], { start, count })
      );
    }),
  );
  program.submit();
  const results = await gpu.readAll(buffers) as HostArray[];
  draws.forEach(({ key, distribution, start, count }, i) => {
    const expected = drawOnHost(key, distribution, { start, count });
    const actual = new Uint32Array(results[i].buffer), wanted = new Uint32Array(expected.buffer);
    const label = `${key} ${JSON.stringify(distribution)} from ${start}, ${count} elements`;
    assertEquals(actual[count], guard, `${label}: the element past the end stays`);
    const wrong = wanted.findIndex((word, j) => word !== actual[j]);
    assert(wrong < 0, `${label}: element ${wrong} is ${results[i][wrong]}, not ${expected[wrong]}`);
  });
}

function typed(type: string, words: Uint32Array<ArrayBuffer>): HostArray {
  if (type === "f32") return new Float32Array(words.buffer);
  return type === "i32" ? new Int32Array(words.buffer) : words;
}

for (const generator of GENERATORS) {
  Deno.test(`${generator}: every kind of number has the host's bits, from any start, across 2^32 blocks`, async () => {
    const source = key(0x123456789abcdef0n, generator).stream("0.weight");
    const starts = generator === "threefry_original" ? [0n, 1n, 1001n, (1n << 32n) - 2000n] : [
      0n,
      1n,
      1002n,
      (1n << 34n) - 997n,
      1n << 34n,
      (generator === "philox" ? 1n << 66n : 1n << 64n) - 1031n,
    ];
    await assertTwins(
      DISTRIBUTIONS.flatMap((distribution) =>
        starts.map((start) => ({ key: source, distribution, start, count: 1031 }))
      ),
    );
  });
}

Deno.test("philox: any seed, stream, start and count has the host's bits", async () => {
  const places = [0n, 1n << 32n, 1n << 34n, 1n << 65n];
  const draw = fc.record({
    seed: fc.bigInt(-(1n << 63n), (1n << 64n) - 1n),
    stream: fc.string(),
    place: fc.constantFrom(...places),
    before: fc.integer({ min: 0, max: 40 }),
    count: fc.integer({ min: 0, max: 70 }),
    distribution: fc.constantFrom(...DISTRIBUTIONS),
  }).map(({ seed, stream, place, before, count, distribution }): Draw => ({
    key: key(seed).stream(stream),
    distribution,
    start: place > BigInt(before) ? place - BigInt(before) : BigInt(before),
    count,
  }));
  await fc.assert(
    fc.asyncProperty(fc.array(draw, { minLength: 1, maxLength: 8 }), assertTwins),
    { numRuns: 30 },
  );
});

Deno.test("any bounds and any scale that are accepted give the host's bits", async () => {
  const magnitude = fc.tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -32, max: 37 }))
    .map(([digits, exponent]) => digits * 10 ** exponent);
  const signed = fc.tuple(magnitude, fc.constantFrom(-1, 0, 1)).map(([x, sign]) => x * sign);
  const distribution: fc.Arbitrary<Distribution> = fc.oneof(
    fc.record({ kind: fc.constant("bounded" as const), bound: magnitude }),
    fc.record({ kind: fc.constant("uniform" as const), low: signed, high: signed }),
    fc.record({ kind: fc.constant("normal" as const), mean: signed, std: magnitude }),
  );
  const source = key(3).stream("scales");
  const accepted = distribution.filter((d) => {
    try {
      return sampler(d, "philox") !== undefined;
    } catch {
      return false;
    }
  });
  const draw = accepted.map((d): Draw => ({ key: source, distribution: d, start: 5n, count: 200 }));
  await fc.assert(fc.asyncProperty(fc.array(draw, { minLength: 4, maxLength: 12 }), assertTwins), {
    numRuns: 25,
  });
});

Deno.test("a uniform number is never below its lower bound and never reaches the upper one", async () => {
  const gpu = await testGpu(), count = 2 ** 16, source = key(1).stream("bounds");
  // So far from zero that u * width + low rounds to the upper bound for a part of the words.
  for (const [low, high] of [[0, 1], [-0.1, 0.1], [1, 1 + 2 ** -20], [-5, 3], [1000, 1000.001]]) {
    using out = gpu.buffer("uniform", "f32", count);
    using program = await gpu.record("uniform", (r) => {
      recordDraw(r, source, { kind: "uniform", low, high }, out);
    });
    program.submit();
    const values = await gpu.read(out);
    assert(values.every((x) => x >= Math.fround(low) && x < Math.fround(high)), `${low} to ${high}`);
  }
});

Deno.test("an element does not depend on the draw that it is made in", async () => {
  const gpu = await testGpu(), source = key(9).stream("shards"), count = 1000;
  const distribution: Distribution = { kind: "normal", mean: 0, std: 1 };
  const whole = drawOnHost(source, distribution, { count });
  using out = gpu.buffer("shard", "f32", count);
  for (const [start, end] of [[0, 1], [1, 4], [4, 259], [259, 1000]]) {
    using program = await gpu.record("shard", (r) => {
      recordDraw(r, source, distribution, out, { start, count: end - start });
    });
    program.submit();
    assertEquals([...await gpu.read(out, 0, end - start)], [...whole.subarray(start, end)]);
  }
});

Deno.test("a network's weights and biases, whole blocks or not, are drawn by one kernel", async () => {
  using gpu = await Gpu.open();
  using stack = new DisposableStack();
  const buffers = [12, 3, 30, 10].map((count) => stack.use(gpu.buffer("draw", "f32", count)));
  using program = await gpu.record("network", (r) => {
    for (const out of buffers) recordDraw(r, key(0), { kind: "bounded", bound: 1 }, out);
  });
  program.submit();
  await gpu.idle();
  assertEquals(gpu.pipelines.compiled, 1);
});

Deno.test("few blocks and many, drawn by kernels of their own, have the host's bits", async () => {
  const few = 4 * FEW_BLOCKS;
  await assertTwins(
    (["philox", "threefry"] as const).flatMap((generator) =>
      [few - 1, few, few + 1].map((count, i) => ({
        key: key(5, generator),
        distribution:
          ([{ kind: "bits" }, { kind: "uniform", low: 0, high: 1 }, { kind: "bits" }] as const)[i],
        start: 0n,
        count,
      }))
    ),
  );
});

/** A place where the blocks' lower word is nearly full, and parameters for every kind. */
const PLACE = { skip: 0, block_lo: 2 ** 32 - 1001, block_hi: 7, key0: 1, key1: 2, stream0: 3, stream1: 4 };
const PARAMS = { sigma: 0.3, mean: 0.1, low: -2, high: 2, first: 2 ** 29, span: 2 ** 31 + 1, zero: 0 };
const OTHERS = { bound: 0.3, width: 4, below: 1.9999999, threshold: 2 ** 22, range: 1000, uneven: 2 ** 31 };

/** Draws with several kernels, each of which makes the same of the same blocks, of more than one value or as many as are given. */
async function assertSame(n: number, kernels: ReturnType<typeof random>[], moreThan = 1): Promise<void> {
  const count = 4 * n,
    params = { ...PLACE, ...PARAMS, ...OTHERS, n, count, total: count, half_total: count / 2 };
  const drawn = await runCases(
    await testGpu(),
    kernels.map((kernel) => ({ kernel, inputs: { out: count }, params })),
  );
  drawn.forEach(({ out }, i) => {
    assertEquals(out, drawn[0].out, `${kernels[i].name} and ${kernels[0].name} ${n}`);
    assert(new Set(out).size > moreThan, kernels[i].name);
  });
}

for (const generator of GENERATORS) {
  Deno.test(`${generator}: few whole blocks, many, or any range, by kernels of their own: the same bits`, async () => {
    for (const n of [1, 2, 3, 15, 1001]) {
      for (const kind of RANDOM_KINDS) {
        await assertSame(
          n,
          RANDOM_CUTS.map((cut) => random(generator, kind, cut)),
        );
      }
    }
  });

  Deno.test(`${generator}: where the normal's table lies changes no bit, whatever is drawn`, async () => {
    for (const n of [1, 2, 3, 15, 1001]) {
      for (const kind of ["normal", "shifted_normal", "truncated_normal"] as const) {
        await assertSame(
          n,
          RANDOM_CUTS.flatMap((cut) =>
            (["uniform", "image"] as const).map((store) => random(generator, kind, cut, store))
          ),
          2,
        );
      }
    }
  });
}

Deno.test("the normal's coefficients keep the bounds that its products rely on", () => {
  for (let at = 0; at < NORMAL_TABLE.length; at += 4) {
    const [, c1, c2, c3] = NORMAL_TABLE.subarray(at, at + 4);
    assert(c1 < 2 ** 31 && c2 <= c1 && c3 <= c2, `row ${at / 4}: ${[c1, c2, c3]}`);
  }
});
