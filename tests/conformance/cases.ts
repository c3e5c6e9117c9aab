/**
 * What the conformance table asks for. `make_table.ts` adds the answers.
 *
 * @module
 */
import { FEW_BLOCKS } from "../../kernels/random.ts";
import type { Distribution, GeneratorName } from "../../src/random/mod.ts";
import type { Case } from "./row.ts";

/** The generators. */
export const GENERATORS: readonly GeneratorName[] = ["philox", "threefry", "threefry_original"];

const BITS: Distribution = { kind: "bits" };
const UNIT: Distribution = { kind: "uniform", low: 0, high: 1 };
const STANDARD: Distribution = { kind: "normal", mean: 0, std: 1 };

/** Integers of which nearly half of the words are rejected, so that an element takes up to a dozen attempts. */
const REJECTING: Distribution = { kind: "integers", low: -(2 ** 31), high: 1 };

/** Every recipe of the random kernels, and every branch in it. */
export const DISTRIBUTIONS: readonly Distribution[] = [
  BITS,
  UNIT,
  { kind: "uniform", low: -0.1, high: 0.3 },
  { kind: "uniform", low: 1, high: 1 + 2 ** -22 }, // a quarter would round to the upper bound
  { kind: "bounded", bound: 0.03571428571428571 },
  { kind: "bernoulli", probability: 0.3 },
  { kind: "integers", low: -3, high: 7 },
  REJECTING,
  STANDARD,
  { kind: "normal", mean: -1.5, std: 0.02 },
  { kind: "truncated_normal", mean: 0, std: 1, low: -2, high: 2 },
  { kind: "constant", value: 0.1 },
];

/** Extremes of the parameters. */
const EXTREMES: readonly Distribution[] = [
  { kind: "bounded", bound: 1e37 },
  { kind: "bounded", bound: 1e-28 },
  { kind: "uniform", low: 1e-28, high: 3e-28 },
  { kind: "uniform", low: -5e36, high: 5e36 },
  { kind: "normal", mean: 0, std: 1e-28 },
  { kind: "normal", mean: 1e-28, std: 1e37 },
  { kind: "bernoulli", probability: 1 },
  { kind: "integers", low: 7, high: 8 },
  { kind: "integers", low: -(2 ** 31), high: 2 ** 31 - 1 },
  { kind: "truncated_normal", mean: 0, std: 0.02, low: 0.06, high: 0.08 }, // the tail
  { kind: "truncated_normal", mean: 0.5, std: 1, low: -9, high: 0.75 }, // cut on one side only
];

/** What is drawn unless a case says otherwise. */
const PLAIN: Case = {
  generator: "philox",
  seed: "0",
  streams: [],
  folds: [],
  splits: [],
  distribution: BITS,
  start: "0",
  count: 17,
};

type Given = Partial<Omit<Case, "start" | "seed">> & { start?: bigint; seed?: bigint };

function make({ start = 0n, seed = 0n, ...rest }: Given): Case {
  return { ...PLAIN, ...rest, seed: String(seed), start: String(start) };
}

/** The same range of every distribution, from every generator; unaligned, with an odd count. */
function everything(): Case[] {
  return GENERATORS.flatMap((generator) =>
    DISTRIBUTIONS.map((distribution) =>
      make({ generator, seed: 42n, streams: ["0.weight"], distribution, start: 3n, count: 1001, total: 1009 })
    )
  ).map(({ total, ...rest }) => rest.generator === "threefry_original" ? { ...rest, total } : rest);
}

/** Ranges that are short, or unaligned at either end. */
function edges(): Case[] {
  const ranges: [start: bigint, count: number][] = [[0n, 0], [5n, 0], [0n, 1], [3n, 1], [2n, 3], [1n, 7]];
  return ranges.map(([start, count]) => make({ start, count }));
}

/** Where a counter's lower word is full, and where the stream ends. */
function carries(): Case[] {
  const carry = 1n << 34n, end = 1n << 66n;
  const kinds = [BITS, { kind: "uniform", low: -0.1, high: 0.3 }, REJECTING, STANDARD] as const;
  return [
    ...kinds.map((distribution) => make({ seed: 1n, distribution, start: carry - 501n, count: 1003 })),
    make({ start: (1n << 32n) - 5n, count: 11 }),
    make({ start: (1n << 53n) - 3n, count: 9 }),
    make({ start: (1n << 63n) - 6n, count: 13 }),
    make({ start: end - 1003n, count: 1003, distribution: STANDARD }),
    make({ start: end - 7n, count: 7 }),
    ...[1n << 32n, carry, 1n << 53n].map((at) =>
      make({ generator: "threefry", start: at - 501n, count: 1003, distribution: REJECTING })
    ),
    make({ generator: "threefry", start: (1n << 32n) - 2n, count: 5 }),
    make({ generator: "threefry", start: (1n << 64n) - 7n, count: 7 }),
  ];
}

