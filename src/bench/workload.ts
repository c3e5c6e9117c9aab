/**
 * What a workload is, for fanin and for the libraries that it is compared with.
 *
 * @module
 */
import type { Gpu } from "../gpu/gpu.ts";
import type { ColdRun, Lack, Runnable } from "./runnable.ts";

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
