/**
 * Matrix product of a small operand, bound as a uniform buffer, and one that is read as it lies: the variant for Mesa's software driver
 * where a result has few rows or few columns.
 *
 * All invocations of a workgroup want the same number of the small operand: the driver loads it once from a uniform buffer, where it
 * loads from a storage buffer lane by lane. Each invocation takes columns of C that are its own, or rows of it in the form `nt`, and
 * adds up all that the small operand makes of them.
 *
 * The forms, the epilogues and the order of summation are those of `matmul.ts`, and so are the bits.
 *
 * @module
 */
import {
  type Binding,
  inLanes,
  type Kernel,
  type Lanes,
  lanesFor,
  lanesName,
  type ParamType,
  reads,
  uniformFours,
} from "./kernel.ts";
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
import type { Looking, LookingAt } from "./non_finite.ts";
import { doWhile } from "./loop.ts";
import { rowTurns } from "./row_turns.ts";

/** Columns of C in the form `nt`, and rows of it in the others, that one invocation holds at most. */
export const FEW = 16;

/** Invocations of a workgroup: a SIMD vector. */
const LANES = 8;

/**
 * The tile that does well: one invocation holds what the whole small operand makes of its rows or columns.
 *
 * @param form Which operands are stored transposed.
 * @param sizes Of the product, each 1 or more.
 */
export function uniformTile(form: MatmulForm, { m, n }: MatmulSizes): MatmulTile {
  const few = Math.min(form === "nt" ? n : m, FEW);
  return form === "nt"
    ? { rows: Math.min(Math.ceil(m / LANES), LANES), columns: few, groupRows: LANES, groupColumns: 1 }
    : { rows: few, columns: LANES, groupRows: 1, groupColumns: LANES };
}

/**
 * Numbers in the small operand: B in the form `nt`, A in the others.
 *
 * @param form Which operands are stored transposed.
 * @param sizes Of the product.
 */
export function smallLength(form: MatmulForm, { m, n, k }: MatmulSizes): number {
  return (form === "nt" ? n : m) * k;
}

/**
 * The kernel for one form, epilogue and product.
 *
 * Parameters and buffers are those of `matmul`; `b` in the form `nt`, `a` in the others, is bound as a uniform buffer.
 *
 * @param form Which operands are stored transposed.
 * @param epilogue What is done to each sum.
 * @param sizes Of the product: the small operand's size is part of the text, and whether rows are whole fours.
 * @param tile How the work is cut, in the forms `nn` and `tn` with a multiple of four columns; changes no bit of the result.
 * @param options Whether it looks out for NaN and infinities in what it stores.
 * @returns The kernel.
 * @throws {RangeError} when the small operand is none, no whole fours, or larger than a uniform buffer.
 */
export function matmulUniform<E extends MatmulEpilogue, L extends boolean = false>(
  form: MatmulForm,
  epilogue: E,
  sizes: MatmulSizes,
  tile: MatmulTile = uniformTile(form, sizes),
  { looking }: Pick<MatmulExtras<L>, "looking"> = {},
): Kernel<"a" | "b" | "out" | EpilogueBuffer<E> | Looking<L>, "m" | "n" | "k" | LookingAt<L>> {
  const uniform = uniformFours(smallLength(form, sizes));
  if (uniform === undefined) {
    const { m, n, k } = sizes;
    throw new RangeError(
      `the small operand of ${form} ${m}x${n}x${k} is not 4, 8, … or 16384 numbers; use matmul`,
    );
  }
  // Where C has no elements, an operand may have no four.
  const lanes = sizes.m * sizes.n === 0 ? 1 : lanesFor(form === "nt" ? sizes.k : sizes.n);
  const end = epilogueSource(epilogue, looking ?? false, form === "nt" ? 1 : lanes);
  const small = (name: "a" | "b") => ({ ...reads(name), uniform }),
    large = (name: "a" | "b") => inLanes(reads(name), lanes);
  const operands = form === "nt" ? [large("a"), small("b")] : [small("a"), large("b")];
  return {
    name: `matmul_uniform_${form}_${epilogue}_${tileName(tile)}_${uniform}${
      lanesName(lanes)
    }${end.look.name}`,
    bindings: [...operands, ...resultBindings(end)] as Binding<
      "a" | "b" | "out" | EpilogueBuffer<E> | Looking<L>
    >[],
    params: { m: "u32", n: "u32", k: "u32", ...end.look.params } as Record<
      "m" | "n" | "k" | LookingAt<L>,
      ParamType
    >,
    body: `${end.functions}\n${
      form === "nt" ? rowsMain(end, tile, lanes) : columnsMain(form, end, tile, lanes)
    }`,
    workgroups: (sizes) => tileGrid(tile, sizes),
  };
}

