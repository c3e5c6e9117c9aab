/**
 * Random fills: a generator's words, turned into numbers of a distribution.
 *
 * A block of four neighbouring words is a piece of work. A dispatch may begin anywhere in a stream and be of any size; one of whole
 * blocks stores them as whole vectors.
 *
 * @module
 */
import { type Generator, type GeneratorName, GENERATORS } from "./generator.ts";
import {
  type ElementType,
  inLanes,
  type Kernel,
  type ParamType,
  piecewise,
  type TableStore,
  writes,
} from "./kernel.ts";
import { whileDo } from "./loop.ts";
import { NORMAL_TABLE, NORMAL_WGSL } from "./normal.ts";
import { MULHI_WGSL } from "./philox.ts";

/**
 * Parameters of every random fill: `n` blocks of four words from block `block` (64 bits) on, less `skip` words in front, `count`
 * words in all; the key's four words.
 */
export type StreamParam =
  | "n"
  | "count"
  | "skip"
  | "block_lo"
  | "block_hi"
  | "key0"
  | "key1"
  | "stream0"
  | "stream1";

const STREAM_PARAMS: Record<Exclude<StreamParam, "n">, ParamType> = {
  count: "u32",
  skip: "u32",
  block_lo: "u32",
  block_hi: "u32",
  key0: "u32",
  key1: "u32",
  stream0: "u32",
  stream1: "u32",
};

/** What a word can be turned into. */
export type RandomKind =
  | "bits"
  | "unit"
  | "bounded"
  | "uniform"
  | "bernoulli"
  | "integers"
  | "normal"
  | "shifted_normal"
  | "truncated_normal";

/**
 * What of a stream a kernel draws: any `range`; whole `blocks`, which is twice as fast; or a `few` whole blocks, one an invocation: that
 * compiles in half the time, and takes a fifth longer.
 */
export type RandomCut = "range" | "blocks" | "few";

/** Whole blocks up to which compiling takes longer than drawing: `few`. 2^19 numbers, 2 ms on two cores. */
export const FEW_BLOCKS: number = 2 ** 17;

/** How a kind turns a word into a number. */
interface Recipe {
  type: ElementType;
  params: Readonly<Record<string, ParamType>>;
  tables?: Readonly<Record<string, Uint32Array>>;
  functions: string;
  /** WGSL expression for the words that are taken, from those that were drawn, `drawn`, and their block, `q`; those unless given. */
  words?: string;
  /** WGSL expression for the number that the word in `word` stands for. */
  value: string;
}

/** Attempts at an integer without bias before the rest is accepted: each fails for less than half of the words. */
export const INTEGER_ATTEMPTS = 64;

const TABLES = { normal_table: NORMAL_TABLE };

/**
 * WGSL: `scaled(x, scale, offset)`, two roundings: x * scale, then + offset. A compiler may fuse the two into one rounding, and
 * another not; passing the product through an integer operation with a parameter that is always 0, which it cannot know, keeps
 * them apart everywhere.
 */
const SCALED = `
fn scaled(x: f32, scale: f32, offset: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x * scale) ^ p.zero) + offset;
}`;

/** WGSL: the upper `bits` bits of `word` as a number in [0, 1), and in [-1, 1): both exact in float32. */
const unit = (bits: number) => `f32(word >> ${32 - bits}u) * ${2 ** -bits}`;
const signedUnit = (bits: number) =>
  `f32(i32(word >> ${32 - bits}u) - ${2 ** (bits - 1)}) * ${2 ** (1 - bits)}`;

/** WGSL: the word with its lower bits cleared. */
const upperBits = (bits: number) => `(word & ${(2 ** 32 - 2 ** (32 - bits))}u)`;

