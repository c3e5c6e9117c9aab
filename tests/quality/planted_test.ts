/**
 * The power of the batteries: each planted bad generator is caught, by exactly the tests that are named, and each test catches
 * one. What none can see is here as well, with the test that sees it instead.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { key } from "../../src/random/mod.ts";
import { philoxStream } from "../oracle/philox.ts";
import {
  type Battery,
  bernoulliBattery,
  integerBattery,
  normalBattery,
  pairBattery,
  permutationBattery,
  spearman,
  TailCounts,
  truncatedBattery,
  uniformBattery,
  wordBattery,
} from "./batteries.ts";
import { drawn, drawnWords, N } from "./drawn.ts";
import * as planted from "./planted.ts";
import { ALPHA } from "./power.ts";

const ROOT = key(7), PARTS = 8;

/** Words without a defect, from which the defective ones are made. */
const good = (count = N) => drawnWords(ROOT.stream("planted"), count);

/** What a planted generator does to a battery. */
interface Planted {
  /** The battery on its numbers. */
  battery: (good: Uint32Array) => Battery | Promise<Battery>;
  /** The tests that reject it, and no others. */
  caught: string[];
}

function caught(battery: Battery): string[] {
  return Object.entries(battery).filter(([, { p }]) => !(p >= ALPHA)).map(([name]) => name);
}

/** A test for each of the planted generators, and one that every test of the battery has caught one of them. */
function plant(kind: string, generators: Record<string, Planted>, count = N): void {
  const tests = new Set<string>();
  for (const [name, { battery, caught: expected }] of Object.entries(generators)) {
    Deno.test(`${kind}, planted: ${name}: ${expected.join(", ") || "seen by none"}`, async () => {
      const result = await battery(await good(count));
      for (const test of Object.keys(result)) tests.add(test);
      assertEquals(caught(result).sort(), [...expected].sort());
    });
  }
  Deno.test(`${kind}: every test catches one of the planted generators`, () => {
    const useful = new Set(Object.values(generators).flatMap(({ caught }) => caught));
    assertEquals([...tests].filter((test) => !useful.has(test)), []);
    assert(tests.size > 0);
  });
}

plant("words", {
  "a linear congruential generator": {
    battery: () => wordBattery(planted.lcg(N)),
    caught: ["12-bit words", "bit correlation", "bytes", "equal words"],
  },
  "RANDU": {
    battery: () => wordBattery(planted.randu(N)),
    caught: [
      "12-bit words",
      "birthday spacings",
      "bit correlation",
      "bit positions",
      "bytes",
      "equal words",
      "triples",
    ],
  },
  "multiples of the golden ratio": {
    battery: () => wordBattery(planted.weyl(N)),
    caught: [
      "12-bit words",
      "Kolmogorov-Smirnov",
      "birthday spacings",
      "bit correlation",
      "bytes",
      "equal words",
      "runs",
      "serial correlation",
      "triples",
    ],
  },
  "the second half repeats the first": {
    battery: (g) => wordBattery(planted.repeated(g)),
    caught: ["bytes", "equal blocks", "equal words"],
  },
  "workgroups in pairs": {
    battery: (g) => wordBattery(planted.repeatedWorkgroups(g)),
    caught: [
      "birthday spacings",
      "bit correlation",
      "bytes",
      "equal blocks",
      "equal words",
      "serial correlation",
    ],
  },
  "a word of the block before": {
    battery: (g) => wordBattery(planted.leakingBlocks(g)),
    caught: ["birthday spacings", "bit correlation", "equal words", "serial correlation", "triples"],
  },
  "2 % of the words twice": {
    battery: (g) => wordBattery(planted.sticky(g)),
    caught: [
      "birthday spacings",
      "bit correlation",
      "equal blocks",
      "equal words",
      "runs",
      "serial correlation",
      "triples",
    ],
  },
  "a bit that is 1 too often by 0.5 %": {
    battery: (g) => wordBattery(planted.biasedBit(g)),
    caught: ["bit positions"],
  },
  "curved": {
    battery: (g) => wordBattery(planted.curved(g)),
    caught: ["Kolmogorov-Smirnov", "bit positions", "bytes", "triples"],
  },
  "words 0 and 2 of every block swapped": { battery: (g) => wordBattery(planted.swapped(g)), caught: [] },
});

