/**
 * Matrix product of operands packed into images: the variant for Mesa's software driver, see `image.ts`.
 *
 * The forms, the epilogues and the order of summation are those of `matmul.ts`, and so are the bits.
 *
 * @module
 */
import { image, IMAGE_AT } from "./image.ts";
import type { Binding, Kernel, ParamType } from "./kernel.ts";
import { doWhile, loopEnd, whileDo } from "./loop.ts";
import {
  type EpilogueBuffer,
  type EpilogueSource,
  epilogueSource,
  type MatmulEpilogue,
  type MatmulExtras,
  resultBindings,
} from "./matmul_epilogue.ts";
import {
  blockHead,
  type MatmulForm,
  type MatmulSizes,
  type MatmulTile,
  range,
  storeFour,
  storeOne,
  tileGrid,
  tileName,
} from "./matmul_tile.ts";
import type { Looking, LookingAt, LookSource } from "./non_finite.ts";
import { rowTurns } from "./row_turns.ts";

/** One workgroup is one SIMD vector of eight invocations, each with eight rows of eight columns. */
export const IMAGE_TILE: MatmulTile = { rows: 8, columns: 8, groupRows: 1, groupColumns: 8 };

/** Twice as many results an invocation, so that each texel serves more of them. */
export const LARGE_IMAGE_TILE: Readonly<Record<MatmulForm, MatmulTile>> = {
  nn: { ...IMAGE_TILE, columns: 16 },
  nt: { ...IMAGE_TILE, rows: 16 },
  tn: { ...IMAGE_TILE, rows: 16 },
};

/** Twice as many again. */
export const HUGE_IMAGE_TILE: MatmulTile = { ...IMAGE_TILE, rows: 16, columns: 16 };

/** Numbers of B that no longer stay in a processor's cache while others come and go: 1 MiB. */
const MANY = 2 ** 18;

/** Which sizes of a product are multiples of four, 4 or more: its kernel has no text for another. */
export interface Fours {
  /** Columns of C: four results are then one store. */
  readonly n: boolean;
  /** Terms of each sum: none is then left over where four of them are one load. */
  readonly k: boolean;
}

/** Those of a product. */
export function foursOf({ m, n, k }: MatmulSizes): Fours {
  const isFours = (size: number) => size % 4 === 0 && size > 0;
  return { n: isFours(n) && m > 0, k: isFours(k) };
}

/**
 * The kernel for one form, epilogue and tile.
 *
 * Parameters: `m` rows and `n` columns of C, `k` terms of each sum; each may be 0. Buffers: `a` and `b`, images of the operands as
 * the form stores them; `out`, and `bias` [n] or `h` [m, n] where the epilogue reads one, are buffers.
 *
 * @param form Which operands are stored transposed.
 * @param epilogue What is done to each sum.
 * @param fours Which sizes are multiples of four.
 * @param tile How the work is cut, rows and columns multiples of four; changes no bit of the result.
 * @param options Whether it looks out for NaN and infinities in what it stores.
 * @returns The kernel.
 */
export function matmulImage<E extends MatmulEpilogue, L extends boolean = false>(
  form: MatmulForm,
  epilogue: E,
  fours: Fours,
  tile: MatmulTile = IMAGE_TILE,
  { looking }: Pick<MatmulExtras<L>, "looking"> = {},
): Kernel<"a" | "b" | "out" | EpilogueBuffer<E> | Looking<L>, "m" | "n" | "k" | LookingAt<L>> {
  const end = epilogueSource(epilogue, looking ?? false, fours.n ? 4 : 1);
  return {
    name: `matmul_image_${form}_${epilogue}_${tileName(tile)}${foursName(fours)}${end.look.name}`,
    bindings: [image("a", "read"), image("b", "read"), ...resultBindings(end)] as Binding<
      "a" | "b" | "out" | EpilogueBuffer<E> | Looking<L>
    >[],
    params: { m: "u32", n: "u32", k: "u32", ...end.look.params } as Record<
      "m" | "n" | "k" | LookingAt<L>,
      ParamType
    >,
    body: `${IMAGE_AT}\n${end.functions}\n${
      imageProduct(form, fours, tile, {
        out: "out",
        look: end.look,
        // The rows of tn come in fours, and those past the edge are zeros: no repetition of a row.
        store: fours.n ? storeFour("row", "column", "sum", end, form === "tn") : storeOnes(end),
      })
    }`,
    workgroups: (sizes) => tileGrid(tile, sizes),
  };
}

/** The part of a kernel's name that tells them: "_n4k4". */
function foursName({ n, k }: Fours): string {
  return n || k ? `_${n ? "n4" : ""}${k ? "k4" : ""}` : "";
}

