import { assert, assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { SeedResult } from "../../src/diagnose/comparison.ts";
import { boxOf, pairedInterval } from "../../src/diagnose/paired.ts";
import { studySeeds } from "../../src/diagnose/seed_study.ts";
import { ArgumentError } from "../../src/gpu/errors.ts";
import { drawOnHost, key } from "../../src/random/mod.ts";

Deno.test("box: known quartiles, an outlier beyond the whisker, one value", () => {
  // numpy.quantile([1, 2, 3, 4, 10], [0.25, 0.5, 0.75]) is [2, 3, 4]; 10 lies past 4 + 1.5 · 2.
  assertEquals(boxOf([10, 1, 3, 2, 4]), { mean: 4, median: 3, q1: 2, q3: 4, low: 1, high: 4 });
  assertEquals(boxOf([1, 2, 3, 4]), { mean: 2.5, median: 2.5, q1: 1.75, q3: 3.25, low: 1, high: 4 });
  assertEquals(boxOf([0.1]), { mean: 0.1, median: 0.1, q1: 0.1, q3: 0.1, low: 0.1, high: 0.1 });
  assertEquals(boxOf([]), undefined);
});

Deno.test("box: its numbers are in order and within the values, whatever they are", () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), (values) => {
    const { low, q1, median, q3, high } = boxOf(values)!;
    const order = [Math.min(...values), low, q1, median, q3, high, Math.max(...values)];
    order.slice(1).forEach((x, i) => assert(x >= order[i] - 1e-9, `${order}`));
  }));
});

Deno.test("paired interval: Student's own example of 1908, ten patients and two drugs", () => {
  // The differences have mean 1.58 and standard deviation 1.229995; t(0.975, 9) = 2.262157.
  const a = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
    b = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
  const { mean, low, high } = pairedInterval(a, b, 0.95)!;
  assertAlmostEquals(mean, 1.58, 1e-12);
  assertAlmostEquals(low, 0.7001142, 1e-6);
  assertAlmostEquals(high, 2.4598858, 1e-6);
});

Deno.test("paired interval: too few pairs have none, and equal differences have no spread", () => {
  assertEquals([pairedInterval([], [], 0.95), pairedInterval([1], [2], 0.95)], [undefined, undefined]);
  assertEquals(pairedInterval([3, 4], [3, 4], 0.95), { mean: 0, low: 0, high: 0 });
  // 29/30 − 28/30 and 1 − 29/30 differ by rounding alone.
  const { low, high } = pairedInterval([29 / 30, 1], [28 / 30, 29 / 30], 0.95)!;
  assertEquals(low, high);
});

const SEEDS = 5, TRIALS = 4000;

/** Losses that depend on the seed far more than on the initialisation: column i has a mean of `means[i]`. */
function losses(means: readonly number[], trial: number): number[][] {
  const count = SEEDS * (means.length + 1);
  const normal = drawOnHost(key(7).stream("losses").fold(trial), { kind: "normal", mean: 0, std: 1 }, {
    count,
  });
  return means.map((mean, i) =>
    Array.from({ length: SEEDS }, (_, s) => 3 * normal[s] + 0.1 * normal[SEEDS * (i + 1) + s] + mean)
  );
}

type Interval = (a: readonly number[], b: readonly number[]) => readonly [number, number];

/** How often an interval holds the true difference. */
function coverage(interval: Interval): number {
  let held = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    const [a, b] = losses([1, 0.8], trial), [low, high] = interval(a, b);
    if (low <= 0.2 && 0.2 <= high) held++;
  }
  return held / TRIALS;
}

/** Four standard errors of a coverage of 95%. */
const ERROR = 4 * Math.sqrt(0.95 * 0.05 / TRIALS);

const paired: Interval = (a, b) => {
  const { low, high } = pairedInterval(a, b, 0.95)!;
  return [low, high];
};

