/**
 * Same seed, same bits: the table on the host twin and on the adapter at hand, and what must not matter, whatever the bits are: how
 * a range is split, and the workgroup size.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { type Kernel, linearGrid } from "../../kernels/mod.ts";
import {
  type Call,
  type Gpu,
  type GpuBuffer,
  type HostArray,
  Recorder,
  type Resource,
} from "../../src/gpu/mod.ts";
import { type Distribution, type GeneratorName, key, recordDraw, sampler } from "../../src/random/mod.ts";
import { testGpu } from "../gpu_fixture.ts";
import { CASES, DISTRIBUTIONS, GENERATORS } from "./cases.ts";
import { goldenSha256 } from "./golden.ts";
import { oracle } from "./oracle.ts";
import { type Case, describe } from "./row.ts";
import { drawCases, type Outcome, runConformance, sha256 } from "./run.ts";
import { TABLE } from "./table.ts";

/** Rows up to this size are drawn by the slow oracle as well. */
const SHORT = 2000;

/** Every generator with every distribution. */
const PAIRS = GENERATORS.flatMap((generator) =>
  DISTRIBUTIONS.map((distribution) => ({ generator, distribution }))
);

function mismatches(outcomes: readonly Outcome[]): string[] {
  return outcomes.filter(({ ok }) => !ok).map(({ row, sha256 }) => `${describe(TABLE[row])} is ${sha256}`);
}

Deno.test("the table asks for the cases", () => {
  assertEquals(TABLE.map(({ sha256: _, ...c }) => c as Case), JSON.parse(JSON.stringify(CASES)));
});

Deno.test("every row is confirmed by a second source: another system, or the oracle", async () => {
  for (const row of TABLE) {
    if (row.golden !== undefined) assertEquals(await goldenSha256(row.golden), row.sha256, describe(row));
    else if (row.count <= SHORT) assertEquals(await sha256(oracle(row)), row.sha256, describe(row));
  }
});

Deno.test("the host twin matches every row", async () => {
  assertEquals(mismatches(await runConformance(null, TABLE)), []);
});

Deno.test("the adapter at hand matches every row", async () => {
  assertEquals(mismatches(await runConformance(await testGpu(), TABLE)), []);
});

Deno.test("a row with other bytes is found out", async () => {
  const row = TABLE.find(({ count }) => count > 0)!, gpu = await testGpu();
  const changed = { ...row, sha256: row.sha256.replace(/^./, (c) => c === "0" ? "1" : "0") };
  for (const on of [null, gpu]) {
    assertEquals((await runConformance(on, [row, changed])).map(({ ok }) => ok), [true, false]);
  }
});

Deno.test("a seed of -1 is the seed 2^64 - 1, and rows that differ in their keys differ", () => {
  const plain = TABLE.filter((row) =>
    row.generator === "philox" && row.distribution.kind === "bits" && row.start === "0" && row.count === 17
  );
  const hash = (seed: string): string => plain.find((row) => row.seed === seed && isRoot(row))!.sha256;
  assertEquals(hash("-1"), hash(String(2n ** 64n - 1n)));
  assertEquals(new Set(plain.map(({ sha256 }) => sha256)).size, plain.length - 1);
});

function isRoot({ streams, folds, splits }: Case): boolean {
  return streams.length + folds.length + splits.length === 0;
}

/** Elements in a range that is split. */
const WHOLE = 997;

Deno.test("whatever parts a range is drawn in, together they are the whole", async () => {
  const gpu = await testGpu();
  const cuts = fc.array(fc.nat(WHOLE), { maxLength: 4 }).map((at) => [0, ...at.sort((a, b) => a - b), WHOLE]);
  const starts = fc.bigInt(0n, (1n << 66n) - BigInt(WHOLE)), lowStarts = fc.nat(2 ** 31 - WHOLE);
  await fc.assert(
    fc.asyncProperty(starts, lowStarts, cuts, async (high, low, at) => {
      const wholes = PAIRS.map((pair) => wholeOf(pair, high, low));
      const parts = wholes.flatMap((whole) => at.slice(1).map((end, i) => partOf(whole, at[i], end)));
      const drawn = (await drawCases(gpu, [...wholes, ...parts])).map(bytesOf);
      wholes.forEach((whole, i) => {
        const own = drawn.slice(wholes.length + i * (at.length - 1)).slice(0, at.length - 1);
        assertEquals(own.flatMap((bytes) => [...bytes]), [...drawn[i]], describe(whole));
      });
    }),
    { numRuns: 8, seed: 1, interruptAfterTimeLimit: 8_000 },
  );
});