function recipe(kind: RandomKind, { unitBits, normalBits, normalTail }: Generator): Recipe {
  switch (kind) {
    case "bits":
      // Never 0 words. LLVM, which would else do Philox's last round anew for each word that it stores, does not look past a select.
      return { type: "u32", params: {}, functions: "", value: "select(word, 0u, p.count == 0u)" };
    case "unit":
      return { type: "f32", params: {}, functions: "", value: unit(unitBits) };
    case "bounded": // one product, which nothing can be contracted with
      return {
        type: "f32",
        params: { bound: "f32" },
        functions: "",
        value: `(${signedUnit(unitBits)}) * p.bound`,
      };
    case "uniform":
      return {
        type: "f32",
        params: { low: "f32", high: "f32", width: "f32", below: "f32", zero: "u32" },
        functions: `${SCALED}
fn between(u: f32) -> f32 {
  let value = scaled(u, p.width, p.low);
  return select(value, p.below, value >= p.high);
}`,
        value: `between(${unit(unitBits)})`,
      };
    case "bernoulli":
      return {
        type: "f32",
        params: { threshold: "u32" },
        functions: "",
        value: `select(0.0, 1.0, (word >> ${32 - unitBits}u) < p.threshold)`,
      };
    case "integers":
      return {
        type: "i32",
        params: { low: "i32", range: "u32", uneven: "u32" },
        functions: INTEGER,
        words: "accepted(drawn, q)",
        value: "p.low + i32(mulhi(word, p.range))",
      };
    default:
      return normalRecipe(kind, normalBits, normalTail);
  }
}

/**
 * WGSL: D. Lemire, "Fast random integer generation in an interval", 2019: the upper half of word * range, unless the lower half
 * falls into the uneven part, which is tried again with the word that is in its place in the block of another stream. All four of a block
 * are tried together: Mesa's software driver draws the other block once in any case, since it jumps over nothing.
 */
const INTEGER = `${MULHI_WGSL}
fn accepted(drawn: vec4<u32>, q: vec2<u32>) -> vec4<u32> {
  var words = drawn;
  var is_uneven = words * p.range < vec4(p.uneven);
  var attempt = 1u;
${
  whileDo(
    `    words = select(words, block(q, attempt), is_uneven);
    is_uneven = words * p.range < vec4(p.uneven);
    attempt++;`,
    `any(is_uneven) && attempt < ${INTEGER_ATTEMPTS}u`,
  )
}
  return words;
}`;

function normalRecipe(
  kind: "normal" | "shifted_normal" | "truncated_normal",
  bits: number,
  tail: string,
): Recipe {
  const common = { type: "f32", tables: TABLES } as const;
  if (kind === "normal") {
    return {
      ...common,
      params: { sigma: "f32" },
      functions: tail + NORMAL_WGSL,
      value: "standard_normal(word) * p.sigma",
    };
  }
  if (kind === "shifted_normal") {
    return {
      ...common,
      params: { sigma: "f32", mean: "f32", zero: "u32" },
      functions: tail + NORMAL_WGSL + SCALED,
      value: "scaled(standard_normal(word), p.sigma, p.mean)",
    };
  }
  // The distribution function at z is uniform between its values at the bounds, `first` and `first + span` in units of 2^-32.
  return {
    ...common,
    params: { sigma: "f32", mean: "f32", low: "f32", high: "f32", first: "u32", span: "u32", zero: "u32" },
    functions: `${MULHI_WGSL}${tail}${NORMAL_WGSL}${SCALED}
fn truncated(word: u32) -> f32 {
  let c = p.first + mulhi(${upperBits(bits)}, p.span);
  let left = c < 0x80000000u;
  let z = normal_of_tail((select(0xffffffffu - c, c, left) << 1u) | 1u, left);
  return clamp(scaled(z, p.sigma, p.mean), p.low, p.high);
}`,
    value: "truncated(word)",
  };
}

