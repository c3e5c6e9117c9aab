import { assert, assertEquals } from "@std/assert";
import { NORMAL_SEGMENTS, NORMAL_TABLE } from "../../kernels/mod.ts";
import { type Distribution, drawOnHost, key, normalOfTail, recordDraw } from "../../src/random/mod.ts";
import { fitNormalTable } from "../oracle/inverse_normal_fit.ts";
import { inverseNormalCdf, normalCdf } from "../oracle/normal.ts";
import { mulberry32 } from "../oracle/random.ts";
import { testGpu } from "../gpu_fixture.ts";

/** What the documentation promises beside half a float32 step. */
const ACCURACY = 1.3e-8;

/** Half the distance between the float32 numbers around x. */
function halfStep(x: number): number {
  return 2 ** (Math.floor(Math.log2(Math.abs(x))) - 24);
}

/** The tail of a word as Philox's normal takes it: an odd number of units of 2^-33. */
function tailOf(word: number): number {
  return ((word << 1) | 1) >>> 0;
}

function assertAccurate(tail: number): void {
  const exact = -inverseNormalCdf(tail * 2 ** -33), actual = normalOfTail(tail, false);
  const off = Math.abs(actual - exact);
  assert(off <= ACCURACY + halfStep(exact), `tail ${tail}: ${actual} instead of ${exact}, off by ${off}`);
}

/** The tails of a segment in rising order, at most `most` of them: both ends, and evenly between. */
function tailsOf(octave: number, segment: number, most: number): number[] {
  const unit = 2 ** (31 - octave), edge = (s: number) => unit * (1 + s / NORMAL_SEGMENTS);
  const first = Math.ceil(edge(segment)), last = Math.ceil(edge(segment + 1)) - 1;
  const count = Math.min(most, last - first + 1);
  return Array.from(
    { length: count },
    (_, i) => count === 1 ? first : first + Math.round((last - first) * i / (count - 1)),
  );
}

const SEGMENTS = Array.from({ length: NORMAL_TABLE.length / 4 }, (_, i) => ({
  octave: Math.floor(i / NORMAL_SEGMENTS),
  segment: i % NORMAL_SEGMENTS,
}));

Deno.test("the normal's table is the fit, but for one unit where logarithms differ", () => {
  const fit = fitNormalTable();
  assertEquals([fit.length, SEGMENTS.length], [NORMAL_TABLE.length, 512]);
  const wrong = fit.findIndex((word, i) => Math.abs(word - NORMAL_TABLE[i]) > 1);
  assert(wrong < 0, `word ${wrong} is ${NORMAL_TABLE[wrong]}, the fit has ${fit[wrong]}`);
});

Deno.test("the normal is accurate at the edges and in the middle of every segment", () => {
  for (const { octave, segment } of SEGMENTS) tailsOf(octave, segment, 9).forEach(assertAccurate);
});

Deno.test("the normal is accurate at 100000 random words", () => {
  const next = mulberry32(1);
  for (let i = 0; i < 100_000; i++) assertAccurate(tailOf(next()));
});

Deno.test("the normal falls with its tail probability, in every segment and from one to the next", () => {
  let above = Infinity;
  for (
    const { octave, segment } of SEGMENTS.toSorted((a, b) => b.octave - a.octave || a.segment - b.segment)
  ) {
    for (const tail of tailsOf(octave, segment, 200)) {
      const z = normalOfTail(tail, false);
      assert(z <= above, `octave ${octave} segment ${segment} tail ${tail}: ${z} after ${above}`);
      above = z;
    }
  }
});

Deno.test("the normal is symmetric, never 0, and reaches beyond 6", () => {
  const next = mulberry32(2);
  for (let i = 0; i < 1000; i++) {
    const tail = tailOf(next()), z = normalOfTail(tail, false);
    assertEquals(normalOfTail(tail, true), -z);
    assert(z > 0);
  }
  const largest = normalOfTail(1, false);
  assert(largest > 6 && largest < 6.34, String(largest));
  assert(normalOfTail(0xffffffff, false) > 0);
});

/** The largest distance between the values' distribution function and the one they are said to have. */
function kolmogorovSmirnov(values: Float32Array, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(values).sort(), n = sorted.length;
  return sorted.reduce((most, x, i) => {
    const p = cdf(x);
    return Math.max(most, p - i / n, (i + 1) / n - p);
  }, 0);
}

// Of values that do have the distribution one set in a thousand lies further away: sqrt(-ln(0.001 / 2) / 2) / sqrt(n). The seed
// is fixed, so that the test either always passes or never. A shift by 0.005 standard deviations would be seen.
const KS_COUNT = 2 ** 20, KS_CRITICAL = Math.sqrt(-Math.log(0.001 / 2) / 2 / KS_COUNT);

const KS_CASES: { name: string; distribution: Distribution; cdf: (x: number) => number }[] = [
  { name: "normals", distribution: { kind: "normal", mean: 0, std: 1 }, cdf: normalCdf },
  { name: "uniforms", distribution: { kind: "uniform", low: 0, high: 1 }, cdf: (x) => x },
  { name: "bounded uniforms", distribution: { kind: "bounded", bound: 0.5 }, cdf: (x) => x + 0.5 },
];

for (const { name, distribution, cdf } of KS_CASES) {
  Deno.test(`2^20 ${name} from the device pass Kolmogorov and Smirnov's test at 0.001`, async () => {
    const gpu = await testGpu();
    using out = gpu.buffer(name, "f32", KS_COUNT);
    using program = await gpu.record(name, (r) => recordDraw(r, key(2).stream("ks"), distribution, out));
    program.submit();
    const values = await gpu.read(out), distance = kolmogorovSmirnov(values, cdf);
    assert(distance < KS_CRITICAL, `${distance} is above ${KS_CRITICAL}`);
    const shifted = kolmogorovSmirnov(values, (x) => cdf(x + 0.005));
    assert(shifted > KS_CRITICAL, `shifted: ${shifted} is below ${KS_CRITICAL}`);
  });
}

Deno.test("the normal's tails are as heavy as they should be", () => {
  const count = 2 ** 18,
    values = drawOnHost(key(4).stream("tails"), { kind: "normal", mean: 0, std: 1 }, { count });
  for (const x of [2, 3, 4]) {
    const expected = 2 * count * normalCdf(-x), seen = values.filter((z) => Math.abs(z) > x).length;
    // 3.3 standard deviations of a Poisson count: one in a thousand.
    assert(
      Math.abs(seen - expected) < 3.3 * Math.sqrt(expected) + 1,
      `beyond ${x}: ${seen}, not ${expected}`,
    );
  }
});
