/**
 * The server's side of the GPU: a bounded queue before one worker, which is replaced when it does not stop, dies, or loses its device.
 *
 * @module
 */
import type { MemoryUse } from "@fanin/fanin";
import type { Held } from "./held.ts";
import { clientGone, HttpError } from "./http_error.ts";
import type { EdgeOptions, JobKind } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { type FromWorker, type PlainError, serverSentEvent, type ToWorker } from "./protocol.ts";

/** How a job ended, for the metrics. */
export type Outcome = "done" | "refused" | "failed" | "stopped" | "late";

/** An answer that has begun. */
export interface Reply {
  /** Bytes of it, where that is known. */
  readonly length?: number;
  /** The answer, as it is made. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}

interface Waiting {
  readonly id: number;
  readonly kind: JobKind;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly outbox: Outbox;
  readonly reply: PromiseWithResolvers<Reply>;
  /** Whether the answer has begun, and whether anybody still waits for more of it. */
  begun: boolean;
  over: boolean;
  began: number;
  length?: number;
  timer?: ReturnType<typeof setTimeout>;
}

const NO_MEMORY: MemoryUse = { buffers: 0, bytes: 0 };

/** Runs jobs one after the other on a worker. */
export class GpuHost implements Disposable {
  /** Buffers that are open on the device, as the worker said last. */
  memory: MemoryUse = NO_MEMORY;
  /** Workers that were started. */
  workers = 0;
  readonly #options: EdgeOptions;
  readonly #held: Held;
  readonly #ended: (kind: JobKind, outcome: Outcome, seconds: number) => void;
  readonly #queue: Waiting[] = [];
  readonly #unfetched = new Set<Promise<void>>();
  #worker?: Worker;
  #running?: Waiting;
  #ids = 0;
  /** Set when the host closes: to be called when the worker has let go of the GPU. */
  #released?: () => void;

  /**
   * Starts nothing yet: the worker is made when the first job comes.
   *
   * @param options What the server allows.
   * @param held Where the bytes of answers are counted.
   * @param ended Is told of every job's end.
   */
  constructor(
    options: EdgeOptions,
    held: Held,
    ended: (kind: JobKind, outcome: Outcome, seconds: number) => void,
  ) {
    this.#options = options;
    this.#held = held;
    this.#ended = ended;
  }

  /** Jobs that wait. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Jobs that run: 0 or 1. */
  get running(): number {
    return this.#running === undefined ? 0 : 1;
  }

