/**
 * Every implementation there is beside the host twin.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { inChromium } from "./chromium.ts";
import { inBun, inNode, swiftShader } from "./dawn.ts";
import type { Implementation, Run } from "./implementation.ts";
import type { JobName, Report } from "./jobs.ts";
import { output } from "./machine.ts";

async function inDeno<J extends JobName>(job: J, env: Record<string, string> = {}): Promise<Run<J>> {
  const runner = fromFileUrl(new URL("in_deno.ts", import.meta.url));
  const report: Report<J> = JSON.parse(await output(Deno.execPath(), ["run", "-A", runner, job], env));
  return { runtime: `Deno ${Deno.version.deno}`, ...report };
}

/** All of them, in the order in which they run. */
export const IMPLEMENTATIONS: readonly Implementation[] = [
  { name: "Deno", run: (job) => inDeno(job) },
  { name: "Deno, SwiftShader", run: async (job) => await inDeno(job, swiftShader()) },
  { name: "Chromium, page", run: (job) => inChromium("page", job) },
  { name: "Chromium, worker", run: (job) => inChromium("worker", job) },
  { name: "Node, Dawn", run: inNode },
  { name: "Bun, Dawn", run: inBun },
];
