/**
 * What every runtime is asked to do, through the public API alone: no `Deno`, no GPU global, so that Deno, a page, a worker, Node and
 * Bun can each run it as it is.
 *
 * @module
 */
import { Gpu } from "../../src/gpu/mod.ts";
import { type Outcome, runConformance } from "../conformance/run.ts";
import { TABLE } from "../conformance/table.ts";
import { diagnoseAll, type Diagnosed } from "./diagnosis.ts";
import { trainAll, type Trained } from "./training.ts";

/** What each job gives. */
export interface Results {
  /** The conformance table: one outcome for each row. */
  conformance: Outcome[];
  /** Networks trained. */
  training: Trained[];
  /** Networks diagnosed. */
  diagnosis: Diagnosed[];
}

/** A job. */
export type JobName = keyof Results;

/** What a process, page or worker says after a job. */
export interface Report<J extends JobName> {
  /** The adapter in words. */
  readonly adapter: string;
  /** What came of the job. */
  readonly result: Results[J];
}

const JOBS: { readonly [J in JobName]: (gpu: Gpu) => Promise<Results[J]> } = {
  conformance: (gpu) => runConformance(gpu, TABLE),
  training: trainAll,
  diagnosis: diagnoseAll,
};

/**
 * Does a job, and closes the device.
 *
 * @param job Its name.
 * @param opened The device; the runtime's own unless given.
 * @throws {NoAdapterError} when there is none.
 */
export async function report<J extends JobName>(
  job: J,
  opened: Promise<Gpu> = Gpu.open({ label: job }),
): Promise<Report<J>> {
  using gpu = await opened;
  return { adapter: gpu.adapter.name, result: await JOBS[job](gpu) };
}
