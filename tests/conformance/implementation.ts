/**
 * What an implementation is, to the program that runs them all.
 *
 * @module
 */
import type { Outcome } from "./run.ts";

/** One way to compute the table: a runtime with its WebGPU and a driver. */
export interface Implementation {
  /** In words: "Chromium, worker". */
  readonly name: string;
  /**
   * Runs the table.
   *
   * @throws {NotHere} when the machine lacks it.
   */
  run(): Promise<Run>;
}

/** What an implementation has drawn, and with what. */
export interface Run {
  /** Runtime and version: "Node 20.20.2, webgpu 0.6.2". */
  readonly runtime: string;
  /** The adapter in words. */
  readonly adapter: string;
  /** One outcome for each row. */
  readonly outcomes: readonly Outcome[];
}

/** The machine lacks an implementation, which is no mismatch. */
export class NotHere extends Error {
  /** Its name. */
  override readonly name = "NotHere";
}
