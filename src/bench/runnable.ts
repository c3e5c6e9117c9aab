/**
 * What every side of a workload gives, fanin's and that of each other library.
 *
 * Apart from the workloads, since the other libraries' processes know nothing of fanin.
 *
 * @module
 */

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
