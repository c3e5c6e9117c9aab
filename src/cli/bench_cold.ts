/**
 * `fanin bench --cold`: starts fanin, and the other libraries, in fresh processes.
 *
 * @module
 */
import { type ColdReport, type ColdSide, measureCold, type ShaderCache } from "../bench/cold.ts";
import { COLD_WORKLOADS } from "../bench/cold_workloads.ts";
import type { ColdRun } from "../bench/runnable.ts";
import type { Peer } from "../bench/workload.ts";
import { ArgumentError, FaninError, FileError } from "../gpu/errors.ts";
import { say } from "./console.ts";

/** What is asked for. */
export interface ColdRequest {
  /** Measured starts of each. */
  readonly starts: number;
  /** Only the workloads whose name contains this. */
  readonly only?: string;
  /** Whether nothing is said of what goes on. */
  readonly silent: boolean;
}

/**
 * Measures cold starts, with the driver's shader cache off and warm.
 *
 * The variables are those of Mesa. Another driver keeps a cache that they do not touch: there both rows are warm.
 *
 * @param peers The other libraries.
 * @param request How often, and which.
 * @throws {ArgumentError} when no workload is called so.
 */
export async function coldStarts(
  peers: readonly Peer[],
  { starts, only = "", silent }: ColdRequest,
): Promise<ColdReport> {
  const names = COLD_WORKLOADS.map(({ name }) => name), chosen = names.filter((name) => name.includes(only));
  if (chosen.length === 0) {
    throw new ArgumentError(`--only ${only} names no workload`, `use a part of one: ${names.join("; ")}`);
  }
  const folder = await makeFolder();
  const caches: ShaderCache[] = [
    { shaders: "compiled", env: { MESA_SHADER_CACHE_DISABLE: "true" } },
    { shaders: "cached", env: { MESA_SHADER_CACHE_DISABLE: "false", MESA_SHADER_CACHE_DIR: folder } },
  ];
  try {
    return await measureCold(FANIN, peers, chosen, caches, { starts, onProgress: silent ? undefined : say });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** For the shaders that the driver keeps. */
async function makeFolder(): Promise<string> {
  try {
    return await Deno.makeTempDir({ prefix: "fanin-shaders-" });
  } catch (error) {
    throw new FileError(
      `--cold cannot make a folder for shaders: ${error instanceof Error ? error.message : error}`,
      "give deno run --allow-run --allow-read --allow-write",
      { cause: error },
    );
  }
}

const FANIN: ColdSide = { name: "fanin", webgpu: true, cold: startFanin };

/** It needs no permission but to read its own files. */
async function startFanin(workload: string, env: Record<string, string>): Promise<ColdRun> {
  const script = new URL("./cold_start.ts", import.meta.url).href;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", "--allow-read", script, workload],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  if (!success) {
    const [why] = text.decode(stderr).trim().split("\n");
    throw new FaninError(`a fresh process failed: ${why}`, "run `deno task fanin doctor`");
  }
  return JSON.parse(text.decode(stdout));
}
