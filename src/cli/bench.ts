/**
 * `fanin bench`: measures this machine.
 *
 * The package carries no other library. Those to compare with are handed in by `bench/main.ts` of the repository.
 *
 * @module
 */
import { initGroup } from "../bench/init.ts";
import { shapeGroups, squareGroups } from "../bench/matmul.ts";
import { memoryReports } from "../bench/memory.ts";
import { randomGroup } from "../bench/random.ts";
import { type Breakdown, trainingBreakdown } from "../bench/breakdown.ts";
import { type Report, runGroups } from "../bench/run.ts";
import { measuredSeries, scaleGroups, scaleSeries } from "../bench/scale.ts";
import { lookGroups, TRAINING_BATCHES, trainingGroups } from "../bench/training.ts";
import type { Peer, WorkloadGroup } from "../bench/workload.ts";
import { ArgumentError } from "../gpu/errors.ts";
import { Gpu } from "../gpu/gpu.ts";
import { benchTable, breakdownTable } from "../report/bench_table.ts";
import { coldTable } from "../report/cold_table.ts";
import { memoryTable } from "../report/memory_table.ts";
import { scalePage } from "../report/scale_page.ts";
import { coldStarts } from "./bench_cold.ts";
import { assertWritable, writeWhole } from "./files.ts";
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
  scale: { kind: "flag", help: "time against size, over three decades, and nothing else" },
  out: { kind: "text", value: "FILE.html", help: "the charts of --scale" },
  cold: {
    kind: "flag",
    help: "fresh processes: from the first import to the first result, and nothing else",
  },
  memory: {
    kind: "flag",
    help: "what training keeps in the device's memory, by the allocator's count, and nothing else",
  },
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

/** Sizes of each series with `--quick --scale`. */
const QUICK_SIZES = 2;

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
  const options = parseOptions(args, OPTIONS);
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
  assertOneKind(options);
  if (options.breakdown) return await breakdown(options);
  if (options.memory) return await memory(options);
  const peers = options.peers ? others! : [];
  if (options.cold) return await cold(peers, options);
  if (options.scale) return await scale(peers, options);
  const report = await measured(chosen(allGroups(options), options.only), peers, options);
  if (options.json) printJson(report);
  else printResult(benchTable(report));
  return 0;
}

/** How things are measured. */
interface Measuring {
  readonly quick: boolean;
  readonly rounds: number;
  readonly json: boolean;
  readonly only?: string;
}

async function measured(
  groups: readonly WorkloadGroup[],
  peers: readonly Peer[],
  { quick, rounds, json }: Measuring,
): Promise<Report> {
  using gpu = await Gpu.open({ label: "bench" });
  return await runGroups(gpu, groups, peers, {
    rounds,
    seconds: quick ? QUICK_SECONDS : SECONDS,
    onProgress: json ? undefined : say,
  });
}

/** Options of which each measures something of its own. */
const KINDS = ["breakdown", "memory", "cold", "scale"] as const;

function assertOneKind(
  options: Record<typeof KINDS[number] | "peers", boolean> & { out?: string },
): void {
  const given = KINDS.filter((kind) => options[kind]);
  if (given.length > 1) {
    const both = given.map((kind) => `--${kind}`).join(" and ");
    throw new ArgumentError(`${both}: each measures something of its own`, "give one of them");
  }
  const [kind] = given;
  if (options.peers && (kind === "memory" || kind === "breakdown")) {
    throw new ArgumentError(
      `--peers with --${kind}: other libraries cannot be looked into`,
      `leave one of them out`,
    );
  }
  if (options.out !== undefined && !options.scale) {
    throw new ArgumentError(
      `--out ${options.out} without --scale`,
      "add --scale: its charts are what is written",
    );
  }
}

/** Prints what training keeps in memory. */
async function memory({ json }: Measuring): Promise<number> {
  using gpu = await Gpu.open({ label: "bench" });
  const trainings = await memoryReports(gpu);
  if (json) printJson({ adapter: gpu.adapter.name, trainings });
  else printResult([`adapter ${gpu.adapter.name}`, ...trainings.map(memoryTable)].join("\n\n"));
  return 0;
}

/** Prints what fresh processes take. */
async function cold(peers: readonly Peer[], { rounds, json, only }: Measuring): Promise<number> {
  const report = await coldStarts(peers, { starts: rounds, only, silent: json });
  if (json) printJson(report);
  else printResult(coldTable(report));
  return 0;
}

/** Measures time against size, and draws it where a file is named. */
async function scale(
  peers: readonly Peer[],
  options: Measuring & { readonly out?: string },
): Promise<number> {
  const { out } = options, series = scaleSeries(options.quick ? QUICK_SIZES : undefined);
  if (out !== undefined) await assertWritable(out);
  const report = await measured(chosen(scaleGroups(series), options.only), peers, options);
  const times = measuredSeries(series, report);
  if (out !== undefined) {
    const about = { adapter: report.adapter, rounds: report.rounds, command: scaleCommand(peers, options) };
    await writeWhole(out, [new TextEncoder().encode(scalePage(times, about))]);
    say(`charts: ${out}`);
  }
  if (options.json) printJson({ ...report, series: times });
  else printResult(benchTable(report));
  return 0;
}

/** The command that draws the charts again. */
function scaleCommand(
  peers: readonly Peer[],
  { rounds, only, quick, out }: Measuring & { out?: string },
): string {
  const program = peers.length > 0 ? "deno task bench --peers" : "deno task fanin bench";
  const rest = [
    ...quick ? ["--quick"] : [],
    ...only === undefined ? [] : [`--only ${JSON.stringify(only)}`],
    `--rounds ${rounds} --out ${out}`,
  ];
  return `${program} --scale ${rest.join(" ")}`;
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
  { quick, shapes }: { quick: boolean; shapes: boolean },
): WorkloadGroup[] {
  return [
    randomGroup(quick ? QUICK_LOG2 : undefined),
    initGroup,
    ...squareGroups(quick ? [QUICK_SIDE] : undefined),
    ...quick ? [] : trainingGroups(),
    ...shapes ? [...lookGroups(), ...shapeGroups()] : [],
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