Deno.test("paired interval: it holds the true difference in 95% of 4000 trials; unpaired or with a normal quantile it does not", () => {
  assertAlmostEquals(coverage(paired), 0.95, ERROR);
  const rotated = (b: readonly number[]) => b.map((_, s) => b[(s + 1) % SEEDS]);
  const unpaired = losses([1, 0.8], 0), [low, high] = paired(unpaired[0], rotated(unpaired[1]));
  assert(high - low > 2, "seeds that are mixed up hide what pairing shows");
  const normal: Interval = (a, b) => {
    const [low, high] = paired(a, b), middle = (low + high) / 2, part = 1.959964 / 2.776445;
    return [middle + (low - middle) * part, middle + (high - middle) * part];
  };
  assert(coverage(normal) < 0.95 - ERROR);
});

/** Results of columns of losses, seed by seed, as a run makes them. */
function resultsOf(columns: Readonly<Record<string, readonly (number | null)[]>>): SeedResult[] {
  const inits = Object.keys(columns);
  return columns[inits[0]].flatMap((_, s) =>
    inits.map((init): SeedResult => ({
      seed: `${s}`,
      init,
      verdict: columns[init][s] === null ? "fail" : "ok",
      finalLoss: columns[init][s],
      finalAccuracy: 0.5,
      seconds: 1,
    }))
  );
}

Deno.test("study: all six intervals of four initialisations hold together in 95% of trials or more", () => {
  const means = [0, 0.1, 0.1, 0.4], trials = 1000;
  let held = 0;
  for (let trial = 0; trial < trials; trial++) {
    const columns = losses(means, trial);
    const { differences } = studySeeds(resultsOf(Object.fromEntries(columns.map((c, i) => [`i${i}`, c]))), [
      "i0",
      "i1",
      "i2",
      "i3",
    ]);
    const right = differences.filter((d) => d.measure === "loss").every(({ a, b, interval }) => {
      const truth = means[Number(a[1])] - means[Number(b[1])];
      return interval![0] <= truth && truth <= interval![1];
    });
    if (right) held++;
  }
  assert(held / trials >= 0.95 - 4 * Math.sqrt(0.95 * 0.05 / trials), `${held}`);
});

Deno.test("study: pairs are made by seed, in whatever order the results come", () => {
  const [a, b] = losses([1, 0], 0), ordered = resultsOf({ a, b });
  const study = studySeeds(ordered, ["a", "b"]);
  // Another order of the results within and between seeds; the first mention of each seed stays.
  const mixed = [
    ...ordered.filter((r) => r.init === "a"),
    ...ordered.filter((r) => r.init === "b").reverse(),
  ];
  assertEquals(studySeeds(mixed, ["a", "b"]), study);
  const [loss] = study.differences;
  assertEquals([loss.outcome, loss.seeds], ["higher", SEEDS]);
  assertAlmostEquals(loss.mean!, 1, 0.3);
  assert(loss.interval![1] - loss.interval![0] < 1, "the seeds' own spread is no part of it");
});

