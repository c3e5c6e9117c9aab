/**
 * The statistics themselves: known values, exact small cases, and their power by simulation.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { normalCdf as quickNormalCdf } from "../../src/random/mod.ts";
import { inverseNormalCdf, normalCdf } from "../oracle/normal.ts";
import { mulberry32 } from "../oracle/random.ts";
import { ALPHA, detectableDistance, detectableNoncentrality, detectableShift, POWER } from "./power.ts";
import {
  chiSquareTails,
  incompleteGamma,
  kolmogorovTails,
  logGamma,
  normalTwoSided,
  poissonTails,
} from "./special.ts";
import {
  birthdaySpacings,
  chiSquare,
  countTest,
  crossCorrelation,
  duplicates,
  kolmogorovSmirnov,
  largestTest,
  meanTest,
  type Outcome,
  runsTest,
  serialCorrelation,
  worst,
} from "./statistics.ts";

/** Equal up to a relative error. */
function assertClose(actual: number, expected: number, relative = 1e-12): void {
  assertAlmostEquals(actual, expected, Math.abs(expected) * relative);
}

Deno.test("log gamma: factorials, and the square root of pi", () => {
  assertClose(logGamma(0.5), Math.log(Math.PI) / 2);
  assertClose(logGamma(11), Math.log(3628800));
  assertClose(logGamma(101), 363.73937555556349014);
});

Deno.test("incomplete gamma: closed forms for a = 1, 1/2 and whole numbers, on both sides", () => {
  for (const x of [1e-3, 0.5, 1, 3, 20, 200]) {
    assertClose(incompleteGamma(1, x).upper, Math.exp(-x));
    const poisson = Math.exp(-x) * (1 + x + x * x / 2 + x * x * x / 6);
    assertClose(incompleteGamma(4, x).upper, poisson, 1e-11);
  }
  assertClose(incompleteGamma(1, 1e-9).lower, -Math.expm1(-1e-9));
  assertEquals(incompleteGamma(3, 0), { lower: 0, upper: 1 });
  assertEquals(incompleteGamma(3, Infinity), { lower: 1, upper: 0 });
});

Deno.test("quantiles of printed tables: normal, chi-square, Kolmogorov, Poisson", () => {
  assertClose(normalTwoSided(1.959963984540054), 0.05);
  assertClose(normalTwoSided(4.891638475698911), 1e-6, 1e-9);
  assertClose(chiSquareTails(3.841458820694124, 1).upper, 0.05);
  assertClose(chiSquareTails(18.307038053275146, 10).upper, 0.05);
  assertClose(chiSquareTails(293.24783508, 255).upper, 0.05, 1e-7);
  assertClose(kolmogorovTails(1.3580986393225505).upper, 0.05, 1e-9);
  assertClose(kolmogorovTails(1.6276236115189500).upper, 0.01, 1e-9);
  assertClose(kolmogorovTails(1 - 1e-12).upper, kolmogorovTails(1).upper, 1e-9);
  assertClose(poissonTails(0, 3).lower, Math.exp(-3));
  assertClose(poissonTails(2, 3).upper, 1 - 4 * Math.exp(-3));
  assertEquals(poissonTails(0, 3).upper, 1);
});

Deno.test("the normal distribution function of the batteries is the oracle's", () => {
  for (let x = -9; x <= 9; x += 1 / 128) assertAlmostEquals(quickNormalCdf(x), normalCdf(x), 1e-13);
});

Deno.test("Kolmogorov-Smirnov: D of a small sample by hand, and p of numbers that are too even", () => {
  const { statistic } = kolmogorovSmirnov([0.7, 0.1, 0.4], (x) => x);
  assertAlmostEquals(statistic, 0.3, 1e-15); // at 0.7, where F_n is 1
  const even = Float64Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
  assert(kolmogorovSmirnov(even, (x) => x).p < ALPHA);
});

Deno.test("chi-square: Knuth's dice, 144 throws of two (The Art of Computer Programming 2, 3.3.1)", () => {
  const expected = [4, 8, 12, 16, 20, 24, 20, 16, 12, 8, 4];
  assertClose(chiSquare([2, 4, 10, 12, 22, 29, 21, 15, 14, 9, 6], expected).statistic, 7 + 7 / 48);
  const even = chiSquare(new Array(256).fill(1000), 1000);
  assertEquals(even, { statistic: 0, p: 0 });
});

Deno.test("mean, runs and correlations of small samples by hand", () => {
  assertClose(meanTest([1, 2, 3, 6], 2, 2).statistic, 1); // (3 - 2) / (2 / 2)
  // 1 1 0 0 1 0: 4 runs; 3 above and 3 below: mean 4, variance 18 · 12 / (36 · 5) = 1.2
  assertEquals(runsTest([1, 1, 0, 0, 1, 0], 0.5).statistic, 0);
  assertClose(runsTest([1, 0, 1, 0, 1, 0], 0.5).statistic, 2 / Math.sqrt(1.2));
  assertEquals(runsTest([1, 1, 1], 0.5).p, 0);
  assertClose(serialCorrelation([1, -1, 1, -1, 1], 1, 0, 1).statistic, -2);
  assertClose(serialCorrelation([1, -1, 1, -1, 1, -1], 2, 0, 1).statistic, 2);
  assertClose(crossCorrelation([1, 2, 3, 4], [4, 3, 2, 1], 2.5, 0.5).statistic, -10);
});

