/**
 * Cold starts: what a fresh process takes from before its first import to its first result.
 *
 * @module
 */
import { median } from "./measure.ts";
import { isSame } from "./run.ts";
import type { ColdRun, Lack } from "./runnable.ts";

/** Who starts: fanin, or another library. */
export interface ColdSide {
  /** Its name in tables. */
  readonly name: string;
  /** Whether it runs on the same device through WebGPU: only such libraries count for the ratio. */
  readonly webgpu: boolean;
  /** Does a workload once in a fresh process, or says what it lacks; undefined for what is no workload of libraries. */
  cold(workload: string, env: Record<string, string>): Promise<ColdRun | Lack | undefined>;
}

/** What the driver knows before the process starts. */
export interface ShaderCache {
  /** "compiled" where it has to compile every shader, "cached" where it finds them. */
  readonly shaders: "compiled" | "cached";
  /** The environment variables that see to it. */
  readonly env: Record<string, string>;
}

/** One workload with one state of the driver's cache. Times are milliseconds: less is better. */
export interface ColdRow {
  /** The workload's name. */
  workload: string;
  /** What the driver had to do. */
  shaders: ShaderCache["shaders"];
  /** fanin's time; null where it failed. */
  fanin: number | null;
  /** The peers' times; null for one that failed. */
  peers: Record<string, number | null>;
  /** What the peers without this workload lack. */
  lacks: Record<string, string>;
  /** The time of the fastest WebGPU peer that ran over fanin's; null without one. */
  ratio: number | null;
}

/** All that was measured. */
export interface ColdReport {
  /** Measured starts of each, of which the median counts. */
  starts: number;
  /** A row for each workload and state of the cache. */
  rows: ColdRow[];
  /** What failed, or did other work. */
  errors: { workload: string; name: string; error: string }[];
}

/** How often, and who is told. */
export interface ColdOptions {
  /** Measured starts of each, after one that is not: it fills the caches of the system, and that of the driver. */
  readonly starts: number;
  /** Is told what goes on. */
  readonly onProgress?: (message: string) => void;
}

/** The starts of one side so far. */
interface Attempt {
  readonly side: ColdSide;
  readonly seconds: number[];
  value?: number;
  lacks?: string;
  error?: string;
}

/**
 * Measures the starts of all sides in turns: A B C, A B C, …
 *
 * @param own fanin.
 * @param peers Other libraries.
 * @param workloads What the first result is, by name.
 * @param caches States of the driver's cache.
 * @param options How often.
 */
export async function measureCold(
  own: ColdSide,
  peers: readonly ColdSide[],
  workloads: readonly string[],
  caches: readonly ShaderCache[],
  { starts, onProgress = () => {} }: ColdOptions,
): Promise<ColdReport> {
  const report: ColdReport = { starts, rows: [], errors: [] };
  for (const workload of workloads) {
    for (const { shaders, env } of caches) {
      const attempts: Attempt[] = [own, ...peers].map((side) => ({ side, seconds: [] }));
      for (let start = 0; start <= starts; start++) {
        onProgress(`${workload}, shaders ${shaders}: start ${start} of ${starts}`);
        for (const attempt of attempts) await tryOnce(attempt, workload, env, start > 0);
      }
      for (const peer of attempts.slice(1)) refuseOther(peer, attempts[0]);
      report.rows.push(rowOf(workload, shaders, attempts));
      for (const { side: { name }, error } of attempts) {
        if (error !== undefined) {
          report.errors.push({ workload: `${workload}, shaders ${shaders}`, name, error });
        }
      }
    }
  }
  return report;
}

async function tryOnce(attempt: Attempt, workload: string, env: Record<string, string>, counts: boolean) {
  if (attempt.error !== undefined || attempt.lacks !== undefined) return;
  try {
    const run = await attempt.side.cold(workload, env);
    if (run === undefined) attempt.lacks = "not asked";
    else if ("lacks" in run) attempt.lacks = run.lacks;
    else {
      attempt.value = run.value;
      if (counts) attempt.seconds.push(run.seconds);
    }
  } catch (error) {
    attempt.error = (error instanceof Error ? error.message : String(error)) || "failed without a message";
  }
}

/** A start that led to another result did other work. */
function refuseOther(peer: Attempt, own: Attempt): void {
  if (own.value === undefined || own.error !== undefined) return;
  if (peer.error !== undefined || peer.lacks !== undefined || isSame(peer.value, own.value)) return;
  peer.error = `not the same work: it read ${peer.value} and fanin ${own.value}`;
}

function rowOf(workload: string, shaders: ShaderCache["shaders"], attempts: readonly Attempt[]): ColdRow {
  const time = ({ error, seconds }: Attempt) =>
    error !== undefined || seconds.length === 0 ? null : 1000 * median(seconds);
  const [own, ...peers] = attempts, fanin = time(own);
  const ran = peers.filter(({ lacks }) => lacks === undefined);
  const rivals = ran.filter(({ side }) => side.webgpu).map(time).filter((ms) => ms !== null);
  return {
    workload,
    shaders,
    fanin,
    peers: Object.fromEntries(ran.map((attempt) => [attempt.side.name, time(attempt)])),
    lacks: Object.fromEntries(
      peers.flatMap(({ side, lacks }) => lacks === undefined ? [] : [[side.name, lacks]]),
    ),
    ratio: fanin === null || rivals.length === 0 ? null : Math.min(...rivals) / fanin,
  };
}
