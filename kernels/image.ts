/**
 * Matrices packed into images: what Mesa's software driver reads fastest.
 *
 * It turns a load from a storage buffer into a loop over the eight lanes, with a test and a jump for each; a load from a storage
 * image, four numbers at once, has neither. A matrix [rows, columns] becomes rows of ceil(columns / 4) texels of four numbers,
 * the last filled up with zeros, one row after the other; texel t lies at (t % 4096, t / 4096), so that no matrix is too long.
 *
 * @module
 */
import {
  type Binding,
  inLanes,
  type Kernel,
  linearGrid,
  mainHead,
  piecewise,
  type PiecewiseSpec,
  reads,
  writes,
} from "./kernel.ts";
import { doWhile } from "./loop.ts";

/** Texels in a row of an image; a power of two within every implementation's limit. */
export const IMAGE_WIDTH = 4096;

/** Texels of the largest image: every implementation grants 8192 rows, and {@linkcode imageRows} has no power of two of them. */
export const MOST_TEXELS: number = 8191 * IMAGE_WIDTH;

/**
 * Rows of an image for so many texels, never a power of two: 3 or more. Mesa's software driver compiles a kernel once for images whose
 * height is one and once for others, for every combination of a kernel's images, and takes up to half a second each time.
 *
 * @param texels 0 or more.
 */
export function imageRows(texels: number): number {
  const rows = Math.max(3, Math.ceil(texels / IMAGE_WIDTH));
  return Number.isInteger(Math.log2(rows)) ? rows + 1 : rows;
}

/** WGSL: where texel t of an image lies. */
export const IMAGE_AT = `
fn image_at(t: u32) -> vec2<u32> { return vec2(t % ${IMAGE_WIDTH}u, t / ${IMAGE_WIDTH}u); }`;

/**
 * Texels that a packed matrix takes.
 *
 * @param rows Its rows, 0 or more.
 * @param columns Its columns, 0 or more.
 */
export function imageTexels(rows: number, columns: number): number {
  return rows * Math.ceil(columns / 4);
}

/** A packed matrix as an operand, or as a result that is only written. */
export function image<N extends string>(name: N, access: "read" | "read_write"): Binding<N> {
  return { name, type: "f32", access, image: true };
}

function one(q: number): string {
  return q === 0 ? "x[first]" : `select(x[min(first + ${q}u, last)], 0.0, column + ${q}u >= p.columns)`;
}

/**
 * Packs a matrix whose rows are no whole texels; one whose rows are is copied as it lies. Parameters: `n` texels, as `imageTexels`
 * says; `rows`, `columns` of x, each 0 or more.
 */
export const packImage: Kernel<"x" | "packed", "n" | "rows" | "columns"> = piecewise({
  ...packing("at"),
  name: "pack_image",
  params: { rows: "u32", columns: "u32" },
});

/** Packs some rows of a matrix that is too large to be bound whole: as {@linkcode packImage}, into the texels from `first` on. */
export const packImagePart: Kernel<"x" | "packed", "n" | "rows" | "columns" | "first"> = piecewise({
  ...packing("p.first + at"),
  name: "pack_image_part",
  params: { rows: "u32", columns: "u32", first: "u32" },
});

/** From so many texels on, and so many in a row, a matrix is packed faster by {@linkcode padRows} between two copies. */
const WORTH_PADDING = { texels: 2 ** 13, across: 32 };

/**
 * Whether a matrix whose rows are no whole texels is best packed by {@linkcode padRows}: 1.7 times as fast for 509x509, but two or three
 * copies more, each of which costs as much as packing a thousand texels.
 *
 * @param rows Its rows, 0 or more.
 * @param columns Its columns, 0 or more.
 */
export function isWorthPadding(rows: number, columns: number): boolean {
  return imageTexels(rows, columns) >= WORTH_PADDING.texels &&
    imageTexels(1, columns) >= WORTH_PADDING.across;
}

/** Invocations that pad a row together: a SIMD vector. */
const PADDING_LANES = 8;

/**
 * Fills up the rows of a matrix with zeros to whole texels, in a buffer that is then copied into its image. The matrix is read from an
 * image that it was copied into as it lies, where a row may begin in the middle of a texel; so neither a load nor a store of one number
 * is left, nor one into an image, which costs the driver twice what a store into a buffer does. Parameters: `rows`, `columns` of the
 * matrix, each 1 or more.
 */
export const padRows: Kernel<"flat" | "padded", "rows" | "columns"> = {
  name: "pad_rows",
  bindings: [image("flat", "read"), inLanes(writes("padded"), 4)],
  params: { rows: "u32", columns: "u32" },
  body: `${IMAGE_AT}
${mainHead(PADDING_LANES, "row")}
  if (row >= p.rows) { return; }
  let across = (p.columns + 3u) / 4u;
  let first = row * p.columns;
  let skip = first % 4u;
  var i = 0u;
${
    doWhile(
      `    let t = min(i + lane, across - 1u);
    let u = textureLoad(flat, image_at(first / 4u + t));
    let v = textureLoad(flat, image_at(first / 4u + t + 1u));
    let even = select(u, vec4(u.zw, v.xy), skip == 2u);
    let four = select(even, select(vec4(u.yzw, v.x), vec4(u.w, v.xyz), skip == 3u), skip % 2u == 1u);
    let inside = vec4(t * 4u) + vec4(0u, 1u, 2u, 3u) < vec4(p.columns);
    padded[row * across + t] = select(vec4<f32>(), four, inside);
    i += ${PADDING_LANES}u;`,
      "i < across",
    )
  }
}`,
  workgroups: ({ rows }) => linearGrid(rows),
};

function packing(texel: string): Omit<PiecewiseSpec<"x" | "packed", never>, "name" | "params"> {
  return {
    bindings: [reads("x"), image("packed", "read_write")],
    pieces: 1,
    functions: IMAGE_AT,
    statement: `
  let across = (p.columns + 3u) / 4u;
  let column = at % across * 4u;
  let first = at / across * p.columns + column;
  let last = p.rows * p.columns - 1u;
  textureStore(packed, image_at(${texel}), vec4(${[0, 1, 2, 3].map(one).join(", ")}));`,
  };
}