plant("two streams", {
  "the same stream": {
    battery: (g) => pairBattery(g, g),
    caught: [
      "bits of the difference",
      "bytes of the difference",
      "cross-correlation",
      "equal blocks",
      "equal words",
    ],
  },
  "the same stream, three words on": {
    battery: (g) => pairBattery(g, planted.shifted(g)),
    caught: ["equal blocks", "equal words"],
  },
  "the complement": {
    battery: (g) => pairBattery(g, g.map((word) => ~word)),
    caught: ["bits of the difference", "bytes of the difference", "cross-correlation"],
  },
  "one stream with words 0 and 2 of every block swapped": {
    battery: (g) => pairBattery(g, planted.swapped(g)),
    caught: ["bits of the difference", "bytes of the difference", "cross-correlation", "equal words"],
  },
});

plant("uniform", {
  "no defect": { battery: (g) => uniformBattery(g.map((w) => w >>> 8), 0, 2 ** 24, 24), caught: [] },
  "12 bits": { battery: (g) => uniformBattery(planted.twelveBitUniform(g), 0, 1, 24), caught: ["low bits"] },
  "half a step too high": {
    battery: (g) => uniformBattery(planted.halfStepUniform(g), 0, 1, 24),
    caught: ["lattice"],
  },
  "rounded to 1": {
    battery: (g) => uniformBattery(planted.roundedUniform(g), 0, 1, 24),
    caught: ["support"],
  },
  "ends at 0.99": {
    battery: (g) => uniformBattery(planted.shortUniform(g), 0, 1),
    caught: ["Kolmogorov-Smirnov", "bins", "moments of the probability"],
  },
  "antithetic": {
    battery: (g) => uniformBattery(planted.antitheticUniform(g), 0, 1, 24),
    caught: ["runs", "serial correlation"],
  },
});

const standard = (count: number, start = 0) =>
  drawn(ROOT.stream("normal"), { kind: "normal", mean: 0, std: 1 }, count, start) as Promise<Float32Array>;

plant("normal", {
  "cut at 4": {
    battery: async () => normalBattery((await standard(N)).map((z) => Math.max(-4, Math.min(4, z))), 0, 1),
    caught: [],
  },
  "Box-Muller of 16 bits": { battery: (g) => normalBattery(planted.boxMuller16(g), 0, 1), caught: [] },
  "twelve uniforms": {
    battery: async () => normalBattery(planted.sumOfTwelve(await good(12 * N)), 0, 1),
    caught: ["Kolmogorov-Smirnov", "bins", "moments"],
  },
  "1 % too wide": {
    battery: async () => normalBattery((await standard(N)).map((z) => z * 1.01), 0, 1),
    caught: ["bins", "moments"],
  },
  "0.02 too high": {
    battery: async () => normalBattery((await standard(N)).map((z) => z + 0.02), 0, 1),
    caught: ["Kolmogorov-Smirnov", "bins", "moments", "moments of the probability"],
  },
  "2 % of the numbers twice": {
    battery: async () => normalBattery(planted.sticky(await standard(N)), 0, 1),
    caught: ["runs", "serial correlation"],
  },
});

/** Tails of 2^25 numbers, made of 2^22 at a time. */
async function tails(part: (i: number, count: number) => Promise<ArrayLike<number>>): Promise<Battery> {
  const counts = new TailCounts(), count = 2 ** 25 / PARTS;
  for (let i = 0; i < PARTS; i++) counts.add(await part(i, count));
  return counts.battery();
}

plant("normal's tails", {
  "cut at 4": {
    battery: () => tails(async (i, n) => (await standard(n, i * n)).map((z) => Math.max(-4, Math.min(4, z)))),
    caught: ["beyond 4", "beyond 5", "largest"],
  },
  "cut at 5": {
    battery: () => tails(async (i, n) => (await standard(n, i * n)).map((z) => Math.max(-5, Math.min(5, z)))),
    caught: ["beyond 5", "largest"],
  },
  "Box-Muller of 16 bits": {
    battery: () =>
      tails(async (i, n) => planted.boxMuller16(await drawnWords(ROOT.stream("tail"), n, i * n))),
    caught: ["beyond 5", "largest"],
  },
  "1 % too wide": {
    battery: () => tails(async (i, n) => (await standard(n, i * n)).map((z) => z * 1.01)),
    caught: ["beyond 3", "beyond 4"],
  },
}, 1);

const CUT = { mean: 0, std: 1, low: -2, high: 2 };

