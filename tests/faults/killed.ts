/**
 * A training run that is killed and resumed, over and over: `deno run -A tests/faults/killed.ts 50` prints what was lost.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { key } from "../../src/random/mod.ts";
import { drawOnHost } from "../../src/random/mod.ts";
import { fanin, temporaryFolder } from "../cli/run.ts";

const MAIN = fromFileUrl(new URL("../../src/cli/main.ts", import.meta.url));
const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));
const ARGS = [
  ...["train", "--data", "iris", "--epochs", "40", "--batch", "7", "--optimizer", "adam"],
  ...["--checkpoint-every", "7", "--out"],
];

/** How often a run was killed, and how often it did not end with the same bytes. */
export interface Killed {
  kills: number;
  losses: number;
}

/**
 * Kills runs with SIGKILL at random moments and resumes them, until there were so many kills.
 *
 * @param kills How many.
 * @param seed Of the moments.
 */
export async function killedAndResumed(kills: number, seed: number): Promise<Killed> {
  await using folder = await temporaryFolder();
  const whole = await wholeRun(join(folder.path, "whole.safetensors"));
  const moments = drawOnHost(key(seed).stream("moments"), { kind: "uniform", low: 0, high: 1 }, {
    count: kills,
  });
  const path = join(folder.path, "killed.safetensors"), result = { kills: 0, losses: 0 };
  while (result.kills < kills) {
    // From the moment the process begins to well past its end: some are killed before the first checkpoint, some not at all.
    const killed = await killedAfter([...ARGS, path, "--resume"], moments[result.kills] * whole.milliseconds);
    if (killed) result.kills++;
    else {
      if (!same(Deno.readFileSync(path), whole.bytes)) result.losses++;
      Deno.removeSync(path);
    }
  }
  const { code, stderr } = await fanin([...ARGS, path, "--resume"]);
  if (code !== 0) throw new Error(stderr);
  if (!same(Deno.readFileSync(path), whole.bytes)) result.losses++;
  return result;
}

async function wholeRun(path: string) {
  const began = performance.now(), { code, stderr } = await fanin([...ARGS, path]);
  if (code !== 0) throw new Error(stderr);
  return { bytes: Deno.readFileSync(path), milliseconds: performance.now() - began };
}

/** Whether it was killed before it ended. */
async function killedAfter(args: string[], milliseconds: number): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", CONFIG, MAIN, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds);
  const { code, signal, stderr } = await child.output();
  clearTimeout(timer);
  if (signal === null && code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return signal !== null;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

if (import.meta.main) {
  const { kills, losses } = await killedAndResumed(Number(Deno.args[0] ?? 50), Number(Deno.args[1] ?? 0));
  console.log(`killed ${kills} times, ${losses} runs did not end with the same bytes`);
  if (losses > 0) Deno.exit(1);
}
