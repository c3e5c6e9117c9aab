/**
 * Neurons as rows of bit patterns: hashes of rows and columns, comparisons of pairs, invariants under scaling, cosines.
 *
 * All weights are bound as u32: on its way through a float, a NaN may lose its pattern. The hash of a tuple of words is
 *
 *     Σ_k mix(word_k ^ key_k)  and  Σ_k mix((word_k + key_k) · odd),   key_k = mix(k + 1),   all modulo 2^32,
 *
 * a sum of one bijection a position: exact on every adapter, sensitive to the position, equal whatever order or however many
 * dispatches add it up, and different for any two tuples that differ in a single word. Rows of a matrix are neurons by their incoming
 * weights, columns of the next matrix by their outgoing ones.
 *
 * @module
 */
import {
  elementwise,
  ELEMENTWISE_WORKGROUP,
  type Kernel,
  linearGrid,
  mainHead,
  reads,
  writes,
} from "./kernel.ts";

/** Words of a hash. */
export const HASH_WORDS = 2;

/** Words that a comparison gives for each pair: see {@linkcode compareRows}. */
export const COMPARISON_WORDS = 4;

/** Words that {@linkcode rowShape} gives for each row. */
export const SHAPE_WORDS = 6;

/** Random projections among them. */
export const PROJECTIONS = 4;

/** Invocations that share a row. */
export const ROW_LANES = 64;

/** Columns of a workgroup of the column kernels, and invocations that share each. */
const COLUMNS = 32, COLUMN_LANES = ELEMENTWISE_WORKGROUP / COLUMNS;

/**
 * Largest relative distance of an element from the scaled one that still counts as equal, 2^-20: a copy scaled by one rounded
 * product is off by 2^-24, its scale, a quotient of two such elements, by 2^-23, and the product that compares them by 2^-23.
 */
export const SCALED_TOLERANCE: number = 2 ** -20;

/** Below this, float32 products may be flushed to zero; both sides count as zero. */
const SMALLEST = 1e-37;

/** WGSL: lowbias32, a bijection of 32 bits by C. Wellons (https://nullprogram.com/blog/2018/07/31/), and the hash of one word. */
const HASH_WGSL = `
fn mix(word: u32) -> u32 {
  var x = word;
  x = (x ^ (x >> 16u)) * 0x7feb352du;
  x = (x ^ (x >> 15u)) * 0x846ca68bu;
  return x ^ (x >> 16u);
}

fn hash(word: u32, position: u32) -> vec2<u32> {
  let key = mix(position + 1u);
  return vec2<u32>(mix(word ^ key), mix((word + key) * 0x9e3779b1u));
}
`;

/** WGSL: how far `right` is from `left` times `scale`, and the larger of two such findings. */
const COMPARE_WGSL = `
fn compare(left: u32, right: u32, scale: f32) -> vec4<u32> {
  if (left == right && scale == 1.0) { return vec4<u32>(0u, 0u, 0u, left & 0x7fffffffu); }
  let infinite = (left & 0x7f800000u) == 0x7f800000u || (right & 0x7f800000u) == 0x7f800000u;
  let wanted = scale * bitcast<f32>(left);
  let off = abs(bitcast<f32>(right) - wanted);
  let far = infinite || off > max(${SCALED_TOLERANCE} * abs(wanted), ${SMALLEST});
  let distance = select(bitcast<u32>(off), 0x7f800000u, infinite);
  return vec4<u32>(u32(left != right), u32(far), distance, left & 0x7fffffffu);
}

fn merge(a: vec4<u32>, b: vec4<u32>) -> vec4<u32> {
  return vec4<u32>(a.xy + b.xy, max(a.zw, b.zw));
}
`;

/** WGSL: the entry of a kernel with one workgroup a row; `row` is the group's index, below `p.n`. */
function perRow(statement: string): string {
  return `
${mainHead(ROW_LANES, "row")}
  if (row >= p.n) { return; }
${statement}
}`;
}

/** WGSL: the entry of a kernel with some invocations a column; `column` may be past `p.n` and `lane` is among those of a column. */
function perColumn(statement: string): string {
  return `
${mainHead(ELEMENTWISE_WORKGROUP, "block", "local")}
  let column = block * ${COLUMNS}u + local % ${COLUMNS}u;
  let lane = local / ${COLUMNS}u;
${statement}
}`;
}