/** JAX's original layout around the middle and the end of tensors of odd, even and the largest sizes. */
function originalLayout(): Case[] {
  const largest = 2 ** 32 - 1;
  const ranges: [start: number, count: number, total?: number][] = [
    [0, 1],
    [0, 8],
    [1, 6, 7],
    [495, 11, 1001],
    [495, 11, 1000],
    [2 ** 31 - 501, 1003, largest],
    [2 ** 31 - 501, 1003, largest - 1],
    [largest - 1003, 1003, largest],
  ];
  return ranges.map(([start, count, total]) =>
    make({ generator: "threefry_original", start: BigInt(start), count, ...total && { total } })
  );
}

/** Seeds, streams, folds, splits: alone, and one upon the other. */
function keys(): Case[] {
  const seeds = [(1n << 64n) - 1n, -1n, -(1n << 63n), (1n << 53n) + 1n, 1n << 32n, 0x123456789abcdef0n];
  const chains: Given[] = [
    { streams: [""] },
    { streams: ["0.bias"] },
    { streams: ["poids d’été 🎲"] },
    { streams: ["encoder", "0.weight"] },
    { folds: ["0"] },
    { folds: ["4294967295", "1"] },
    { splits: [[2, 1]] },
    { splits: [[5, 3], [3, 0]] },
    { streams: ["0.weight"], folds: ["7"], splits: [[3, 2]] },
  ];
  return [
    ...seeds.map((seed) => make({ seed })),
    make({ seed: -2n, generator: "threefry" }),
    ...chains.flatMap((chain) => [make({ seed: 5n, ...chain }), make({ ...chain, generator: "threefry" })]),
    make({ generator: "threefry_original", splits: [[5, 3], [3, 0]] }),
    make({ folds: ["18446744073709551615"] }),
  ];
}

/** More than one dispatch's worth of anything small: a million elements, across the carry. */
function large(): Case[] {
  const count = 1_000_003;
  return [
    make({ streams: ["0.weight"], distribution: STANDARD, start: (1n << 34n) - 500_001n, count }),
    make({ generator: "threefry", distribution: UNIT, start: 1n, count }),
  ];
}

/** More whole blocks than the kernel for few of them draws. */
function manyBlocks(): Case[] {
  const distributions: Distribution[] = [
    BITS,
    { kind: "bounded", bound: 0.03571428571428571 },
    { kind: "integers", low: -3, high: 7 },
    STANDARD,
  ];
  const count = 4 * FEW_BLOCKS + 5;
  return [
    ...distributions.map((distribution) =>
      make({ seed: 3n, start: (1n << 35n) - (1n << 24n), distribution, count })
    ),
    make({ generator: "threefry", distribution: UNIT, count }),
    make({ generator: "threefry_original", distribution: UNIT, count }),
  ];
}

/** What other systems have drawn. */
function golden(): Case[] {
  const streams = [[0, 0n], [1, 1n], [2, 42n], [6, 0x3d30f19cd101n]] as const;
  return [
    ...streams.map(([i, seed]) => make({ seed, count: 16, golden: `philox_streams.json#/streams/${i}/u32` })),
    ...([[0, 0n], [1, 1n], [2, 42n]] as const).flatMap(([i, seed]) => [
      ...jax("threefry", `jax_random.json#/cases/partitionable_True/${i}`, seed),
      ...jax("threefry_original", `jax_random.json#/cases/partitionable_False/${i}`, seed),
    ]),
  ];
}

/** One of JAX's seeds: small draws for each, one large one in turn. */
function jax(generator: GeneratorName, at: string, seed: bigint): Case[] {
  const big = [
    make({ generator, seed, count: 100_000, golden: `${at}/bits_1e5/sha256_le` }),
    make({
      generator,
      seed,
      distribution: UNIT,
      count: 784 * 512,
      golden: `${at}/uniform_784x512/sha256_le_f32`,
    }),
    make({
      generator,
      seed,
      distribution: { kind: "uniform", low: 0, high: 0.01 },
      count: 784 * 512,
      golden: `${at}/init_784x512/uniform_default/sha256_le_f32`,
    }),
  ];
  return [
    make({ generator, seed, count: 7, golden: `${at}/bits7_u32` }),
    make({
      generator,
      seed,
      distribution: { kind: "bounded", bound: 1 },
      count: 8,
      golden: `${at}/uniform8_-1_1/bits`,
    }),
    seed === 42n ? big[2] : big[Number(seed)],
  ];
}

/** The cases of the table, in its order. */
export const CASES: readonly Case[] = [
  ...everything(),
  ...EXTREMES.map((distribution) => make({ seed: 7n, distribution, count: 1003 })),
  ...edges(),
  ...carries(),
  ...originalLayout(),
  ...keys(),
  ...golden(),
  ...large(),
  ...manyBlocks(),
];
