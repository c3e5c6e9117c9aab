/**
 * The worker's side: takes jobs from a port, runs them on a device, and sends what they give as they give it.
 *
 * @module
 */
import { FaninError, type Gpu, InputError } from "@fanin/fanin";
import { diagnoseJob } from "./diagnose_job.ts";
import { initJob } from "./init_job.ts";
import type { JobKind, Limits } from "./options.ts";
import type { FromWorker, JobNews, PlainError, ToWorker } from "./protocol.ts";
import { trainJob } from "./train_job.ts";

/** A worker's global scope, or one end of a channel. */
export interface Port {
  /** Called with what the server says. */
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  /** Says something to the server. */
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}

/** What a job gives: chunks, and how many bytes they will be together where that is known. */
export interface Answer {
  readonly length?: number;
  readonly chunks: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** A kind of job. It checks the body against the limits before it makes anything; it stops soon after the signal. */
export type Job = (gpu: Gpu, body: Uint8Array, limits: Limits, stop: AbortSignal) => Answer;

const JOBS: Readonly<Record<JobKind, Job>> = { init: initJob, diagnose: diagnoseJob, train: trainJob };

/**
 * Runs the jobs that arrive.
 *
 * @param port Where they arrive, one at a time.
 * @param open Opens the device, when the first job comes.
 */
export function serveJobs(port: Port, open: () => Promise<Gpu>): void {
  const running = new Map<number, AbortController>();
  let gpu: Gpu | undefined;
  port.onmessage = async ({ data }) => {
    if (data.type === "stop") return running.get(data.id)?.abort();
    if (data.type === "release") {
      gpu?.[Symbol.dispose]();
      gpu = undefined;
      return port.postMessage({ type: "released" }, []);
    }
    const { id } = data, stop = new AbortController();
    const post: Post = (message, transfer = []) => {
      const memory = gpu?.memory ?? { buffers: 0, bytes: 0 };
      port.postMessage({ ...message, id, memory } as JobNews, transfer);
    };
    running.set(id, stop);
    try {
      gpu ??= await open();
      await send(JOBS[data.kind](gpu, data.body, data.limits, stop.signal), stop.signal, post);
      post({ type: "end" });
    } catch (error) {
      // What a job says when it is stopped is no error.
      post(stop.signal.aborted ? { type: "end" } : { type: "error", error: plainError(error) });
    } finally {
      running.delete(id);
    }
  };
}

type Post = (message: { type: string } & Record<string, unknown>, transfer?: Transferable[]) => void;

/** The answer begins with its first chunk: what is refused before that has a status of its own. */
async function send({ length, chunks }: Answer, stop: AbortSignal, post: Post): Promise<void> {
  let begun = false;
  for await (const chunk of chunks) {
    if (!begun) post({ type: "begin", length });
    begun = true;
    // Of a part of a larger buffer only the part is sent.
    const bytes = chunk.byteLength === chunk.buffer.byteLength ? chunk : chunk.slice();
    post({ type: "chunk", bytes }, [bytes.buffer]);
    await turn();
    if (stop.aborted) return;
  }
}

/** Lets the messages in that have come meanwhile: without it a job would never hear that it is to stop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** What may be told of an error; of one that nobody foresaw only that there was one. */
function plainError(error: unknown): PlainError {
  if (!(error instanceof FaninError)) {
    console.error(error);
    return { name: "Error", error: "the job failed", remedy: "report it with the request", input: false };
  }
  const { name, message, remedy } = error;
  return {
    name,
    error: message.slice(0, -`; ${remedy}`.length),
    remedy,
    input: error instanceof InputError || name === "LimitError",
  };
}
