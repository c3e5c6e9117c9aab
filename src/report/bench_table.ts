/**
 * What `fanin bench` measured, as text.
 *
 * @module
 */
import type { Breakdown } from "../bench/breakdown.ts";
import type { Failure, Report, Row } from "../bench/run.ts";
import { figure, NOTHING, percent, plain } from "./format.ts";

/**
 * The report as text: a line a row, and a line for whatever failed.
 *
 * @param report What was measured.
 */
export function benchTable({ adapter, rounds, rows, errors }: Report): string {
  const peers = [...new Set(rows.flatMap((row) => Object.keys({ ...row.peers, ...row.lacks })))];
  const head = ["workload", "unit", "fanin", ...peers, "ratio", "writes"];
  const lines = aligned([head, ...rows.map((row) => cellsOf(row, peers, errors))], 2);
  return [`adapter ${adapter}; medians of ${rounds} rounds`, "", ...lines, ...failureLines(errors)].join(
    "\n",
  );
}

/** A line for whatever has no figure. */
export function failureLines(errors: readonly { workload: string; name: string; error: string }[]): string[] {
  return errors.map(({ workload, name, error }) => `${workload}, ${name}: ${plain(error)}`);
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
export function aligned(cells: readonly string[][], left: number): string[] {
  const widths = cells[0].map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  return cells.map((line) =>
    line.map((cell, i) => i < left ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ").trimEnd()
  );
}

function cellsOf(row: Row, peers: readonly string[], errors: readonly Failure[]): string[] {
  const cell = (value: number | null | undefined) =>
    value === undefined || value === null ? NOTHING : figure(value);
  const measured = (name: string, value: number | null | undefined) => {
    const failure = errors.find((e) => e.workload === row.workload && e.name === name);
    if (failure === undefined) return row.lacks[name] ?? cell(value);
    return failure.disbelieved ? "not believed" : "failed";
  };
  const others = peers.map((name) => measured(name, row.peers[name]));
  return [
    row.workload,
    row.unit,
    measured("fanin", row.fanin),
    ...others,
    cell(row.ratio),
    cell(row.writes),
  ];
}
