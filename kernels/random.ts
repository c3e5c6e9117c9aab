/**
 * Random fills: a generator's words, turned into numbers of a distribution.
 *
 * Element e of a stream is word e mod 4 of the block with counter (e div 4 as 64 bits, stream as 64 bits) under the key
 * (seed as 64 bits): the layout of cuRAND's and PyTorch's Philox engines. It depends on nothing else, so that a dispatch may
 * begin anywhere and be of any size.
 *
 * @module
 */
import {
  type Binding,
  type ElementType,
  elementwise,
  type Kernel,
  type ParamType,
  writes,
} from "./kernel.ts";
import { NORMAL_TABLE, NORMAL_WGSL } from "./normal.ts";
import { MULHI_WGSL, PHILOX_WGSL } from "./philox.ts";

/** Parameters that say which words: `n` blocks from `block` on, less `skip` words in front, `count` words in all. */
export type StreamParam =
  | "n"
  | "count"
  | "skip"
  | "seed_lo"
  | "seed_hi"
  | "stream_lo"
  | "stream_hi"
  | "block_lo"
  | "block_hi";

const STREAM_PARAMS: Record<Exclude<StreamParam, "n">, ParamType> = {
  count: "u32",
  skip: "u32",
  seed_lo: "u32",
  seed_hi: "u32",
  stream_lo: "u32",
  stream_hi: "u32",
  block_lo: "u32",
  block_hi: "u32",
};

interface Distribution<P extends string> {
  name: string;
  type: ElementType;
  params?: Readonly<Record<P, ParamType>>;
  tables?: Readonly<Record<string, Uint32Array>>;
  functions?: string;
  /** WGSL expression for the value that a word stands for. */
  value: (word: string) => string;
}

function random<P extends string = never>(d: Distribution<P>): Kernel<"out", StreamParam | P> {
  const store = ["x", "y", "z", "w"].map((lane, i) => `
  let at${i} = first + ${i}u;
  if (at${i} < p.count) { out[at${i}] = ${d.value(`words.${lane}`)}; }`);
  return elementwise({
    name: `philox_${d.name}`,
    bindings: [writes("out", d.type) as Binding<"out">],
    params: { ...STREAM_PARAMS, ...d.params } as Record<Exclude<StreamParam, "n"> | P, ParamType>,
    tables: d.tables,
    functions: MULHI_WGSL + PHILOX_WGSL + (d.functions ?? ""),
    // In the first block, positions before \`skip\` wrap to the top of u32 and fail the test against \`count\`.
    statement: `
  let block = p.block_lo + i;
  let carry = select(0u, 1u, block < i);
  let words = philox4x32(
    vec4<u32>(block, p.block_hi + carry, p.stream_lo, p.stream_hi), vec2<u32>(p.seed_lo, p.seed_hi));
  let first = i * 4u - p.skip;
${store.join("\n")}`,
  });
}

/** The generator's words as they are. */
export const randomBits: Kernel<"out", StreamParam> = random({ name: "bits", type: "u32", value: (w) => w });

/** Uniform on [0, 1): the word's upper 24 bits times 2^-24, exact in float32. */
export const randomUnit: Kernel<"out", StreamParam> = random({
  name: "unit",
  type: "f32",
  value: (w) => `f32(${w} >> 8u) * ${2 ** -24}`,
});

/**
 * Uniform on [-bound, bound): (k - 2^23) * 2^-23 is exact for the 24-bit k, so that the product with `bound` is the only
 * rounding, and no compiler can contract it with anything.
 */
export const randomBounded: Kernel<"out", StreamParam | "bound"> = random({
  name: "bounded",
  type: "f32",
  params: { bound: "f32" },
  value: (w) => `(f32(i32(${w} >> 8u) - ${2 ** 23}) * ${2 ** -23}) * p.bound`,
});

/**
 * Uniform on [low, low + width), two roundings: u * width, then + low. `below` is the largest float32 under the upper bound
 * `high`, returned where rounding would reach it.
 *
 * A compiler may fuse the product and the sum into one rounding, and another not; passing the product through an integer
 * operation with a parameter that is always 0, which it cannot know, keeps them apart everywhere.
 */
export const randomUniform: Kernel<"out", StreamParam | "low" | "high" | "width" | "below" | "zero"> = random(
  {
    name: "uniform",
    type: "f32",
    params: { low: "f32", high: "f32", width: "f32", below: "f32", zero: "u32" },
    functions: `
fn between(word: u32) -> f32 {
  let product = (f32(word >> 8u) * ${2 ** -24}) * p.width;
  let value = bitcast<f32>(bitcast<u32>(product) ^ p.zero) + p.low;
  return select(value, p.below, value >= p.high);
}`,
    value: (w) => `between(${w})`,
  },
);

/** Normal with mean 0: the standard normal, exact in float32, times `sigma`: one rounding. */
export const randomNormal: Kernel<"out", StreamParam | "sigma"> = random({
  name: "normal",
  type: "f32",
  params: { sigma: "f32" },
  tables: { normal_table: NORMAL_TABLE },
  functions: NORMAL_WGSL,
  value: (w) => `standard_normal(${w}) * p.sigma`,
});

/** Normal with any mean: z * sigma, then + mean, two roundings kept apart as in {@linkcode randomUniform}. */
export const randomShiftedNormal: Kernel<"out", StreamParam | "sigma" | "mean" | "zero"> = random({
  name: "shifted_normal",
  type: "f32",
  params: { sigma: "f32", mean: "f32", zero: "u32" },
  tables: { normal_table: NORMAL_TABLE },
  functions: NORMAL_WGSL,
  value: (w) => `bitcast<f32>(bitcast<u32>(standard_normal(${w}) * p.sigma) ^ p.zero) + p.mean`,
});
