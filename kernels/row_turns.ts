/**
 * What a matrix product does once for each of its sums, after the long loop: for some rows of them a turn, not written out for all.
 *
 * @module
 */
import { doWhile, loopEnd } from "./loop.ts";
import { range } from "./matmul_tile.ts";

/** How an invocation's sums are gone through. */
export interface RowTurns {
  /** Rows of sums. */
  readonly rows: number;
  /** Variables of a row: `sum0_0`, `sum0_1`, … */
  readonly sums: number;
  /** Rows a turn; divides `rows`. */
  readonly each: number;
  /** Any storage buffer of the kernel: it has an element at least. */
  readonly buffer: string;
  /** WGSL: what is done with the first `each` rows of the variables, which are rows `r`, `r + 1u`, … of the invocation's. */
  readonly turn: string;
}

/**
 * WGSL: a loop over the rows; after each turn the rows below move up. No loop where a turn does all.
 *
 * Mesa's software driver compiles a store, or what comes before it, as often as it stands there, four numbers of it in eight lanes each:
 * written out for all sums they took half of the time that a product took to compile.
 */
export function rowTurns({ rows, sums, each, buffer, turn }: RowTurns): string {
  if (rows === each) return `\n  let r = 0u;\n${turn}`;
  const moves = range(rows - each).flatMap((r) =>
    range(sums).map((j) => `    sum${r}_${j} = sum${r + each}_${j};`)
  );
  return `
  let rows = ${loopEnd(`${rows}u`, buffer)};
  var r = 0u;
${doWhile([turn, ...moves, `    r += ${each}u;`].join("\n"), "r < rows")}`;
}
