/**
 * `fanin doctor`: what is here, and does it compute right?
 *
 * @module
 */
import { selfTest } from "../diagnose/self_test.ts";
import { Gpu } from "../gpu/gpu.ts";
import { printJson, printResult } from "./console.ts";
import { COMMON, helpText, parseOptions } from "./options.ts";

/** The limits that decide what fits. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupsPerDimension",
] as const;

/**
 * Names the adapter and its limits and runs the self-test.
 *
 * @param args The arguments after the command's name.
 * @returns The exit status: 1 when a check fails.
 */
export async function doctor(args: string[]): Promise<number> {
  const options = parseOptions(args, COMMON);
  if (options.help) {
    const summary = "Names the adapter, its driver and limits, and tests that it computes right.";
    printResult(helpText("fanin doctor [options]", summary, COMMON));
    return 0;
  }
  using gpu = await Gpu.open();
  const { name, software } = gpu.adapter, runtime = `Deno ${Deno.version.deno}`;
  const limits = Object.fromEntries(LIMITS.map((limit) => [limit, gpu.device.limits[limit]]));
  const features = [...gpu.device.features];
  const checks = await selfTest(gpu), ok = checks.every((check) => check.ok);
  if (options.json) {
    printJson({ adapter: name, software, runtime, limits, features, checks, ok });
  } else {
    printResult([
      `adapter  ${name}${software ? " (software: a processor plays the GPU)" : ""}`,
      `runtime  ${runtime} on ${Deno.build.os} ${Deno.build.arch}`,
      ...LIMITS.map((limit) => `limit    ${limit} ${limits[limit]}`),
      ...checks.map((check) => `${check.ok ? "ok     " : "WRONG  "}  ${check.name}: ${check.detail}`),
      ok ? "all checks passed" : "this adapter computes wrong: update its driver, or choose another adapter",
    ].join("\n"));
  }
  return ok ? 0 : 1;
}