/** What {@linkcode imageProduct} does with its sums, as WGSL. */
export interface ProductEnding {
  /** What becomes of `sum`, a `vec4` of sums of one `row` and four columns from `column` on; either may lie past the edge. */
  readonly store: string;
  /** The buffer that it stores in. */
  readonly out: string;
  /** The look at what that stores. */
  readonly look: LookSource;
}

/**
 * WGSL: `main` of a product of images, with an ending of its own. It calls `image_at`.
 *
 * @param form Which operands are stored transposed.
 * @param fours Which sizes are multiples of four.
 * @param tile How the work is cut.
 * @param ending What becomes of the sums.
 */
export function imageProduct(
  form: MatmulForm,
  fours: Fours,
  tile: MatmulTile,
  ending: ProductEnding,
): string {
  const { groupRows, groupColumns } = tile, rows = tile.rows, across = tile.columns * groupColumns;
  return `${storeFunction(ending)}
${blockHead(tile, MANY)}
  let row0 = (down * ${groupRows}u + lane_row) * ${rows}u;
  let column0 = along * ${across}u + lane_column * 4u;
  if (row0 >= p.m || column0 >= p.n) { return; }
  let m4 = (p.m + 3u) / 4u;
  let n4 = (p.n + 3u) / 4u;
  let k4 = (p.k + 3u) / 4u;
  let terms = ${loopEnd("p.k", ending.out)};
${starts(form, fours.n, tile)}
  ${ending.look.begin}
${eachSum(tile, (sum) => `  var ${sum} = vec4<f32>();`)}
${form === "tn" ? loopOverOnes(tile, fours.k) : loopOverFours(form, tile, fours.k)}
${endSums(form, fours, tile, ending)}
  ${ending.look.end}
}`;
}

/** Stores of a turn of {@linkcode endSums}. */
const STORES = 4;

/** WGSL: all sums ended and stored, a row or a few of them a turn. */
function endSums(form: MatmulForm, fours: Fours, tile: MatmulTile, { out, look }: ProductEnding): string {
  const { columns, groupColumns } = tile,
    each = Math.max(1, Math.floor(STORES * (fours.n ? 4 : 1) / columns));
  const few = { ...tile, rows: each };
  const store = (sum: string, r: number, j: number) =>
    callStore(`row0 + r + ${r}u, column0 + ${j * 4 * groupColumns}u, ${sum}`, look);
  const turn = `${form === "tn" || fours.k ? "" : addRest(form, few)}\n${eachSum(few, store)}`;
  return rowTurns({ rows: tile.rows, sums: columns / 4, each, buffer: out, turn });
}

/**
 * WGSL: `store`, which is written once and called for every four sums: Deno and the driver read a kernel's text each time that they compile
 * it, kept shaders or not, and the stores were half of it.
 */
function storeFunction({ store, look }: ProductEnding): string {
  if (look.words === "") return `fn store(row: u32, column: u32, sum: vec4<f32>) {\n${store}\n}`;
  return `fn store(row: u32, column: u32, sum: vec4<f32>, before: ${look.words}) -> ${look.words} {
  var largest = before;
${store}
  return largest;
}`;
}

/** WGSL: a call of it. What has been seen so far goes in and comes out. */
function callStore(what: string, look: LookSource): string {
  return look.words === "" ? `  store(${what});` : `  largest = store(${what}, largest);`;
}

/** Where the rows or columns of the operands begin, in texels. Past the edge it is the last one's place. */
function starts(form: MatmulForm, areFours: boolean, { rows, columns, groupColumns }: MatmulTile): string {
  const a = form === "tn"
    ? range(rows / 4).map((i) => `  let a${i} = min(row0 / 4u + ${i}u, m4 - 1u);`)
    : range(rows).map((r) => `  let a${r} = min(row0 + ${r}u, p.m - 1u) * k4;`);
  // Past the edge comes what is stored there once more: the last column, or the last four of them.
  const ntColumn = (c: number, q: number) =>
    areFours ? `(min(column0 + ${c}u, p.n - 4u) + ${q}u)` : `min(column0 + ${c + q}u, p.n - 1u)`;
  const b = form === "nt"
    ? range(columns).map((c) => `  let b${c} = ${ntColumn((c >> 2) * 4 * groupColumns, c % 4)} * k4;`)
    : range(columns / 4).map((j) => `  let b${j} = min(column0 / 4u + ${j * groupColumns}u, n4 - 1u);`);
  return [...a, ...b].join("\n");
}

/** Terms of k that {@linkcode loopOverOnes} adds in one turn: a loop's turn costs the driver a selection for every sum. */
const TERMS = 4;