  /** @throws {HttpError} 429 when as many jobs wait as may. */
  checkRoom(): void {
    const { queue, retryAfter } = this.#options;
    if (this.#queue.length < queue) return;
    throw new HttpError(429, `${queue} jobs wait already`, "come again later", {
      "retry-after": `${retryAfter}`,
    });
  }

  /**
   * Queues a job.
   *
   * @param kind Which.
   * @param body Its input, given away.
   * @param gone Aborted when the client goes away.
   * @returns The answer, once it begins.
   * @throws {HttpError} 429 when the queue is full, and whatever keeps the job from beginning to answer.
   */
  submit(kind: JobKind, body: Uint8Array<ArrayBuffer>, gone: AbortSignal): Promise<Reply> {
    this.checkRoom();
    if (gone.aborted) throw clientGone();
    const stop = () => this.#stop(job, clientGone(), "stopped");
    // A client that knows the length leaves with the last byte: a moment before the worker says that it was the last.
    const cancel = () => outbox.given !== job.length && stop();
    const outbox = new Outbox(this.#held.share(), cancel), reply = Promise.withResolvers<Reply>();
    const job: Waiting = { id: ++this.#ids, kind, body, outbox, reply, begun: false, over: false, began: 0 };
    gone.addEventListener("abort", stop, { once: true });
    this.#queue.push(job);
    this.#next();
    return reply.promise;
  }

  /** Waits until no job is left, and every answer has been fetched or given up. */
  async idle(): Promise<void> {
    while (this.#running !== undefined || this.#queue.length > 0 || this.#unfetched.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /**
   * Gives up whatever waits or runs, and has the worker let go of its GPU. The worker itself stays, asleep: a process that ends while
   * a worker is taken down runs the driver's last functions on two threads at once, and one in ten such ends is a crash.
   */
  async close(): Promise<void> {
    for (const job of this.#queue.splice(0)) this.#settle(job, draining());
    const job = this.#running;
    if (job !== undefined) {
      clearTimeout(job.timer);
      this.#settle(job, draining());
      this.#say({ type: "stop", id: job.id });
    }
    if (this.#worker === undefined) return;
    const released = Promise.withResolvers<void>();
    this.#released = released.resolve;
    const timer = setTimeout(released.resolve, this.#options.graceMs); // one that does not listen is left as it is
    if (job === undefined) this.#say({ type: "release" });
    await released.promise;
    clearTimeout(timer);
  }

  /** Ends the worker, for a process that lives on. */
  [Symbol.dispose](): void {
    this.#replace();
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const job = this.#queue.shift();
    if (job === undefined) return;
    this.#running = job;
    job.began = performance.now();
    job.timer = setTimeout(() => this.#stop(job, late(this.#options.jobMs), "late"), this.#options.jobMs);
    this.#worker ??= this.#start();
    const { id, kind, body } = job, { limits } = this.#options;
    this.#say({ type: "job", id, kind, body, limits }, [body.buffer]);
  }

  #say(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }

  #start(): Worker {
    const worker = this.#options.worker();
    this.workers++;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data);
    worker.onerror = (event) => {
      event.preventDefault(); // the server outlives its worker
      if (worker === this.#worker) this.#lose(`the GPU worker has died: ${event.message}`);
    };
    return worker;
  }

  #hear(message: FromWorker): void {
    if (message.type === "released") {
      this.memory = NO_MEMORY;
      return this.#released?.();
    }
    const job = this.#running;
    if (job === undefined || message.id !== job.id) return; // of a job that was given up
    this.memory = message.memory;
    if (message.type === "begin" && !job.over) {
      job.begun = true;
      job.length = message.length;
      this.#unfetched.add(job.outbox.settled);
      job.outbox.settled.then(() => this.#unfetched.delete(job.outbox.settled));
      job.reply.resolve({ length: message.length, stream: job.outbox.stream });
    } else if (message.type === "chunk" && !job.over) job.outbox.push(message.bytes);
    else if (message.type === "end") this.#end(job);
    else if (message.type === "error") this.#fail(job, message.error);
  }

  #end(job: Waiting): void {
    if (!job.over) {
      job.over = true;
      job.outbox.end(this.#options.fetchMs);
      this.#count(job, "done");
    }
    this.#free(job);
  }

  #fail(job: Waiting, { name, error, remedy, input }: PlainError): void {
    if (!input) return name === "Error" ? this.#lose(error, 500) : this.#lose(`the GPU has failed: ${error}`);
    if (!job.over) this.#settle(job, new HttpError(400, error, remedy), "refused");
    this.#free(job);
  }

  /** The device is lost, or the worker: the job with it, but not the next. */
  #lose(what: string, status = 503): void {
    const again = { "retry-after": `${this.#options.retryAfter}` }, job = this.#running;
    const error = new HttpError(status, what, "send the request again", status === 503 ? again : {});
    if (job !== undefined && !job.over) this.#settle(job, error, "failed");
    this.#replace();
    this.#next();
  }

  /** Nobody waits for a job any more. One that runs is told, and if it does not listen, its worker is replaced. */
  #stop(job: Waiting, error: HttpError, outcome: Outcome): void {
    if (job.over) return;
    this.#settle(job, error, outcome);
    const at = this.#queue.indexOf(job);
    if (at >= 0) this.#queue.splice(at, 1);
    if (job !== this.#running) return;
    this.#say({ type: "stop", id: job.id });
    clearTimeout(job.timer);
    job.timer = setTimeout(() => {
      this.#replace();
      this.#next();
    }, this.#options.graceMs);
  }

  /** Tells the client, in whatever way is left. */
  #settle(job: Waiting, error: HttpError, outcome: Outcome = "failed"): void {
    if (job.over) return;
    job.over = true;
    this.#count(job, outcome);
    job.reply.reject(error);
    if (job.begun && job.kind === "train") {
      job.outbox.push(serverSentEvent("error", error.body));
      job.outbox.end(this.#options.fetchMs);
    } else job.outbox.fail(error);
  }

  #count({ kind, began }: Waiting, outcome: Outcome): void {
    this.#ended(kind, outcome, began === 0 ? 0 : (performance.now() - began) / 1000);
  }

  #free(job: Waiting): void {
    clearTimeout(job.timer);
    this.#running = undefined;
    if (this.#released !== undefined) return this.#say({ type: "release" });
    this.#next();
  }

  #replace(): void {
    clearTimeout(this.#running?.timer);
    this.#running = undefined;
    this.#worker?.terminate();
    this.#worker = undefined;
    this.memory = NO_MEMORY;
  }
}

function late(ms: number): HttpError {
  return new HttpError(504, `the job took longer than ${ms / 1000} s`, "ask for less at once");
}

function draining(): HttpError {
  return new HttpError(503, "the server is ending", "ask another one");
}
