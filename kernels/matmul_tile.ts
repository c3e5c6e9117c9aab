/**
 * What the variants of the matrix product have in common: forms, tiles, the grid, how a workgroup finds its block, the masked store.
 *
 * @module
 */
import { type Grid, linearGrid, mainHead } from "./kernel.ts";
import { type EpilogueSource, storeResult } from "./matmul_epilogue.ts";

/** Which operands are stored transposed: `n` as it is, `t` transposed; A first. */
export type MatmulForm = "nn" | "tn" | "nt";

/** Rows m and columns n of C, and terms k of each sum. */
export interface MatmulSizes {
  /** Rows of C. */
  readonly m: number;
  /** Columns of C. */
  readonly n: number;
  /** Terms of each sum. */
  readonly k: number;
}

/** How the work is cut: results held by one invocation, and invocations in a workgroup. */
export interface MatmulTile {
  /** Rows of C that one invocation holds. */
  readonly rows: number;
  /** Columns of C that one invocation holds. */
  readonly columns: number;
  /** Invocations of a workgroup along the rows of C. */
  readonly groupRows: number;
  /** Invocations of a workgroup along the columns of C. */
  readonly groupColumns: number;
}

/** The part of a kernel's name that tells its tile: "8x8_1x8". */
export function tileName({ rows, columns, groupRows, groupColumns }: MatmulTile): string {
  return `${rows}x${columns}_${groupRows}x${groupColumns}`;
}

/** One workgroup a block of C, row of blocks by row of blocks. */
export function tileGrid(
  { rows, columns, groupRows, groupColumns }: MatmulTile,
  { m, n }: { m: number; n: number },
): Grid {
  return linearGrid(Math.ceil(m / (rows * groupRows)) * Math.ceil(n / (columns * groupColumns)));
}

/**
 * WGSL: the head of `main`, up to `down` and `along`, the numbers of the workgroup's block in C; `lane_row` and `lane_column` are the
 * invocation's place in it.
 *
 * The workgroup is one row of invocations, whatever the tile: Mesa's software driver makes its vectors of eight of neighbours in x
 * alone, and would leave half of each idle in a workgroup of four by two. It sees that a row is the same for all of them, so that
 * its address is worked out once, only where that is written down.
 *
 * @param tile How the work is cut.
 * @param many Numbers of B from which on the blocks go down the columns of C: see {@linkcode blockOrder}.
 */
export function blockHead(tile: MatmulTile, many?: number): string {
  const { groupRows, groupColumns } = tile;
  return `
${mainHead(groupRows * groupColumns, "block")}
${blockOrder(tile, many)}
  let lane_row = ${groupRows === 1 ? "0u" : `lane / ${groupColumns}u`};
  let lane_column = ${groupRows === 1 ? "lane" : `lane % ${groupColumns}u`};`;
}

/**
 * WGSL: `down` and `along`. One block after the other along the rows of C, each reads all of B; down its columns, each reads all of A,
 * while the columns of B that they share stay in a processor's cache. A block is wider than it is high, so that the second moves less
 * memory, once B does not stay there whole.
 */
function blockOrder({ rows, columns, groupRows, groupColumns }: MatmulTile, many?: number): string {
  const high = rows * groupRows, wide = columns * groupColumns, across = `(p.n + ${wide - 1}u) / ${wide}u`;
  if (many === undefined) {
    return `  let across = ${across};\n  let down = block / across;\n  let along = block % across;`;
  }
  return `  let is_down = p.n * p.k >= ${many}u;
  let turn = select(${across}, (p.m + ${high - 1}u) / ${high}u, is_down);
  let down = select(block / turn, block % turn, is_down);
  let along = select(block % turn, block / turn, is_down);`;
}

/**
 * WGSL: one result stored, where it lies within C.
 *
 * @param row Row of C.
 * @param column Column of C.
 * @param sum The sum; where it is not masked, past the edges that of the last row or column.
 * @param epilogue What is done to it.
 * @param masked Whether what lies past the edges is not stored, rather than the last results once more, as in {@linkcode storeFour}.
 */
export function storeOne(
  row: string,
  column: string,
  sum: string,
  epilogue: EpilogueSource,
  masked = true,
): string {
  const { value, buffer, perElement } = epilogue;
  const inside = masked ? column : `min(${column}, p.n - 1u)`;
  const at = `${masked ? `(${row})` : `min(${row}, p.m - 1u)`} * p.n + ${inside}`;
  const store = storeResult(at, value(sum, `${buffer}[${perElement ? at : inside}]`), epilogue);
  return `  ${masked ? `if (${row} < p.m && ${column} < p.n) ` : ""}{ ${store} }`;
}

/**
 * WGSL: four results as one store, which is masked only where it must be: past the edges the last ones are stored once more, with the
 * same bits, as `piecewise` does.
 *
 * @param row Row of C.
 * @param column Column of C, a multiple of four; n is one too.
 * @param sum A `vec4` of sums; past the edges those of the last row, of the last four columns.
 * @param epilogue What is done to them.
 * @param masked Whether the sums past the last row are others than the last row's.
 */
export function storeFour(
  row: string,
  column: string,
  sum: string,
  epilogue: EpilogueSource,
  masked = false,
): string {
  const { buffer, perElement, value } = epilogue;
  const results = ["x", "y", "z", "w"].map((q) => value(`${sum}.${q}`, `e.${q}`));
  const element = buffer === undefined ? "" : `let e = ${buffer}[${perElement ? "at" : "column / 4u"}];`;
  return `  ${masked ? `if (${row} < p.m) ` : ""}{
    let column = min(${column}, p.n - 4u);
    let at = (min(${row}, p.m - 1u) * p.n + column) / 4u;
    ${element}
    ${storeResult("at", `vec4(${results.join(", ")})`, epilogue)}
  }`;
}

/** WGSL: what C holds at a place; past its edges, something of it that is not stored again. */
export function stored(row: string, column: string): string {
  return `out[min(${row}, p.m - 1u) * p.n + min(${column}, p.n - 1u)]`;
}

/** The whole numbers from 0 to below n. */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
