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
import { type Breakdown, trainingBreakdown } from "../bench/breakdown.ts";
import { runGroups } from "../bench/run.ts";
import { lookGroups, TRAINING_BATCHES, trainingGroups } from "../bench/training.ts";
import type { Peer, WorkloadGroup } from "../bench/workload.ts";
import { ArgumentError } from "../gpu/errors.ts";
import { Gpu } from "../gpu/gpu.ts";
import { benchTable, breakdownTable } from "../report/bench_table.ts";
import { printJson, printResult, say } from "./console.ts";
import { COMMON, helpText, type OptionSpecs, parseOptions } from "./options.ts";

const OPTIONS = {
  peers: { kind: "flag", help: "measure the other libraries too, in the same run (in the repository only)" },
  rounds: { kind: "integer", value: "N", help: "turns that each contender takes", default: 7, least: 1 },
  only: { kind: "text", value: "TEXT", help: "only the workloads whose name contains this: matmul, train" },
  shapes: {
    kind: "flag",
    help: "every shape of matmul in training, odd sizes and 2048 as well; training without its look for NaN",
  },
  scale: { kind: "flag", help: "time against size, over three decades, as well" },
  breakdown: {
    kind: "flag",
    help: "where the time of a training step goes, kernel by kernel, and nothing else",
  },
  quick: { kind: "flag", help: "tiny sizes and short runs: shows that it works, not how fast" },
  ...COMMON,
} as const satisfies OptionSpecs;

const SUMMARY =
  "Measures random numbers, a plain write of as many, matmul, the initialisation of a network and its training, in turns.";

/** Least duration of a run, in seconds: a read-back takes 0.01. */
const SECONDS = 0.3, QUICK_SECONDS = 0.06;

/** Least duration of a kernel's measurement with `--quick --breakdown`, in seconds. */
const QUICK_CLOCK = 0.0001;

/** Size of the buffers with `--quick`, as a power of two. */
const QUICK_LOG2 = 16;

/** Side of the square with `--quick`. */
const QUICK_SIDE = 128;

/**
 * Measures this machine.
 *
 * @param args The arguments after the command's name.
 * @param others The libraries for `--peers`, where there are any.
 * @returns The exit status.
 */
export async function bench(args: string[], others?: readonly Peer[]): Promise<number> {
  const options = parseOptions(args, OPTIONS), { quick } = options;
  if (options.help) {
    printResult(helpText("fanin bench [options]", SUMMARY, OPTIONS));
    return 0;
  }
  if (options.peers && others === undefined) {
    throw new ArgumentError(
      "--peers: the command carries no other libraries",
      "measure them from the repository: deno task bench --peers",
    );
  }
  if (options.breakdown) return await breakdown(options);
  const peers = options.peers ? others! : [];
  const groups = chosen(allGroups(options), options.only);
  using gpu = await Gpu.open({ label: "bench" });
  const report = await runGroups(gpu, groups, peers, {
    rounds: options.rounds,
    seconds: quick ? QUICK_SECONDS : SECONDS,
    onProgress: options.json ? undefined : say,
  });
  if (options.json) printJson(report);
  else printResult(benchTable(report));
  return 0;
}

/** Prints where the time of training steps goes. */
async function breakdown(
  { quick, rounds, json }: { quick: boolean; rounds: number; json: boolean },
): Promise<number> {
  using gpu = await Gpu.open({ label: "bench", optionalFeatures: ["timestamp-query"] });
  const breakdowns: Breakdown[] = [];
  for (const batch of quick ? TRAINING_BATCHES.slice(0, 1) : TRAINING_BATCHES) {
    breakdowns.push(await trainingBreakdown(gpu, batch, quick ? 1 : rounds, quick ? QUICK_CLOCK : undefined));
  }
  if (json) printJson({ adapter: gpu.adapter.name, breakdowns });
  else {
    printResult([`adapter ${gpu.adapter.name}`, ...breakdowns.map(breakdownTable)].join("\n\n"));
  }
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
    ...shapes ? [...lookGroups(), ...shapeGroups()] : [],
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
