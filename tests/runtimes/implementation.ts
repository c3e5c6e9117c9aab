/**
 * What an implementation is, to the programs that run them: a runtime with its WebGPU and a driver.
 *
 * @module
 */
import type { JobName, Report } from "./jobs.ts";

/** One way to do a job. */
export interface Implementation {
  /** In words: "Chromium, worker". */
  readonly name: string;
  /**
   * Does a job.
   *
   * @param job Its name.
   * @throws {NotHere} when the machine lacks it.
   */
  run<J extends JobName>(job: J): Promise<Run<J>>;
}

/** What an implementation has done, and with what. */
export interface Run<J extends JobName> extends Report<J> {
  /** Runtime and version: "Node 20.20.2, webgpu 0.6.2". */
  readonly runtime: string;
}

/** The machine lacks an implementation, which is no mismatch. */
export class NotHere extends Error {
  /** Its name. */
  override readonly name = "NotHere";
}
