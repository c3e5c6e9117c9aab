/**
 * A job on Deno's adapter, in a process of its own: drivers are looked for once in a process.
 *
 * @module
 */
import { prepareDriver } from "../../src/cli/driver_environment.ts";
import { type JobName, report } from "./jobs.ts";

if (import.meta.main) {
  prepareDriver();
  console.log(JSON.stringify(await report(Deno.args[0] as JobName)));
}