plant("truncated normal", {
  "clamped to the bounds": {
    battery: async () => truncatedBattery((await standard(N)).map((z) => Math.max(-2, Math.min(2, z))), CUT),
    caught: ["Kolmogorov-Smirnov", "bins", "moments of the probability"],
  },
  "not cut": {
    battery: async () => truncatedBattery(await standard(N), CUT),
    caught: ["Kolmogorov-Smirnov", "bins", "moments of the probability", "support"],
  },
  "of a normal with mean 0.02": {
    battery: async () => {
      const shifted = { ...CUT, mean: 0.02 };
      return truncatedBattery(await drawn(ROOT, { kind: "truncated_normal", ...shifted }), CUT);
    },
    caught: ["Kolmogorov-Smirnov", "bins", "mean", "moments of the probability"],
  },
  "cut 0.02 too high": {
    battery: async () => {
      const cut = { ...CUT, low: -1.98 };
      return truncatedBattery(await drawn(ROOT, { kind: "truncated_normal", ...cut }), CUT);
    },
    caught: ["bins"],
  },
  "2 % of the numbers twice": {
    battery: async () => {
      const values = await drawn(ROOT, { kind: "truncated_normal", ...CUT }) as Float32Array;
      return truncatedBattery(planted.sticky(values), CUT);
    },
    caught: ["runs", "serial correlation"],
  },
});

plant("Bernoulli", {
  "no defect": { battery: (g) => bernoulliBattery(planted.bernoulli(g, 0.3), 0.3), caught: [] },
  "0.002 too many": { battery: (g) => bernoulliBattery(planted.bernoulli(g, 0.302), 0.3), caught: ["mean"] },
  "2 % of the numbers twice": {
    battery: (g) => bernoulliBattery(planted.sticky(planted.bernoulli(g, 0.3)), 0.3),
    caught: ["runs", "serial correlation"],
  },
  "true as 255": {
    battery: (g) => bernoulliBattery(planted.bernoulli(g, 0.3).map((x) => x * 255), 0.3),
    caught: ["mean", "serial correlation", "support"],
  },
}, 2 ** 22);

const LARGE = 3 * 2 ** 30;

plant("integers", {
  "no defect, 1000": { battery: (g) => integerBattery(planted.unrejected(g, 1000), 0, 1000), caught: [] },
  "a remainder, 3 · 2^30": {
    battery: (g) => integerBattery(planted.remainder(g, LARGE), 0, LARGE),
    caught: ["bins", "moments", "serial correlation"],
  },
  "a remainder, 1000": { battery: (g) => integerBattery(planted.remainder(g, 1000), 0, 1000), caught: [] },
  "a product without rejection, 3 · 2^30": {
    battery: (g) => integerBattery(planted.unrejected(g, LARGE), 0, LARGE),
    caught: ["residues"],
  },
  "24 bits for 3 · 2^30": {
    battery: (g) => integerBattery(planted.fromUniform(g, LARGE), 0, LARGE),
    caught: ["residues"],
  },
  "one too many, 10": {
    battery: (g) => integerBattery(planted.oneTooMany(g, 10), 0, 10),
    caught: ["bins", "moments", "serial correlation", "support"],
  },
  "one too few, 1000": {
    battery: (g) => integerBattery(planted.unrejected(g, 999), 0, 1000),
    caught: ["bins"],
  },
  "2 % of the numbers twice": {
    battery: (g) => integerBattery(planted.unrejected(planted.sticky(g), 10), 0, 10),
    caught: ["serial correlation"],
  },
});

plant("permutations", {
  "no defect": { battery: (g) => permutations(g, planted.FAIR), caught: [] },
  "the naive shuffle": { battery: (g) => permutations(g, planted.NAIVE), caught: ["orders", "positions"] },
  "one too few": { battery: (g) => permutations(g, planted.ONE_TOO_FEW), caught: ["orders", "positions"] },
  "a tenth shuffled": {
    battery: (g) => ({
      ...permutations(g, planted.FAIR),
      spearman: spearman(planted.halfShuffled(g, 2 ** 16)),
    }),
    caught: ["spearman"],
  },
}, 5 * 2 ** 16);

function permutations(words: Uint32Array, partner: typeof planted.FAIR): Battery {
  return permutationBattery(planted.shuffles(words, 5, partner));
}

Deno.test("words 0 and 2 of every block swapped: seen by known answers, where statistics are blind", async () => {
  const words = await drawnWords(key(42), 64);
  const known = philoxStream({ seed: 42n, subsequence: 0n, blockOffset: 0n }, 64);
  assertEquals([...words], [...known]);
  assertNotEquals([...planted.swapped(words)], [...known]);
});
