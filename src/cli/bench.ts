/**
 * `fanin bench`: measures this machine.
 *
 * The package carries no other library. Those to compare with are handed in by `bench/main.ts` of the repository.
 *
 * @module
 */
import { initGroup } from "../bench/init.ts";
import { shapeGroups, squareGroups } from "../bench/matmul.ts";
import { randomGroup, scaleGroups } from "../bench/random.ts";
import { type Report, type Row, runGroups } from "../bench/run.ts";
import { trainingGroups } from "../bench/training.ts";
import type { Peer, WorkloadGroup } from "../bench/workload.ts";
import { ArgumentError } from "../gpu/errors.ts";
import { Gpu } from "../gpu/gpu.ts";
import { figure, NOTHING, plain } from "../report/format.ts";
import { printJson, printResult, say } from "./console.ts";
import { COMMON, helpText, type OptionSpecs, parseOptions } from "./options.ts";

const OPTIONS = {
  peers: { kind: "flag", help: "measure the other libraries too, in the same run (in the repository only)" },
  rounds: { kind: "integer", value: "N", help: "turns that each contender takes", default: 7, least: 1 },
  only: { kind: "text", value: "TEXT", help: "only the workloads whose name contains this: matmul, train" },
  shapes: { kind: "flag", help: "every shape of matmul that training meets, odd sizes and 2048 as well" },
  scale: { kind: "flag", help: "time against size, over three decades, as well" },
  quick: { kind: "flag", help: "tiny sizes and short runs: shows that it works, not how fast" },
  ...COMMON,
} as const satisfies OptionSpecs;

const SUMMARY =
  "Measures random numbers, a plain write of as many, matmul, the initialisation of a network and its training, in turns.";

/** Least duration of a run, in seconds: a read-back takes 0.01. */
const SECONDS = 0.3, QUICK_SECONDS = 0.06;

/** Size of the buffers with `--quick`, as a power of two. */
const QUICK_LOG2 = 16;

/** Side of the square with `--quick`. */
const QUICK_SIDE = 128;

/**
 * Measures this machine.
 *
 * @param args The arguments after the command's name.
 * @param loadPeers Gives the libraries for `--peers`, where there are any.
 * @returns The exit status.
 */
export async function bench(args: string[], loadPeers?: () => Promise<readonly Peer[]>): Promise<number> {
  const options = parseOptions(args, OPTIONS), { quick } = options;
  if (options.help) {
    printResult(helpText("fanin bench [options]", SUMMARY, OPTIONS));
    return 0;
  }
  if (options.peers && loadPeers === undefined) {
    throw new ArgumentError(
      "--peers: the command carries no other libraries",
      "measure them from the repository: deno task bench --peers",
    );
  }
  const peers = options.peers ? await loadPeers!() : [];
  const groups = chosen(allGroups(options), options.only);
  using gpu = await Gpu.open({ label: "bench" });
  const report = await runGroups(gpu, groups, peers, {
    rounds: options.rounds,
    seconds: quick ? QUICK_SECONDS : SECONDS,
    onProgress: options.json ? undefined : say,
  });
  if (options.json) printJson(report);
  else printResult(table(report));
  return 0;
}

function allGroups(
  { quick, shapes, scale }: { quick: boolean; shapes: boolean; scale: boolean },
): WorkloadGroup[] {
  return [
    randomGroup(quick ? QUICK_LOG2 : undefined),
    initGroup,
    ...squareGroups(quick ? [QUICK_SIDE] : undefined),
    ...quick ? [] : trainingGroups(),
    ...shapes ? shapeGroups() : [],
    ...scale ? scaleGroups() : [],
  ];
}

/** The workloads whose name contains the text; the plain write stays where others are related to it. */
function chosen(groups: readonly WorkloadGroup[], text = ""): WorkloadGroup[] {
  const found = groups.map(({ workloads, relative }) => {
    const named = workloads.filter((w) => w.name.includes(text));
    const write = relative && named.length > 0 && named[0] !== workloads[0] ? [workloads[0]] : [];
    return { workloads: [...write, ...named], relative };
  }).filter(({ workloads }) => workloads.length > 0);
  if (found.length > 0) return found;
  const names = groups.flatMap(({ workloads }) => workloads.map((w) => w.name));
  throw new ArgumentError(`--only ${text} names no workload`, `use a part of one: ${names.join("; ")}`);
}

/** The report as text: a line a row, and a line for whatever failed. */
function table({ adapter, rounds, rows, errors }: Report): string {
  const peers = [...new Set(rows.flatMap((row) => Object.keys(row.peers)))];
  const head = ["workload", "unit", "fanin", ...peers, "ratio", "writes"];
  const cells = [head, ...rows.map((row) => cellsOf(row, peers))];
  const widths = head.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const lines = cells.map((line) =>
    line.map((cell, i) => i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ").trimEnd()
  );
  const failures = errors.map(({ workload, name, error }) => `${workload}, ${name}: ${plain(error)}`);
  return [`adapter ${adapter}; medians of ${rounds} rounds`, "", ...lines, ...failures].join("\n");
}

function cellsOf(row: Row, peers: readonly string[]): string[] {
  const cell = (value: number | null | undefined) =>
    value === undefined || value === null ? NOTHING : figure(value);
  const others = peers.map((name) => row.peers[name] === null ? "failed" : cell(row.peers[name]));
  return [row.workload, row.unit, cell(row.fanin), ...others, cell(row.ratio), cell(row.writes)];
}
