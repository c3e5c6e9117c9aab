/**
 * Matrix product in the three forms that training needs, from one generator.
 *
 * C[m, n] = op(A)·op(B), float32, row-major. `nn` is A[m, k]·B[k, n]; `tn` is Aᵀ·B with A stored [k, m]; `nt` is A·Bᵀ with
 * B stored [n, k].
 *
 * Every output element is summed by one invocation over k = 0, 1, …, K-1, one `fma` each (which Mesa's software driver rounds
 * twice), whatever the tile, the shape and the position: rows and columns past the edge run the same code on clamped addresses.
 * So equal operands give equal bits, and identical neurons stay identical.
 *
 * @module
 */
import { type Binding, type Kernel, type ParamType, reads } from "./kernel.ts";
import { whileDo } from "./loop.ts";
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
  type MatmulTile,
  range,
  stored,
  storeOne,
  tileGrid,
  tileName,
} from "./matmul_tile.ts";
import type { Looking, LookingAt } from "./non_finite.ts";
import { rowTurns } from "./row_turns.ts";

/** The tile that does well on software rendering: one workgroup is one SIMD vector of eight invocations. */
export const DEFAULT_TILE: MatmulTile = { rows: 8, columns: 8, groupRows: 1, groupColumns: 8 };

/**
 * The kernel for one form, epilogue and tile.
 *
 * Parameters: `m` rows and `n` columns of C, `k` terms of each sum; each may be 0; `slot` where it looks. Buffers: `a`, `b`, `out`;
 * `bias` [n] or `h` [m, n] where the epilogue reads one; `cursor` and `seen` where it looks.
 *
 * @param form Which operands are stored transposed.
 * @param epilogue What is done to each sum.
 * @param tile How the work is cut; changes no bit of the result on one adapter.
 * @param options Whether it looks out for NaN and infinities in what it stores, and whether its sums go on.
 * @returns The kernel.
 */
export function matmul<E extends MatmulEpilogue, L extends boolean = false>(
  form: MatmulForm,
  epilogue: E,
  tile: MatmulTile = DEFAULT_TILE,
  { looking, goesOn = false }: MatmulExtras<L> = {},
): Kernel<"a" | "b" | "out" | EpilogueBuffer<E> | Looking<L>, "m" | "n" | "k" | LookingAt<L>> {
  const end = epilogueSource(epilogue, looking ?? false, 1);
  return {
    name: `matmul_${form}_${epilogue}_${tileName(tile)}${goesOn ? "_on" : ""}${end.look.name}`,
    bindings: [reads("a"), reads("b"), ...resultBindings(end)] as Binding<
      "a" | "b" | "out" | EpilogueBuffer<E> | Looking<L>
    >[],
    params: { m: "u32", n: "u32", k: "u32", ...end.look.params } as Record<
      "m" | "n" | "k" | LookingAt<L>,
      ParamType
    >,
    body: `${end.functions}\n${mainFunction(form, end, tile, goesOn)}`,
    workgroups: (sizes) => tileGrid(tile, sizes),
  };
}

function mainFunction(form: MatmulForm, epilogue: EpilogueSource, tile: MatmulTile, goesOn: boolean): string {
  const { rows, columns, groupRows, groupColumns } = tile;
  const eachRow = (text: (r: number) => string) => range(rows).map(text).join("\n");
  const eachColumn = (text: (c: number) => string) => range(columns).map(text).join("\n");
  const eachResult = (text: (r: number, c: number) => string) =>
    eachRow((r) => eachColumn((c) => text(r, c)));
  const stores = range(columns).map((c) =>
    storeOne("row0 + r", `column0 + ${c * groupColumns}u`, `sum0_${c}`, epilogue)
  ).join("\n");
  // Where operand A's row and B's column begin, and how far apart their terms lie.
  const aStart = form === "tn" ? "" : " * p.k", aStep = form === "tn" ? " * p.m" : "";
  const bStart = form === "nt" ? " * p.k" : "", bStep = form === "nt" ? "" : " * p.n";
  const turn = `    let ai = i${aStep};
    let bi = i${bStep};
${eachRow((r) => `    let x${r} = a[a${r} + ai];`)}
${eachColumn((c) => `    let y${c} = b[b${c} + bi];`)}
${eachResult((r, c) => `    sum${r}_${c} = fma(x${r}, y${c}, sum${r}_${c});`)}
    i++;`;
  return `${blockHead(tile)}
  let row0 = (down * ${groupRows}u + lane_row) * ${rows}u;
  let column0 = along * ${columns * groupColumns}u + lane_column;
  if (row0 >= p.m || column0 >= p.n) { return; }
${eachRow((r) => `  let a${r} = min(row0 + ${r}u, p.m - 1u)${aStart};`)}
${
    // Neighbouring invocations take neighbouring columns, so that their loads of B share cache lines.
    eachColumn((c) => `  let b${c} = min(column0 + ${c * groupColumns}u, p.n - 1u)${bStart};`)}
  ${epilogue.look.begin}
${
    eachResult((r, c) =>
      `  var sum${r}_${c} = ${goesOn ? stored(`row0 + ${r}u`, `column0 + ${c * groupColumns}u`) : "0.0"};`
    )
  }
  var i = 0u;
${whileDo(turn, "i < p.k")}
${rowTurns({ rows, sums: columns, each: 1, buffer: "out", turn: stores })}
  ${epilogue.look.end}
}`;
}