/** WGSL: a number of the small operand. It has some, so that a sum has a term at least. */
const smallAt = (operand: "a" | "b") => `
fn small_at(i: u32) -> f32 { return ${operand}[i / 4u][i % 4u]; }`;

/** nt: each invocation has rows of A, of which four terms are one load where rows are whole fours. */
function rowsMain(epilogue: EpilogueSource, tile: MatmulTile, lanes: Lanes): string {
  const { rows, columns, groupRows, groupColumns } = tile, length = lanes === 4 ? "(p.k / 4u)" : "p.k";
  const row = (r: number) => `row0 + ${r * groupRows}u`, column = (c: number) => `column0 + ${c}u`;
  const add = (c: number) => (q: string) =>
    range(rows).map((r) => `      sum${r}_${c} = fma(x${r}${q}, y${q}, sum${r}_${c});`).join("\n");
  const adds = (c: number) =>
    `    {
      let y = ${lanes === 4 ? `b[b${c} + i]` : `small_at(b${c} + i)`};
${(lanes === 4 ? [".x", ".y", ".z", ".w"] : [""]).map(add(c)).join("\n")}
    }`;
  const stores = range(columns).map((c) =>
    storeOne(`row0 + r * ${groupRows}u`, column(c), `sum0_${c}`, epilogue, false)
  ).join("\n");
  const loads = range(rows).map((r) => `    let x${r} = a[a${r} + i];`);
  const turn = [...loads, ...range(columns).map(adds), "    i++;"].join("\n");
  return `${smallAt("b")}
${blockHead(tile)}
  let row0 = down * ${rows * groupRows}u + lane_row;
  let column0 = (along * ${groupColumns}u + lane_column) * ${columns}u;
  if (row0 >= p.m || column0 >= p.n) { return; }
${range(rows).map((r) => `  let a${r} = min(${row(r)}, p.m - 1u) * ${length};`).join("\n")}
${range(columns).map((c) => `  let b${c} = min(${column(c)}, p.n - 1u) * ${length};`).join("\n")}
  ${epilogue.look.begin}
${range(rows).flatMap((r) => range(columns).map((c) => `  var sum${r}_${c} = 0.0;`)).join("\n")}
  var i = 0u;
${doWhile(turn, `i < ${length}`)}
${rowTurns({ rows, sums: columns, each: 1, buffer: "out", turn: stores })}
  ${epilogue.look.end}
}`;
}

/** nn and tn: each invocation has columns of B, four of them one load where rows are whole fours. */
function columnsMain(form: "nn" | "tn", epilogue: EpilogueSource, tile: MatmulTile, lanes: Lanes): string {
  const { rows, columns, groupRows, groupColumns } = tile, four = lanes === 4;
  const pieces = range(columns / lanes), across = four ? "(p.n / 4u)" : "p.n";
  const row = (r: number) => `row0 + ${r}u`, column = (c: number) => `column0 + ${c * lanes * groupColumns}u`;
  const sums = range(rows).flatMap((r) => pieces.map((c) => ({ r, c, sum: `sum${r}_${c}` })));
  const x = (r: number) => form === "tn" ? `i * p.m + a${r}` : `a${r} * p.k + i`;
  const stores = pieces.map((c) =>
    (four ? storeFour : storeOne)("row0 + r", column(c), `sum0_${c}`, epilogue, false)
  ).join("\n");
  const turn = [
    ...pieces.map((c) => `    let y${c} = b[i * ${across} + b${c}];`),
    ...range(rows).map((r) => `    let x${r} = small_at(${x(r)});`),
    ...sums.map(({ r, c, sum }) => `    ${sum} = fma(${four ? `vec4(x${r})` : `x${r}`}, y${c}, ${sum});`),
    "    i++;",
  ].join("\n");
  return `${smallAt("a")}
${blockHead(tile)}
  let row0 = (down * ${groupRows}u + lane_row) * ${rows}u;
  let column0 = along * ${columns * groupColumns}u + lane_column * ${lanes}u;
  if (row0 >= p.m || column0 >= p.n) { return; }
${range(rows).map((r) => `  let a${r} = min(${row(r)}, p.m - 1u);`).join("\n")}
${pieces.map((c) => `  let b${c} = min((${column(c)}) / ${lanes}u, ${across} - 1u);`).join("\n")}
  ${epilogue.look.begin}
${sums.map(({ sum }) => `  var ${sum} = ${four ? "vec4<f32>()" : "0.0"};`).join("\n")}
  var i = 0u;
${doWhile(turn, "i < p.k")}
${rowTurns({ rows, sums: pieces.length, each: 1, buffer: "out", turn: stores })}
  ${epilogue.look.end}
}`;
}
