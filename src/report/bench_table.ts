/**
 * What `fanin bench` measured, as text.
 *
 * @module
 */
import type { Breakdown } from "../bench/breakdown.ts";
import type { Report, Row } from "../bench/run.ts";
import { figure, NOTHING, percent, plain } from "./format.ts";

/**
 * The report as text: a line a row, and a line for whatever failed.
 *
 * @param report What was measured.
 */
export function benchTable({ adapter, rounds, rows, errors }: Report): string {
  const peers = [...new Set(rows.flatMap((row) => Object.keys({ ...row.peers, ...row.lacks })))];
  const head = ["workload", "unit", "fanin", ...peers, "ratio", "writes"];
  const lines = aligned([head, ...rows.map((row) => cellsOf(row, peers))], 2);
  const failures = errors.map(({ workload, name, error }) => `${workload}, ${name}: ${plain(error)}`);
  return [`adapter ${adapter}; medians of ${rounds} rounds`, "", ...lines, ...failures].join("\n");
}

/** What is said of timestamps. */
const TIMESTAMPS: Record<Breakdown["timestamps"], string> = {
  "none": "this adapter has no timestamps",
  "believable": "timestamps and clock agree",
  "not believable":
    "timestamps contradict the clock on this adapter: its driver does not take them when the kernels run",
};

/**
 * A breakdown as text: a line a kernel.
 *
 * @param breakdown What was measured.
 */
export function breakdownTable({ workload, step, rows, timestamps }: Breakdown): string {
  const head = ["kernel", "calls", "ms a step", "share", "timestamps"];
  const cells = rows.map((row) => [
    row.kernel,
    `${row.calls}`,
    row.clock.toFixed(3),
    percent(row.share),
    row.timestamps === null ? NOTHING : row.timestamps.toFixed(3),
  ]);
  const kernels = rows.reduce((sum, { clock }) => sum + clock, 0);
  return [
    `${workload}: a step takes ${step.toFixed(2)} ms, its kernels one by one ${kernels.toFixed(2)} ms`,
    ...aligned([head, ...cells], 1),
    TIMESTAMPS[timestamps],
  ].join("\n");
}

/** Lines of cells in columns: the first `left` of them stand to the left, the others to the right. */
function aligned(cells: readonly string[][], left: number): string[] {
  const widths = cells[0].map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  return cells.map((line) =>
    line.map((cell, i) => i < left ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ").trimEnd()
  );
}

function cellsOf(row: Row, peers: readonly string[]): string[] {
  const cell = (value: number | null | undefined) =>
    value === undefined || value === null ? NOTHING : figure(value);
  const others = peers.map((name) =>
    row.lacks[name] ?? (row.peers[name] === null ? "failed" : cell(row.peers[name]))
  );
  return [row.workload, row.unit, cell(row.fanin), ...others, cell(row.ratio), cell(row.writes)];
}