/** tn: a texel of A is four rows at one k, one of B four columns. */
function loopOverOnes(tile: MatmulTile, areFours: boolean): string {
  const { rows, columns } = tile;
  const loads = (q: number) =>
    [
      ...range(rows / 4).map((r) => `    let x${r}_${q} = ${load("a", `a${r} + (i + ${q}u) * m4`)};`),
      ...range(columns / 4).map((j) => `    let y${j}_${q} = ${load("b", `b${j} + (i + ${q}u) * n4`)};`),
    ].join("\n");
  const adds = (terms: number[]) => addTerms(tile, terms, (r, q) => `x${r >> 2}_${q}.${fourTimes(r % 4)}`);
  const turn = (terms: number[]) =>
    [...terms.map(loads), adds(terms), `    i += ${terms.length}u;`].join("\n");
  return `
  var i = 0u;
${longLoop(turn(range(TERMS)), `i + ${TERMS}u <= terms`, areFours)}
${areFours ? "" : whileDo(turn([0]), "i < terms")}`;
}

/** The long loop: it has a turn at least where the terms are fours. */
function longLoop(turn: string, goesOn: string, areFours: boolean): string {
  return (areFours ? doWhile : whileDo)(turn, goesOn);
}

/** nn and nt: a texel of A is one row at four k. */
function loopOverFours(form: MatmulForm, tile: MatmulTile, areFours: boolean): string {
  const loadsA = range(tile.rows).map((r) => `    let x${r} = ${load("a", `a${r} + i`)};`);
  const turn = [
    ...loadsA,
    ...loadTexelsB(form, tile),
    ...range(4).map((q) => loadTermsB(form, tile, q)),
    addTerms(tile, range(4), (r, q) => `x${r}.${fourTimes(q)}`),
    "    i++;",
  ].join("\n");
  return `
  var i = 0u;
${longLoop(turn, "i < terms / 4u", areFours)}`;
}

/** nn and nt: what is left of k, at `i`, is done by ones, so that nothing is added that is no term. */
function addRest(form: MatmulForm, tile: MatmulTile): string {
  const row = (r: number) => `min(row0 + r + ${r}u, p.m - 1u)`;
  const loadsA = range(tile.rows).map((r) => `    let x${r} = ${load("a", `${row(r)} * k4 + i`)};`);
  return `
  if (terms % 4u != 0u) {
${[...loadsA, ...loadTexelsB(form, tile)].join("\n")}
    var q = 0u;
${
    doWhile(
      [loadTermsB(form, tile, "q"), addTerms(tile, ["q"], (r) => `vec4(x${r}[q])`), "      q++;"].join("\n"),
      "q < terms % 4u",
    )
  }
  }`;
}

/** nt: a texel of B is one column at four k. */
function loadTexelsB(form: MatmulForm, { columns }: MatmulTile): string[] {
  return form === "nn" ? [] : range(columns).map((c) => `    let t${c} = ${load("b", `b${c} + i`)};`);
}

/** B's four columns each at one term of four: a texel of it in nn, of four of them in nt. */
function loadTermsB(form: MatmulForm, { columns }: MatmulTile, q: number | "q"): string {
  const term = q === "q" ? q : `${q}u`, part = q === "q" ? "[q]" : `.${"xyzw"[q]}`;
  const fourColumns = (j: number) =>
    form === "nn"
      ? load("b", `b${j} + (4u * i + ${term}) * n4`)
      : `vec4(${range(4).map((c) => `t${4 * j + c}${part}`)})`;
  return range(columns / 4).map((j) => `    let y${j}_${q} = ${fourColumns(j)};`).join("\n");
}

/**
 * All terms of a turn to one sum before the next: the sums do not fit registers together, so that each is loaded and stored once a turn
 * and not once a term. A factor of A by its row and term, four times, is what `x` says; those of B are `y{four columns}_{term}`.
 */
function addTerms<T extends number | "q">(
  tile: MatmulTile,
  terms: T[],
  x: (r: number, q: T) => string,
): string {
  return eachSum(tile, (sum, r, j) => terms.map((q) => add(sum, x(r, q), `y${j}_${q}`)).join("\n"));
}

const load = (operand: string, texel: string) => `textureLoad(${operand}, image_at(${texel}))`;
const add = (sum: string, x: string, y: string) => `      ${sum} = fma(${x}, ${y}, ${sum});`;
const fourTimes = (place: number) => "xyzw"[place].repeat(4);

function storeOnes(epilogue: EpilogueSource): string {
  return range(4).map((q) => storeOne("row", `column + ${q}u`, `sum.${"xyzw"[q]}`, epilogue)).join("\n");
}

function eachSum({ rows, columns }: MatmulTile, text: (sum: string, r: number, j: number) => string): string {
  return range(rows).map((r) => range(columns / 4).map((j) => text(`sum${r}_${j}`, r, j)).join("\n")).join(
    "\n",
  );
}