Deno.test("duplicates: counted, however often a block occurs; birthday spacings of an even year are all equal", () => {
  assertEquals(duplicates(Uint32Array.of(5, 7, 5, 5, 9)).statistic, 2);
  assertEquals(duplicates(BigUint64Array.of(5n, 7n, 1n << 63n)), { statistic: 0, p: 1 });
  assert(duplicates(BigUint64Array.of(5n, 7n, 5n)).p < ALPHA);
  const even = Uint32Array.from({ length: 2 ** 16 }, (_, i) => i * 2 ** 20);
  assertEquals(birthdaySpacings(even).statistic, 16 * 4095);
});

Deno.test("largest: the median of the largest of n has p = 1, and far ones on either side have none", () => {
  const n = 2 ** 20, median = -inverseNormalCdf(Math.LN2 / n / 2); // (1 - x)^n = 1/2
  assert(largestTest(median, n).p > 0.999);
  assert(largestTest(4.3, n).p < ALPHA && largestTest(7.4, n).p < ALPHA);
  assert(largestTest(4.4, n).p > ALPHA && largestTest(7.1, n).p > ALPHA);
});

Deno.test("worst: the smallest p, times how many there are", () => {
  const outcomes = [0.5, 0.01, 0.9].map((p) => ({ statistic: p, p }));
  assertEquals(worst(outcomes), { statistic: 0.01, p: 0.03 });
  assertEquals(worst([{ statistic: 0, p: 0.6 }, { statistic: 0, p: 0.7 }]).p, 1);
});

/** Numbers of a simulated sample, and how many samples. */
const SAMPLE = 4096, SAMPLES = 400;

/** How many of the samples a test rejects. */
function rejected(test: (uniform: () => number) => Outcome): number {
  const next = mulberry32(1), uniform = () => (next() + 0.5) * 2 ** -32;
  let count = 0;
  for (let i = 0; i < SAMPLES; i++) if (test(uniform).p < ALPHA) count++;
  return count;
}

/** 0.99 of the samples, less five standard deviations. */
const ENOUGH = POWER * SAMPLES - 5 * Math.sqrt(POWER * (1 - POWER) * SAMPLES);

function sample(value: (i: number) => number): Float64Array {
  return Float64Array.from({ length: SAMPLE }, (_, i) => value(i));
}

Deno.test("power: a mean that is off by detectableShift is detected, a third of that is not", () => {
  const test = (shift: number) => (uniform: () => number) =>
    meanTest(sample(() => uniform() + shift * Math.sqrt(1 / 12)), 0.5, Math.sqrt(1 / 12));
  assert(rejected(test(detectableShift(SAMPLE))) >= ENOUGH);
  assert(rejected(test(detectableShift(SAMPLE) / 3)) < SAMPLES / 10);
});

Deno.test("power: a correlation of detectableShift is detected by the correlations and, between sides, by runs", () => {
  const rho = detectableShift(SAMPLE);
  const chain = (uniform: () => number) => {
    let last = 0.5; // the one before again, with probability rho
    return sample(() => last = uniform() < rho ? last : uniform());
  };
  assert(rejected((u) => serialCorrelation(chain(u), 1, 0.5, Math.sqrt(1 / 12))) >= ENOUGH - 4);
  assert(rejected((u) => runsTest(chain(u), 0.5)) >= ENOUGH);
});

Deno.test("power: a distribution function that is off by detectableDistance is detected", () => {
  const distance = detectableDistance(SAMPLE);
  // Uniform but for an atom moved from below 1/2 to above it: F is too small by `distance` at 1/2 alone.
  const test = (uniform: () => number) =>
    kolmogorovSmirnov(
      sample(() => {
        const u = uniform();
        return u < 0.5 && u >= 0.5 - distance ? u + distance : u;
      }),
      (x) => x,
    );
  assert(rejected(test) >= ENOUGH);
});

Deno.test("power: cells that are off by detectableNoncentrality are detected", () => {
  const cells = 16, off = Math.sqrt(detectableNoncentrality(cells - 1) / SAMPLE);
  const test = (uniform: () => number) => {
    const counts = new Float64Array(cells);
    for (let i = 0; i < SAMPLE; i++) {
      const pair = Math.floor(uniform() * cells / 2);
      counts[2 * pair + (uniform() < (1 + off) / 2 ? 0 : 1)]++;
    }
    return chiSquare(counts, SAMPLE / cells);
  };
  assert(rejected(test) >= ENOUGH);
});

Deno.test("significance: an honest generator is not rejected, and its p-values are spread evenly", () => {
  const tests: Record<string, (uniform: () => number) => Outcome> = {
    mean: (u) => meanTest(sample(u), 0.5, Math.sqrt(1 / 12)),
    runs: (u) => runsTest(sample(u), 0.5),
    serial: (u) => serialCorrelation(sample(u), 1, 0.5, Math.sqrt(1 / 12)),
    "Kolmogorov-Smirnov": (u) => kolmogorovSmirnov(sample(u), (x) => x),
    chiSquare: (u) => {
      const counts = new Float64Array(16);
      for (const x of sample(u)) counts[Math.floor(x * 16)]++;
      return chiSquare(counts, SAMPLE / 16);
    },
    count: (u) => {
      let count = 0; // 4096 trials with probability 1/32: nearly Poisson, a little narrower
      for (const x of sample(u)) if (x < 1 / 32) count++;
      return countTest(count, SAMPLE / 32);
    },
  };
  for (const [name, test] of Object.entries(tests)) {
    const ps: number[] = [];
    rejected((uniform) => {
      const outcome = test(uniform);
      ps.push(outcome.p);
      return outcome;
    });
    assert(ps.every((p) => p >= ALPHA), name);
    const low = ps.filter((p) => p < 0.25).length; // 100 expected, standard deviation 8.7
    assert(low > 56 && low < 144, `${name}: ${low} of ${SAMPLES} below 0.25`);
  }
});
