/**
 * What a workload is, for fanin and for the libraries that it is compared with.
 *
 * @module
 */
import type { Gpu } from "../gpu/gpu.ts";

/** A workload that is ready to run; its buffers are released by `using`. */
export interface Runnable extends Disposable {
  /**
   * Runs it so many times, and returns when it is done: something of the result is read.
   *
   * @param repetitions 1 or more.
   * @returns What was read, where the work determines it: all that do the same work return the same after the same repetitions.
   */
  run(repetitions: number): Promise<number | undefined>;
}

/** One thing that is measured. */
export interface Workload {
  /** Its name in tables: "normal 2^24". Peers are asked for it by this name. */
  readonly name: string;
  /** What is counted, in units where more is better: "numbers/s". */
  readonly unit: string;
  /** How many of them one repetition makes. */
  readonly amount: number;
  /** fanin's way of doing it. */
  open(gpu: Gpu): Promise<Runnable>;
}

/** Workloads that are measured in turns with one another. */
export interface WorkloadGroup {
  /** What is measured, in the order of the table. */
  readonly workloads: readonly Workload[];
  /** Whether the first is the plain write that the times of the others are related to. */
  readonly relative: boolean;
}

/** Says that a library cannot do a workload. */
export interface Lack {
  /** What it has not, as its cell of the table says it: "no training". */
  readonly lacks: string;
}

/** What a fresh process took. */
export interface ColdRun {
  /** From before its first import to when the first result had been read. */
  readonly seconds: number;
  /** What was read, as {@linkcode Runnable.run} returns it. */
  readonly value?: number;
}

/** Another library. */
export interface Peer {
  /** Its name in tables: "jax-js". */
  readonly name: string;
  /** Whether it runs on the same device through WebGPU: only such peers count for the ratio. */
  readonly webgpu: boolean;
  /**
   * Its way of doing a workload, or what it lacks; undefined for what is fanin's own, and no workload of libraries.
   *
   * @param workload The workload's name.
   */
  open(workload: string): Promise<Runnable | Lack | undefined>;
  /**
   * Does a workload once in a fresh process, or says what it lacks; undefined as in {@linkcode Peer.open}.
   *
   * @param workload The workload's name.
   * @param env Environment variables of the process, beside those of this one.
   */
  cold(workload: string, env: Record<string, string>): Promise<ColdRun | Lack | undefined>;
}