Deno.test("study: what is not luck, what may be, and what cannot be said, in plain sentences", () => {
  const { spread, differences } = studySeeds(
    resultsOf({
      low: [0.1, 0.21, 0.3, 0.4],
      high: [0.2, 0.3, 0.41, 0.5],
      wild: [0.9, 0.1, 0.05, 0.6],
      gone: [null, null, null, null],
      half: [0.3, null, 0.5, null],
      once: [null, 0.4, null, null],
      twin: [0.1, 0.21, 0.3, 0.4],
    }),
    ["low", "high", "wild", "gone", "half", "once", "twin"],
  );
  const said = (a: string, b: string) =>
    differences.find((d) => d.measure === "loss" && d.a === a && d.b === b)!;
  assertEquals(said("low", "high").outcome, "lower");
  // 0.1 ± t(1 − 0.05 / 42, 3) · 0.00816 / 2, where 21 pairs share the 5%: the quantile is 9.5.
  assertEquals(
    said("low", "high").sentence,
    "low ends 0.100 lower in loss than high, 95% CI 0.061 to 0.139 over 4 seeds: not luck.",
  );
  assertEquals(
    said("high", "twin").sentence,
    "twin ends 0.100 lower in loss than high, 95% CI 0.061 to 0.139 over 4 seeds: not luck.",
  );
  assertEquals(said("high", "twin").outcome, "higher");
  assertEquals(said("low", "wild").outcome, "unclear");
  assert(said("low", "wild").sentence.endsWith("the interval holds 0, so it may be luck."));
  assertEquals(
    said("low", "twin").sentence,
    "low and twin end with the same loss from each of 4 seeds: no difference.",
  );
  assertEquals(
    said("low", "half").sentence,
    "low ends 0.20 lower in loss than half from each of the 2 of 4 seeds from which both end finite, " +
      "by the same each time: there is no spread to judge it by.",
  );
  assertEquals(
    said("low", "gone").sentence,
    "low and gone both end with a finite loss from 0 of 4 seeds: an interval needs 2.",
  );
  assertEquals([said("low", "gone").interval, said("low", "once").outcome], [null, "unknown"]);
  assertEquals(spread.map((s) => [s.exploded, s.ok]), [[0, 4], [0, 4], [0, 4], [4, 0], [2, 2], [3, 1], [
    0,
    4,
  ]]);
  assertEquals(spread[3].loss, null);
  assert(!JSON.stringify([spread, differences]).includes("NaN"));
});

Deno.test("study: accuracy counts in points, and the higher comes first", () => {
  const results = resultsOf({ a: [1, 1, 1], b: [1, 1, 1] });
  [0.9, 0.5, 0.92, 0.51, 0.94, 0.55].forEach((accuracy, i) => results[i].finalAccuracy = accuracy);
  const { differences: [, accuracy] } = studySeeds(results, ["a", "b"]);
  assertEquals(
    accuracy.sentence,
    "a ends 40.0 points higher in test accuracy than b, 95% CI 37.5 to 42.5 over 3 seeds: not luck.",
  );
});

Deno.test("study: very small and very large differences have exponents", () => {
  const said = (scale: number) =>
    studySeeds(resultsOf({ a: [1, 2, 3].map((x) => x * scale), b: [0, 0, 0] }), ["a", "b"]).differences[0]
      .sentence;
  assertEquals(
    said(1e-8),
    "b ends 2.0e-8 lower in loss than a, 95% CI -4.8e-9 to 4.5e-8 over 3 seeds: the interval holds 0, so it may be luck.",
  );
  assertStringIncludes(said(1e9), "b ends 2.0e9 lower in loss than a, 95% CI -4.8e8 to 4.5e9");
  assertStringIncludes(said(1), "b ends 2.0 lower in loss than a, 95% CI -0.5 to 4.5");
});

Deno.test("study: one seed has no differences, and a missing result is refused", () => {
  const one = resultsOf({ a: [1], b: [2] });
  assertEquals(studySeeds(one, ["a", "b"]).differences, []);
  assertThrows(() => studySeeds(one.slice(1), ["a", "b"]), ArgumentError, "a has no result from seed 0");
});

Deno.test("study: whatever the losses, every number is finite and every sentence names both", () => {
  const loss = fc.option(fc.double({ min: 0, max: 3e38, noNaN: true }));
  fc.assert(fc.property(fc.array(fc.tuple(loss, loss), { minLength: 2, maxLength: 8 }), (rows) => {
    const { differences } = studySeeds(
      resultsOf({ a: rows.map(([x]) => x), b: rows.map(([, y]) => y) }),
      ["a", "b"],
    );
    for (const { mean, interval, sentence } of differences) {
      for (const x of [mean ?? 0, ...interval ?? []]) assert(Number.isFinite(x));
      assert(
        /\ba\b/.test(sentence) && /\bb\b/.test(sentence) && !/NaN|undefined|null|Infinity/.test(sentence),
      );
    }
  }));
});