/**
 * The hash of each row of x [n, columns] into `out[2 · (first + row)]` and the word after it.
 *
 * Parameters: `n` rows, `columns`, `first` row's index in `out`, `position` of the first column in the tuple, `keep` 1 to add to what
 * `out` holds and 0 to overwrite it.
 */
export const rowHash: Kernel<"x" | "out", "n" | "columns" | "first" | "position" | "keep"> = {
  name: "row_hash",
  bindings: [reads("x", "u32"), writes("out", "u32")],
  params: { n: "u32", columns: "u32", first: "u32", position: "u32", keep: "u32" },
  body: `
${HASH_WGSL}
var<workgroup> partial: array<vec2<u32>, ${ROW_LANES}>;
${
    perRow(`
  var sum = vec2<u32>();
  for (var c = lane; c < p.columns; c += ${ROW_LANES}u) { sum += hash(x[row * p.columns + c], p.position + c); }
  partial[lane] = sum;
  workgroupBarrier();
  if (lane != 0u) { return; }
  for (var l = 1u; l < ${ROW_LANES}u; l++) { sum += partial[l]; }
  let at = ${HASH_WORDS}u * (p.first + row);
  out[at] = out[at] * p.keep + sum.x;
  out[at + 1u] = out[at + 1u] * p.keep + sum.y;`)
  }`,
  workgroups: ({ n }) => linearGrid(n),
};

/**
 * The hash of each column of x [rows, n] into `out[2 · column]` and the word after it.
 *
 * Parameters: `n` columns, `rows`, `position` of the first row in the tuple, `keep` 1 to add to what `out` holds and 0 to overwrite it.
 */
export const columnHash: Kernel<"x" | "out", "n" | "rows" | "position" | "keep"> = {
  name: "column_hash",
  bindings: [reads("x", "u32"), writes("out", "u32")],
  params: { n: "u32", rows: "u32", position: "u32", keep: "u32" },
  body: `
${HASH_WGSL}
var<workgroup> partial: array<vec2<u32>, ${ELEMENTWISE_WORKGROUP}>;
${
    perColumn(`
  var sum = vec2<u32>();
  if (column < p.n) {
    for (var r = lane; r < p.rows; r += ${COLUMN_LANES}u) { sum += hash(x[r * p.n + column], p.position + r); }
  }
  partial[local] = sum;
  workgroupBarrier();
  if (lane != 0u || column >= p.n) { return; }
  for (var l = 1u; l < ${COLUMN_LANES}u; l++) { sum += partial[l * ${COLUMNS}u + local]; }
  let at = ${HASH_WORDS}u * column;
  out[at] = out[at] * p.keep + sum.x;
  out[at + 1u] = out[at + 1u] * p.keep + sum.y;`)
  }`,
  workgroups: ({ n }) => linearGrid(Math.ceil(n / COLUMNS)),
};

/** WGSL: writes a finding, merged with the one before it if `p.keep` is 1. */
const STORE_WGSL = `
fn store(pair: u32, finding: vec4<u32>) {
  let at = ${COMPARISON_WORDS}u * pair;
  let before = vec4<u32>(out[at], out[at + 1u], out[at + 2u], out[at + 3u]) * p.keep;
  let merged = merge(before, finding);
  out[at] = merged.x;
  out[at + 1u] = merged.y;
  out[at + 2u] = merged.z;
  out[at + 3u] = merged.w;
}
`;

/**
 * Compares pairs of rows, word by word: `pairs[2 · i]` with `pairs[2 · i + 1]`. Four words a pair in `out`: how many words differ in
 * their bits; how many elements of the right row are further than {@linkcode SCALED_TOLERANCE} from the left one's times
 * `scales[i]`, infinities and NaNs always; the bits of the largest such distance; the bits of the left row's largest magnitude.
 *
 * The two rows may lie in two parts of a matrix that is too large for one binding: a dispatch does the pairs whose left row is in
 * the part `left` and whose right row is in the part `right`, and leaves the others alone.
 *
 * Parameters: `n` pairs, `columns`, `first_left` and `left_rows`, `first_right` and `right_rows` of the parts, `keep` 1 to merge with
 * what `out` holds.
 */
