/**
 * What the server allows, and how long anything may take.
 *
 * @module
 */

/** The jobs, by the last part of their path: `POST /init`, `/diagnose`, `/train`. */
export type JobKind = "init" | "diagnose" | "train";

/** What a job may cost; the worker checks it before it makes anything. */
export interface Limits {
  /** Elements that `/init` draws for one request, and parameters of a network; 2^22 unless given: 16 MiB of answer. */
  readonly elements: number;
  /** Layers of a network; 64 unless given. */
  readonly layers: number;
  /** Widest layer of a network, inputs included; 4096 unless given: a forward pass of 1024 rows is 16 MiB a layer. */
  readonly width: number;
  /** Rows of `/train`; 2^16 unless given. */
  readonly rows: number;
  /** Epochs of `/train`; 1000 unless given. */
  readonly epochs: number;
}

/** Everything about the server that can be set. */
export interface EdgeOptions {
  /** Most bytes of a request's body, by job; 1 MiB, 17 MiB and 8 MiB unless given. More is answered 413. */
  readonly bodyBytes: Readonly<Record<JobKind, number>>;
  /** Bytes that the server holds at once: bodies that arrive and wait, answers not yet fetched; 256 MiB unless given. Then 429. */
  readonly heldBytes: number;
  /** Milliseconds in which a body must arrive; 10 s unless given. Then 408. */
  readonly bodyMs: number;
  /** Jobs that wait for the GPU; 64 unless given. One more is answered 429. */
  readonly queue: number;
  /** Seconds after which a client that was answered 429 or 503 may come again; 1 unless given. */
  readonly retryAfter: number;
  /** Milliseconds that a job may run; 30 s unless given. Then 504, or a broken stream if the answer has begun. */
  readonly jobMs: number;
  /** Milliseconds in which a client must fetch an answer that is made; 60 s unless given. */
  readonly fetchMs: number;
  /** Milliseconds that a job has to stop in when it is told to; 500 unless given. Then the worker is replaced. */
  readonly graceMs: number;
  /** Milliseconds that draining waits for running jobs; 60 s unless given. */
  readonly drainMs: number;
  /** What a job may cost. */
  readonly limits: Limits;
  /** Makes the worker that holds the GPU; `gpu_worker.ts` beside this file unless given. */
  readonly worker: () => Worker;
}

/** What holds unless something else is given. */
export const DEFAULTS: EdgeOptions = {
  bodyBytes: { init: 2 ** 20, diagnose: 17 * 2 ** 20, train: 2 ** 23 },
  heldBytes: 2 ** 28,
  bodyMs: 10_000,
  queue: 64,
  retryAfter: 1,
  jobMs: 30_000,
  fetchMs: 60_000,
  graceMs: 500,
  drainMs: 60_000,
  limits: { elements: 2 ** 22, layers: 64, width: 4096, rows: 2 ** 16, epochs: 1000 },
  worker: () => new Worker(new URL("./gpu_worker.ts", import.meta.url), { type: "module" }),
};
