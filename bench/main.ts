/**
 * `deno task bench`: `fanin bench` with the other libraries at hand, for `--peers`.
 *
 * They are development dependencies of this folder alone: nothing under `src` or `kernels` knows of them.
 *
 * @module
 */
import { bench } from "../src/cli/bench.ts";
import { say } from "../src/cli/console.ts";
import { prepareDriver } from "../src/cli/driver_environment.ts";
import { FaninError, InputError } from "../src/gpu/errors.ts";
import { PEERS } from "./peers/mod.ts";

async function main(args: string[]): Promise<number> {
  prepareDriver();
  try {
    return await bench(args, PEERS);
  } catch (error) {
    if (!(error instanceof FaninError) || args.includes("--verbose")) throw error;
    say(`error: ${error.message}`);
    return error instanceof InputError ? 2 : 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
