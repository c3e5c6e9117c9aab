/**
 * Runs groups of workloads, fanin and its peers in turns, and puts the figures into rows.
 *
 * @module
 */
import { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { type Contender, measure, type MeasureOptions, median, type Outcome } from "./measure.ts";
import type { Runnable } from "./runnable.ts";
import type { Peer, Workload, WorkloadGroup } from "./workload.ts";

/** A workload's figures; in every unit more is better. */
export interface Row {
  /** The workload's name. */
  workload: string;
  /** What the figures count. */
  unit: string;
  /** fanin's figure; null where it failed or is not believable. */
  fanin: number | null;
  /** fanin's figure in its best round. */
  best: number | null;
  /** Figures of the peers that have this workload; null for one that failed or is not believed. */
  peers: Record<string, number | null>;
  /** What the peers without this workload lack: "no training". */
  lacks: Record<string, string>;
  /** fanin over the fastest WebGPU peer that ran; null without one. */
  ratio: number | null;
  /** fanin's time over that of the plain write beside it: the median over the rounds. Null where there is none. */
  writes: number | null;
}

/** Why a figure is missing. */
export interface Failure {
  /** The workload's name. */
  workload: string;
  /** "fanin", or the peer's name. */
  name: string;
  /** What it said. */
  error: string;
  /** Whether there was a figure, which is not to be believed; else it failed. */
  disbelieved: boolean;
}

/** All that was measured. */
export interface Report {
  /** The adapter in words. */
  adapter: string;
  /** Turns that each contender took. */
  rounds: number;
  /** A row for each workload. */
  rows: Row[];
  /** What failed, or was not believed. */
  errors: Failure[];
}

/** A peer that cannot do a workload. */
interface Absence {
  readonly workload: Workload;
  readonly peer: string;
  readonly lacks: string;
}

/** One side of a workload. */
interface Entry extends Contender {
  readonly workload: Workload;
  /** Undefined for fanin itself. */
  readonly peer?: Peer;
  /** What its first repetition read. */
  first?: number;
  outcome?: Outcome;
}

/** How far float32 results of the same work may lie apart, as a part of fanin's: the order of a sum is everyone's own. */
const TOLERANCE = 1e-3;

/**
 * Measures all groups, one after the other.
 *
 * @param gpu fanin's device.
 * @param groups What is measured together.
 * @param peers Other libraries, in the same rounds.
 * @param options How long and how often.
 */
export async function runGroups(
  gpu: Gpu,
  groups: readonly WorkloadGroup[],
  peers: readonly Peer[],
  options: MeasureOptions,
): Promise<Report> {
  const report: Report = { adapter: gpu.adapter.name, rounds: options.rounds, rows: [], errors: [] };
  for (const group of groups) await runGroup(gpu, group, peers, options, report);
  return report;
}

async function runGroup(
  gpu: Gpu,
  { workloads, relative }: WorkloadGroup,
  peers: readonly Peer[],
  options: MeasureOptions,
  report: Report,
): Promise<void> {
  using stack = new DisposableStack();
  const { entries, absences } = await openAll(gpu, workloads, peers, stack);
  const outcomes = await measure(entries, options);
  entries.forEach((entry, i) => entry.outcome = outcomes[i]);
  for (const workload of workloads) refuseOthers(entries.filter((e) => e.workload === workload));
  const write = relative
    ? entries.find((e) => e.workload === workloads[0] && e.peer === undefined)
    : undefined;
  for (const workload of workloads) {
    const lacks = absences.filter((a) => a.workload === workload).map((a) => [a.peer, a.lacks]);
    report.rows.push({
      ...row(workload, entries.filter((e) => e.workload === workload), write),
      lacks: Object.fromEntries(lacks),
    });
  }
  for (const { workload, peer, outcome } of entries) {
    if (outcome !== undefined && "error" in outcome) {
      const { error, disbelieved } = outcome;
      report.errors.push({ workload: workload.name, name: peer?.name ?? "fanin", error, disbelieved });
    }
  }
}

/** Every side of the workloads, opened: one that fails at that is an entry as well, whose error is reported. */
async function openAll(
  gpu: Gpu,
  workloads: readonly Workload[],
  peers: readonly Peer[],
  stack: DisposableStack,
): Promise<{ entries: Entry[]; absences: Absence[] }> {
  const entries: Entry[] = [], absences: Absence[] = [];
  for (const workload of workloads) {
    for (const peer of [undefined, ...peers]) {
      try {
        const opened = await (peer === undefined ? workload.open(gpu) : peer.open(workload.name));
        if (opened === undefined) continue;
        if ("lacks" in opened) absences.push({ workload, peer: peer!.name, lacks: opened.lacks });
        else entries.push(entry(workload, stack.use(opened), peer));
      } catch (error) {
        entries.push({ ...failing(workload, error), peer, name: peer?.name ?? "fanin" });
      }
    }
  }
  return { entries, absences };
}

function entry(workload: Workload, runnable: Runnable, peer?: Peer): Entry {
  const name = `${workload.name}, ${peer?.name ?? "fanin"}`;
  let isFirst = true;
  const entry: Entry = {
    workload,
    peer,
    name,
    async run(repetitions) {
      const read = await runnable.run(repetitions);
      if (isFirst) entry.first = read;
      isFirst = false;
    },
  };
  return entry;
}

/** Refuses the figures of peers that came to another result than fanin: they did other work. */
function refuseOthers([own, ...peers]: readonly Entry[]): void {
  if (own.first === undefined) return;
  for (const peer of peers.filter(({ outcome }) => outcome !== undefined && !("error" in outcome))) {
    if (isSame(peer.first, own.first)) continue;
    const error = `not the same work: it read ${peer.first} and fanin ${own.first}`;
    peer.outcome = { error, disbelieved: true };
  }
}

/** Whether two results can be of the same work. */
export function isSame(read: number | undefined, own: number): boolean {
  return read !== undefined && Math.abs(read - own) <= TOLERANCE * Math.abs(own);
}

/** Stands for what could not even be opened, so that its error is reported like all others. */
function failing(workload: Workload, error: unknown): Entry {
  return { workload, name: workload.name, run: () => Promise.reject(error) };
}

function row(workload: Workload, entries: readonly Entry[], write?: Entry): Omit<Row, "lacks"> {
  const figure = ({ outcome }: Entry, time: "median" | "least" = "median") =>
    outcome === undefined || "error" in outcome ? null : workload.amount / outcome[time];
  const own = entries.find((e) => e.peer === undefined)!,
    others = entries.filter((e) => e.peer !== undefined);
  const fanin = figure(own), rivals = others.filter((e) => e.peer!.webgpu).map((e) => figure(e) ?? 0);
  const fastest = Math.max(0, ...rivals);
  return {
    workload: workload.name,
    unit: workload.unit,
    fanin,
    best: figure(own, "least"),
    peers: Object.fromEntries(others.map((e) => [e.peer!.name, figure(e)])),
    ratio: fanin === null || fastest === 0 ? null : fanin / fastest,
    writes: relativeTime(own.outcome, write?.outcome),
  };
}

/** Median over the rounds of one time over another of the same round. */
function relativeTime(own?: Outcome, write?: Outcome): number | null {
  if (own === undefined || write === undefined || "error" in own || "error" in write) return null;
  return median(own.seconds.map((seconds, i) => seconds / write.seconds[i]));
}