export const compareRows: Kernel<
  "left" | "right" | "pairs" | "scales" | "out",
  "n" | "columns" | "first_left" | "left_rows" | "first_right" | "right_rows" | "keep"
> = {
  name: "compare_rows",
  bindings: [
    reads("left", "u32"),
    reads("right", "u32"),
    reads("pairs", "u32"),
    reads("scales"),
    writes("out", "u32"),
  ],
  params: {
    n: "u32",
    columns: "u32",
    first_left: "u32",
    left_rows: "u32",
    first_right: "u32",
    right_rows: "u32",
    keep: "u32",
  },
  body: `
${COMPARE_WGSL}
${STORE_WGSL}
var<workgroup> partial: array<vec4<u32>, ${ROW_LANES}>;
${
    perRow(`
  // A row before the part's first wraps round to a number past its last.
  let l = pairs[2u * row] - p.first_left;
  let r = pairs[2u * row + 1u] - p.first_right;
  let here = l < p.left_rows && r < p.right_rows;
  let end = select(0u, p.columns, here);
  let scale = scales[row];
  var finding = vec4<u32>();
  for (var c = lane; c < end; c += ${ROW_LANES}u) {
    finding = merge(finding, compare(left[l * p.columns + c], right[r * p.columns + c], scale));
  }
  partial[lane] = finding;
  workgroupBarrier();
  if (lane != 0u || !here) { return; }
  for (var i = 1u; i < ${ROW_LANES}u; i++) { finding = merge(finding, partial[i]); }
  store(row, finding);`)
  }`,
  workgroups: ({ n }) => linearGrid(n),
};

/**
 * Compares pairs of columns of x [rows, columns], with the same findings as {@linkcode compareRows}.
 *
 * Parameters: `n` pairs, `rows`, `columns`, `keep` 1 to merge with what `out` holds.
 */
export const compareColumns: Kernel<"x" | "pairs" | "scales" | "out", "n" | "rows" | "columns" | "keep"> = {
  name: "compare_columns",
  bindings: [reads("x", "u32"), reads("pairs", "u32"), reads("scales"), writes("out", "u32")],
  params: { n: "u32", rows: "u32", columns: "u32", keep: "u32" },
  body: `
${COMPARE_WGSL}
${STORE_WGSL}
var<workgroup> partial: array<vec4<u32>, ${ELEMENTWISE_WORKGROUP}>;
${
    perColumn(`
  let pair = column;
  var finding = vec4<u32>();
  if (pair < p.n) {
    let left = pairs[2u * pair];
    let right = pairs[2u * pair + 1u];
    let scale = scales[pair];
    for (var r = lane; r < p.rows; r += ${COLUMN_LANES}u) {
      finding = merge(finding, compare(x[r * p.columns + left], x[r * p.columns + right], scale));
    }
  }
  partial[local] = finding;
  workgroupBarrier();
  if (lane != 0u || pair >= p.n) { return; }
  for (var i = 1u; i < ${COLUMN_LANES}u; i++) { finding = merge(finding, partial[i * ${COLUMNS}u + local]); }
  store(pair, finding);`)
  }`,
  workgroups: ({ n }) => linearGrid(Math.ceil(n / COLUMNS)),
};

/**
 * What scaling a row scales as well: six words for each row of x [n, columns] with its bias behind it, at `out[6 · (first + row)]`.
 * They are the bits of the largest magnitude (exact; from 0x7f800000 on something is infinite or no number), and as float32 the sum of
 * magnitudes and four sums with random signs.
 *
 * Parameters: `n` rows, `columns`, `first` row's index in `bias` and `out`.
 */
