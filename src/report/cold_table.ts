/**
 * Cold starts as text.
 *
 * @module
 */
import type { ColdReport, ColdRow } from "../bench/cold.ts";
import { aligned, failureLines } from "./bench_table.ts";
import { figure, NOTHING } from "./format.ts";

/**
 * A line a workload and state of the shader cache, and a line for whatever failed.
 *
 * @param report What was measured.
 */
export function coldTable({ starts, rows, errors }: ColdReport): string {
  const peers = [...new Set(rows.flatMap((row) => Object.keys({ ...row.peers, ...row.lacks })))];
  const head = ["workload", "shaders", "fanin", ...peers, "ratio"];
  return [
    `milliseconds from before the first import to the first result, in a fresh process; medians of ${starts} starts`,
    "",
    ...aligned([head, ...rows.map((row) => cellsOf(row, peers))], 2),
    ...failureLines(errors),
  ].join("\n");
}

function cellsOf(row: ColdRow, peers: readonly string[]): string[] {
  const time = (value: number | null) => value === null ? "failed" : figure(value);
  return [
    row.workload,
    row.shaders,
    time(row.fanin),
    ...peers.map((name) => row.lacks[name] ?? time(row.peers[name])),
    row.ratio === null ? NOTHING : figure(row.ratio),
  ];
}
