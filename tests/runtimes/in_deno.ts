/**
 * A job on Deno's adapter, in a process of its own: drivers are looked for once in a process.
 *
 * @module
 */
import { quietDriver } from "../../src/cli/quiet.ts";
import { type JobName, report } from "./jobs.ts";

if (import.meta.main) {
  quietDriver();
  console.log(JSON.stringify(await report(Deno.args[0] as JobName)));
}