/**
 * The kernel that fills `out` with numbers of one kind from one generator.
 *
 * Parameters: those of {@linkcode StreamParam} and of the generator, and those of the kind:
 *
 * - `bits`: the words as they are (u32).
 * - `unit`: uniform on [0, 1), exact in float32.
 * - `bounded`: uniform on [-bound, bound): (k - 2^23) · 2^-23 is exact for the 24-bit k (22 for 23 bits), so that the product with
 *   `bound` is the only rounding.
 * - `uniform`: uniform on [low, low + width), two roundings; `below`, the largest float32 under `high`, where rounding would reach it.
 * - `bernoulli`: 1 where the word's unit bits are below `threshold`, else 0 (f32).
 * - `integers`: low to low + range - 1 without bias (i32); `uneven` is 2^32 mod range.
 * - `normal`: standard normal, exact in float32, times `sigma`: one rounding. `shifted_normal`: then + `mean`, another.
 * - `truncated_normal`: a normal that lies between `low` and `high`: no value is rejected, none lies on the bounds by accident.
 *
 * `zero` must be 0.
 *
 * @param generator Where the words come from.
 * @param kind What they become.
 * @param cut What of a stream it draws. All but `range` need whole blocks: `skip` = 0, `count` = 4n, and `block_lo` + n at most 2^32.
 * @param tableStore Where the normal's table lies.
 */
export function random(
  generator: GeneratorName,
  kind: RandomKind,
  cut: RandomCut = "range",
  tableStore: TableStore = "uniform",
): Kernel<"out"> {
  const source = GENERATORS[generator];
  const { type, params, tables, functions, words = "drawn", value } = recipe(kind, source);
  return piecewise({
    name: `${generator}_${kind}${cut === "range" ? "" : `_${cut}`}${
      tables && tableStore === "image" ? "_image" : ""
    }`,
    bindings: [inLanes(writes("out", type), cut === "range" ? 1 : 4)],
    params: { ...STREAM_PARAMS, ...source.params, ...params },
    tables,
    tableStore,
    functions: `${wordFunctions(source, kind, cut)}${functions}
fn number(word: u32) -> ${type} { return ${value}; }
fn numbers(drawn: vec4<u32>, q: vec2<u32>) -> vec4<${type}> {
  let words = ${words};
  return vec4(${[0, 1, 2, 3].map((place) => `number(words[${place}])`).join(", ")});
}`,
    // More share more of Philox's first rounds; a normal is so long that compiling them costs more than they save.
    pieces: cut === "few" ? 1 : tables !== undefined ? 2 : 4,
    pairs: cut === "blocks",
    statement: STATEMENTS[cut],
  });
}

/** WGSL: what makes the words, and no more: Deno and the driver read all of a kernel's text, called or not. */
function wordFunctions({ block, pair, pairsBlocks }: Generator, kind: RandomKind, cut: RandomCut): string {
  if (cut !== "blocks") return block;
  // An integer may take words of further attempts.
  return `${pairsBlocks || kind === "integers" ? block : ""}${pair}`;
}

/** Both blocks' numbers before the first store, which is a loop to Mesa's software driver: nothing moves across it. */
const WHOLE_BLOCKS = `
  let lo = p.block_lo + at;
  let words = block_pair(lo, p.block_hi);
  let x = numbers(words[0], vec2(lo.x, p.block_hi));
  let y = numbers(words[1], vec2(lo.y, p.block_hi));
  out[at.x] = x;
  out[at.y] = y;`;

/**
 * Stores those numbers of a block that lie in the range. The others are not masked, which would cost more: in their stead a number
 * of the block that does lie in it is stored again. Places before `skip` in the first block wrap to the top of u32.
 */
const ANY_RANGE = `
  let lo = p.block_lo + at;
  let q = vec2(lo, p.block_hi + select(0u, 1u, lo < at));
  let x = numbers(block(q, 0u), q);
  let first = at * 4u - p.skip;
  let wraps = first >= p.count;
  let spare_at = select(first, 0u, wraps);
  let spare = select(x.x, x[p.skip & 3u], wraps);
${
  [0, 1, 2, 3].map((lane) => `
  let at${lane} = first + ${lane}u;
  let in${lane} = at${lane} < p.count;
  out[select(spare_at, at${lane}, in${lane})] = select(spare, x[${lane}], in${lane});`).join("")
}`;

const ONE_BLOCK = `
  let q = vec2(p.block_lo + at, p.block_hi);
  out[at] = numbers(block(q, 0u), q);`;

const STATEMENTS: Readonly<Record<RandomCut, string>> = {
  range: ANY_RANGE,
  blocks: WHOLE_BLOCKS,
  few: ONE_BLOCK,
};