/** The range to be split: Threefry ends at 2^64, JAX's original layout at 2^32, and needs to know the tensor's size. */
function wholeOf(
  pair: { generator: GeneratorName; distribution: Distribution },
  high: bigint,
  low: number,
): Case {
  const common = { ...pair, seed: "11", streams: [], folds: [], splits: [], count: WHOLE };
  if (pair.generator === "philox") return { ...common, start: String(high) };
  if (pair.generator === "threefry") return { ...common, start: String(high >> 3n) };
  return { ...common, start: String(low), total: 2 * low + WHOLE };
}

function partOf(whole: Case, begin: number, end: number): Case {
  return { ...whole, start: String(BigInt(whole.start) + BigInt(begin)), count: end - begin };
}

function bytesOf(values: HostArray): Uint8Array {
  return new Uint8Array(values.buffer);
}

for (const size of [37, 64]) {
  Deno.test(`a workgroup of ${size} draws the same bits as the usual one`, async () => {
    const gpu = await testGpu();
    const draws = PAIRS.map((pair) => ({ ...pair, start: 3n, count: 1001 }));
    await assertSameBits(gpu, size, draws);
  });
}

Deno.test("more workgroups than fit one dimension draw the same bits", async () => {
  const distribution = { kind: "normal", mean: 0, std: 1 } as const;
  await assertSameBits(await testGpu(), 1, [{
    generator: "philox",
    distribution,
    start: 1n,
    count: 300_001,
  }]);
});

/** What one dispatch draws. */
interface Draw {
  generator: GeneratorName;
  distribution: Distribution;
  start: bigint;
  count: number;
}

/** Draws with the usual workgroups and with others of the given size, in one program, and compares. */
async function assertSameBits(gpu: Gpu, size: number, draws: readonly Draw[]): Promise<void> {
  using stack = new DisposableStack();
  const buffer = ({ generator, distribution, count }: Draw): GpuBuffer =>
    stack.use(gpu.buffer("sizes", sampler(distribution, generator).type, count));
  const buffers = [draws.map(buffer), draws.map(buffer)];
  const program = stack.use(
    await gpu.record("sizes", (recorder) => {
      for (const [i, target] of [recorder, new Resizing(recorder, size)].entries()) {
        draws.forEach(({ generator, distribution, ...range }, at) =>
          recordDraw(target, key(9, generator), distribution, buffers[i][at], range)
        );
      }
    }),
  );
  program.submit();
  const results = (await gpu.readAll(buffers.flat())).map(bytesOf);
  draws.forEach(({ generator, distribution }, i) => {
    assert(results[i].some((byte) => byte !== 0));
    assertEquals(results[draws.length + i], results[i], `${generator} ${distribution.kind}`);
  });
}

/** A recorder whose dispatches have workgroups of another size. */
class Resizing extends Recorder {
  readonly #recorder: Recorder;
  readonly #size: number;

  constructor(recorder: Recorder, size: number) {
    super(recorder.gpu);
    this.#recorder = recorder;
    this.#size = size;
  }

  override dispatch<B extends string, P extends string>(
    kernel: Kernel<B, P>,
    buffers: Readonly<Record<B, Resource>>,
    params: Readonly<Record<P, number>>,
  ): Call {
    return this.#recorder.dispatch(resized(kernel, this.#size), buffers, params);
  }
}

/** An elementwise kernel with its workgroup size replaced, in the text and in the grid. */
function resized<B extends string, P extends string>(kernel: Kernel<B, P>, size: number): Kernel<B, P> {
  const usual = Number(/@workgroup_size\((\d+)\)/.exec(kernel.body)![1]);
  const body = kernel.body.replace(`@workgroup_size(${usual})`, `@workgroup_size(${size})`)
    .replace(`* ${usual}u + lane`, `* ${size}u + lane`);
  assertNotEquals(usual, size);
  assert(!body.includes(`${usual}u + lane`) && body.includes(`* ${size}u + lane`));
  return {
    ...kernel,
    body,
    workgroups: (params: Readonly<Record<string, number>>) => linearGrid(Math.ceil(params.n / size)),
  };
}