export const rowShape: Kernel<"x" | "bias" | "out", "n" | "columns" | "first"> = {
  name: "row_shape",
  bindings: [reads("x", "u32"), reads("bias", "u32"), writes("out", "u32")],
  params: { n: "u32", columns: "u32", first: "u32" },
  body: `
${HASH_WGSL}
var<workgroup> largest: array<u32, ${ROW_LANES}>;
var<workgroup> magnitude: array<f32, ${ROW_LANES}>;
var<workgroup> projection: array<vec4<f32>, ${ROW_LANES}>;
${
    perRow(`
  var most = 0u;
  var total = 0.0;
  var projected = vec4<f32>();
  for (var c = lane; c <= p.columns; c += ${ROW_LANES}u) {
    var word = 0u;
    if (c < p.columns) { word = x[row * p.columns + c]; } else { word = bias[p.first + row]; }
    let value = bitcast<f32>(word);
    let signs = (vec4<u32>(mix(c)) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(1u);
    most = max(most, word & 0x7fffffffu);
    total += abs(value);
    projected += select(vec4<f32>(-value), vec4<f32>(value), signs == vec4<u32>(1u));
  }
  largest[lane] = most;
  magnitude[lane] = total;
  projection[lane] = projected;
  workgroupBarrier();
  if (lane != 0u) { return; }
  for (var l = 1u; l < ${ROW_LANES}u; l++) {
    most = max(most, largest[l]);
    total += magnitude[l];
    projected += projection[l];
  }
  let at = ${SHAPE_WORDS}u * (p.first + row);
  out[at] = most;
  out[at + 1u] = bitcast<u32>(total);
  for (var i = 0u; i < ${PROJECTIONS}u; i++) { out[at + 2u + i] = bitcast<u32>(projected[i]); }`)
  }`,
  workgroups: ({ n }) => linearGrid(n),
};

/** What {@linkcode largestCosine} gives where there is no other row: no cosine is as small. */
export const NO_COSINE: number = -2;

/** Rows of a block of {@linkcode largestCosine}'s products: any number of rows of 64 is where a view may begin. */
export const COSINE_BLOCK = 64;

/**
 * `out[i] = max_{j > i} x_i · x_j / (|x_i| |x_j|)` over the later rows j whose hashes differ from row i's and whose length, like that of
 * row i, is above 0; {@linkcode NO_COSINE} where there is none. The largest of all of them is that over all pairs.
 *
 * `products` are the dot products, in blocks one behind the other: block b holds those of its rows, 64 b to 64 b + 63, with all
 * rows from 64 b on, row-major. So nearly half of them need not be computed.
 *
 * Parameters: `n` rows.
 */
export const largestCosine: Kernel<"products" | "incoming" | "outgoing" | "out", "n"> = elementwise({
  name: "largest_cosine",
  bindings: [reads("products"), reads("incoming", "u32"), reads("outgoing", "u32"), writes("out")],
  workgroupSize: 32,
  functions: `
fn neuron(i: u32) -> vec4<u32> {
  return vec4<u32>(incoming[2u * i], incoming[2u * i + 1u], outgoing[2u * i], outgoing[2u * i + 1u]);
}

/// Of row i with row j, which is in the same block or a later one.
fn product(i: u32, j: u32) -> f32 {
  let block = i / ${COSINE_BLOCK}u;
  let first = block * ${COSINE_BLOCK}u;
  // The blocks before have 64 rows of n, n - 64, … each.
  let begin = first * p.n - ${COSINE_BLOCK ** 2 / 2}u * (block * (block - min(block, 1u)));
  return products[begin + (i - first) * (p.n - first) + j - first];
}
`,
  statement: `
  let own = neuron(i);
  let length = product(i, i);
  var most = f32(${NO_COSINE});
  for (var j = i + 1u; j < p.n; j++) {
    let other = product(j, j);
    if (all(neuron(j) == own) || length <= 0.0 || other <= 0.0) { continue; }
    most = max(most, product(i, j) * inverseSqrt(length) * inverseSqrt(other));
  }
  out[i] = most;`,
});

/**
 * Appends to a log: `log[cursor[0] · stride + at + i] = x[i]`.
 *
 * Parameters: `n` words, `stride` words of an entry, `at` which of them x begins.
 */
export const appendWords: Kernel<"x" | "cursor" | "log", "n" | "stride" | "at"> = elementwise({
  name: "append_words",
  bindings: [reads("x", "u32"), reads("cursor", "u32"), writes("log", "u32")],
  params: { stride: "u32", at: "u32" },
  statement: `  log[cursor[0] * p.stride + p.at + i] = x[i];`,
});
