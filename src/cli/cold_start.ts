/**
 * The process of a cold start: loads fanin, does a workload once, and prints what that took, as JSON.
 *
 * `deno run cold_start.ts WORKLOAD`, which `fanin bench --cold` starts.
 *
 * @module
 */
import type * as Workloads from "../bench/cold_workloads.ts";

async function coldStart(workload: string): Promise<void> {
  const began = performance.now();
  // Put together, so that nothing of fanin is loaded before the clock runs.
  const { runOnce } = await import(
    new URL("../bench/cold_workloads.ts", import.meta.url).href
  ) as typeof Workloads;
  const value = await runOnce(workload);
  console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000, value }));
}

if (import.meta.main) await coldStart(Deno.args[0]);
