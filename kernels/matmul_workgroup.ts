/**
 * Matrix product that shares its operands through workgroup memory: the variant for GPUs.
 *
 * Each workgroup copies blocks of both operands, 16 terms deep, and every number copied serves a whole row or column of its
 * results. The forms, the epilogues and the order of summation are those of `matmul.ts`.
 *
 * @module
 */
import { type Binding, type Kernel, type ParamType, reads } from "./kernel.ts";
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

/** 256 invocations hold 64 rows of 64 columns. */
export const WORKGROUP_TILE: MatmulTile = { rows: 4, columns: 4, groupRows: 16, groupColumns: 16 };

/** Terms of the sums that are copied at a time. */
const DEPTH = 16;

/**
 * The kernel for one form, epilogue and tile.
 *
 * Parameters and buffers are those of `matmul`.
 *
 * @param form Which operands are stored transposed.
 * @param epilogue What is done to each sum.
 * @param tile How the work is cut: at most 256 invocations, and 64 rows and columns together for each workgroup.
 * @param options Whether it looks out for NaN and infinities in what it stores, and whether its sums go on.
 * @returns The kernel.
 */
export function matmulWorkgroup<E extends MatmulEpilogue, L extends boolean = false>(
  form: MatmulForm,
  epilogue: E,
  tile: MatmulTile = WORKGROUP_TILE,
  { looking, goesOn = false }: MatmulExtras<L> = {},
): Kernel<"a" | "b" | "out" | EpilogueBuffer<E> | Looking<L>, "m" | "n" | "k" | LookingAt<L>> {
  const end = epilogueSource(epilogue, looking ?? false, 1);
  return {
    name: `matmul_workgroup_${form}_${epilogue}_${tileName(tile)}${goesOn ? "_on" : ""}${end.look.name}`,
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
  const { rows, columns, groupRows, groupColumns } = tile, lanes = groupRows * groupColumns;
  const down = rows * groupRows, across = columns * groupColumns;
  return `
var<workgroup> a_block: array<f32, ${DEPTH * down}>;
var<workgroup> b_block: array<f32, ${DEPTH * across}>;
${blockHead(tile)}
  let row0 = down * ${down}u;
  let column0 = along * ${across}u;
  if (row0 >= p.m || column0 >= p.n) { return; } // the whole workgroup or none of it
  ${epilogue.look.begin}
${
    eachResult(tile, (r, c) => {
      const [row, column] = place(tile, r, c);
      return `  var sum${r}_${c} = ${goesOn ? stored(row, column) : "0.0"};`;
    })
  }
  for (var begin = 0u; begin < p.k; begin += ${DEPTH}u) {
    for (var i = lane; i < ${DEPTH * down}u; i += ${lanes}u) {
${copy("a", form === "tn", down, "row0", "p.m")}
    }
    for (var i = lane; i < ${DEPTH * across}u; i += ${lanes}u) {
${copy("b", form !== "nt", across, "column0", "p.n")}
    }
    workgroupBarrier();
    let depth = min(${DEPTH}u, p.k - begin);
    for (var i = 0u; i < depth; i++) {
${
    range(rows).map((r) => `      let x${r} = a_block[i * ${down}u + lane_row + ${r * groupRows}u];`).join(
      "\n",
    )
  }
${
    range(columns).map((c) =>
      `      let y${c} = b_block[i * ${across}u + lane_column + ${c * groupColumns}u];`
    )
      .join("\n")
  }
${eachResult(tile, (r, c) => `      sum${r}_${c} = fma(x${r}, y${c}, sum${r}_${c});`)}
    }
    workgroupBarrier();
  }
${
    eachResult(tile, (r, c) => {
      const [row, column] = place(tile, r, c);
      return storeOne(row, column, `sum${r}_${c}`, epilogue);
    })
  }
  ${epilogue.look.end}
}`;
}

/** Row and column of C of an invocation's result: its neighbours have the neighbouring ones. */
function place({ groupRows, groupColumns }: MatmulTile, r: number, c: number): [row: string, column: string] {
  return [`row0 + lane_row + ${r * groupRows}u`, `column0 + lane_column + ${c * groupColumns}u`];
}

/** One number of a block [DEPTH, width], from clamped places: what lies past the edges is never summed or never stored. */
function copy(operand: "a" | "b", depthFirst: boolean, width: number, first: string, count: string): string {
  // Neighbouring invocations copy neighbouring numbers of the operand, whichever way it is stored.
  return depthFirst
    ? `      let term = min(begin + i / ${width}u, p.k - 1u);
      let line = min(${first} + i % ${width}u, ${count} - 1u);
      ${operand}_block[i] = ${operand}[term * ${count} + line];`
    : `      let term = min(begin + i % ${DEPTH}u, p.k - 1u);
      let line = min(${first} + i / ${DEPTH}u, ${count} - 1u);
      ${operand}_block[i % ${DEPTH}u * ${width}u + i / ${DEPTH}u] = ${operand}[line * p.k + term];`;
}

function eachResult({ rows, columns }: MatmulTile, text: (r: number, c: number) => string): string {
  return range(rows).flatMap((r) => range(columns).map((c) => text(r, c))).join("\n");
}
