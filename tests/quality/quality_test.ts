/**
 * Proof of quality: numbers drawn on the device, by fixed seeds, put to the batteries. `planted_test.ts` shows what these see.
 *
 * Every test has a significance of 1e-6, so that an honest generator passes for practically every seed, and none had to be looked
 * for. What is detected in spite of that is said with each statistic.
 *
 * @module
 */
import { assert } from "@std/assert";
import { type Distribution, type GeneratorName, type Key, key, permutation } from "../../src/random/mod.ts";
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
import { drawn, drawnStreams, drawnWords, N } from "./drawn.ts";
import { ALPHA } from "./power.ts";

/** Upper bits of a word that a number of [0, 1) is made of. */
const UNIT_BITS = { philox: 24, threefry: 23 } as const;

const GENERATORS = ["philox", "threefry"] as const;

/** Fails for the tests that reject. */
function assertPasses(battery: Battery, what = ""): void {
  const failed = Object.entries(battery).filter(([, { p }]) => !(p >= ALPHA));
  assert(
    failed.length === 0,
    failed.map(([name, { statistic, p }]) => `${what} ${name}: ${statistic}, p = ${p}`).join("\n"),
  );
}

/** A test for each generator. */
function forEach(
  name: string,
  test: (root: Key, generator: Exclude<GeneratorName, "threefry_original">) => Promise<void>,
): void {
  for (const generator of GENERATORS) {
    Deno.test(`${generator}: ${name}`, () => test(key(20240, generator), generator));
  }
}

forEach("the words of a stream", async (root) => {
  assertPasses(wordBattery(await drawnWords(root)));
});

forEach("the words past 2^32 blocks", async (root) => {
  assertPasses(wordBattery(await drawnWords(root.stream("far"), N, 2 ** 34 - N / 2)));
});

forEach("every fourth and every 1024th word, first words of blocks and workgroups", async (root) => {
  const words = await drawnWords(root.stream("strides"), 2 ** 22);
  for (const stride of [4, 64]) {
    assertPasses(wordBattery(words.filter((_, i) => i % stride === 0)), `stride ${stride}`);
  }
  assertPasses(wordBattery(await firstWords(root.stream("strides"), 2 ** 26, 1024)), "stride 1024");
});

/** Every `stride`-th of the first `total` words, drawn in parts. */
async function firstWords(stream: Key, total: number, stride: number): Promise<Uint32Array> {
  const part = 2 ** 22, out = new Uint32Array(total / stride);
  for (let start = 0; start < total; start += part) {
    out.set((await drawnWords(stream, part, start)).filter((_, i) => i % stride === 0), start / stride);
  }
  return out;
}

forEach("two streams: names, seeds, folds, splits", async (root, generator) => {
  const [left, right] = root.split(2);
  const pairs: Record<string, [Key, Key]> = {
    "names": [root.stream("0.weight"), root.stream("2.weight")],
    "name and seed": [root, root.stream("0.weight")],
    "seeds": [key(0, generator), key(1, generator)],
    "seeds 2^32 apart": [key(0, generator), key(2 ** 32, generator)],
    "folds": [root.fold(0), root.fold(1)],
    "splits": [left, right],
    "fold and split": [root.fold(1).fold(0), left],
  };
  for (const [name, [a, b]] of Object.entries(pairs)) {
    assertPasses(pairBattery(await drawnWords(a, 2 ** 19), await drawnWords(b, 2 ** 19)), name);
  }
});

forEach("the same places of 1024 streams: seeds, names, folds, splits", async (root, generator) => {
  const each = 256, streams = 1024;
  const families: Record<string, Key[]> = {
    seeds: Array.from({ length: streams }, (_, i) => key(i, generator)),
    names: Array.from({ length: streams }, (_, i) => root.stream(`${i}.weight`)),
    folds: Array.from({ length: streams }, (_, i) => root.fold(i)),
    splits: root.split(streams),
  };
  for (const [name, keys] of Object.entries(families)) {
    const words = await drawnStreams(keys, each);
    const across = words.map((_, i) => words[(i % streams) * each + Math.floor(i / streams)]);
    assertPasses(wordBattery(across), name);
  }
});

forEach("uniform on [0, 1), with and without bounds that round", async (root, generator) => {
  const draw = (d: Distribution) => drawn(root.stream(JSON.stringify(d)), d);
  const bits = UNIT_BITS[generator];
  assertPasses(uniformBattery(await draw({ kind: "uniform", low: 0, high: 1 }), 0, 1, bits), "[0, 1)");
  assertPasses(uniformBattery(await draw({ kind: "uniform", low: -3, high: 5 }), -3, 5), "[-3, 5)");
  assertPasses(uniformBattery(await draw({ kind: "bounded", bound: 0.25 }), -0.25, 0.25, bits), "bounded");
  const bound = Math.fround(1 / Math.sqrt(784));
  assertPasses(uniformBattery(await draw({ kind: "bounded", bound }), -bound, bound), "bounded, rounded");
});

forEach("Bernoulli", async (root) => {
  for (const probability of [0.5, 0.3, 0.01]) {
    const stream = root.stream(`bernoulli ${probability}`);
    const values = await drawn(stream, { kind: "bernoulli", probability }, 2 ** 22);
    assertPasses(bernoulliBattery(values, probability), String(probability));
  }
});

forEach("integers, small and large ranges", async (root) => {
  for (const [low, range] of [[0, 10], [-500, 1000], [7, 3], [-(2 ** 31), 3 * 2 ** 30], [0, 2 ** 31 - 1]]) {
    const stream = root.stream(`integers ${low} ${range}`);
    const values = await drawn(stream, { kind: "integers", low, high: low + range });
    assertPasses(integerBattery(values, low, range), `${range} from ${low} on`);
  }
});

forEach("normal", async (root) => {
  for (const [mean, std] of [[0, 1], [0, 0.02], [3, 2]]) {
    const values = await drawn(root.stream(`normal ${mean} ${std}`), { kind: "normal", mean, std });
    assertPasses(normalBattery(values, mean, std), `N(${mean}, ${std}²)`);
  }
});

forEach("the normal's tails, in 2^25 numbers", async (root) => {
  const tails = new TailCounts(), part = 2 ** 22;
  for (let start = 0; start < 2 ** 25; start += part) {
    tails.add(await drawn(root.stream("tails"), { kind: "normal", mean: 0, std: 1 }, part, start));
  }
  assertPasses(tails.battery());
});

forEach("truncated normal", async (root) => {
  for (
    const cut of [
      { mean: 0, std: 1, low: -2, high: 2 },
      { mean: 0, std: 1, low: 0.5, high: 3 },
      { mean: 1, std: 2, low: -1, high: 1.5 },
    ]
  ) {
    const values = await drawn(root.stream(JSON.stringify(cut)), { kind: "truncated_normal", ...cut });
    assertPasses(truncatedBattery(values, cut), JSON.stringify(cut));
  }
});

forEach("permutations: each place, each order, and one long one", (root) => {
  const short = Array.from({ length: 2 ** 16 }, (_, i) => permutation(root.fold(i), 5));
  assertPasses({ ...permutationBattery(short), spearman: spearman(permutation(root, 2 ** 16)) });
  return Promise.resolve();
});
