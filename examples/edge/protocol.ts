/**
 * What the server and the worker that holds the GPU say to each other. The server sends one job at a time.
 *
 * @module
 */
import type { MemoryUse } from "@fanin/fanin";
import type { JobKind, Limits } from "./options.ts";

/** To the worker: do this. The body is transferred. */
export interface JobMessage {
  readonly type: "job";
  readonly id: number;
  readonly kind: JobKind;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly limits: Limits;
}

/** To the worker: stop this job; nobody waits for it any more. */
export interface StopMessage {
  readonly type: "stop";
  readonly id: number;
}

/** To the worker: no job comes any more; let go of the GPU. */
export interface ReleaseMessage {
  readonly type: "release";
}

/** To the worker. */
export type ToWorker = JobMessage | StopMessage | ReleaseMessage;

/** An error that has crossed to the server. */
export interface PlainError {
  /** The class's name: "ShapeError". */
  readonly name: string;
  /** What is wrong. */
  readonly error: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Whether the request is at fault, and not the device. */
  readonly input: boolean;
}

/** From the worker: it holds no GPU any more. */
export interface ReleasedMessage {
  readonly type: "released";
}

/** From the worker, of a job: the answer begins, and will have so many bytes where that is known; a part of it; its end; or why there is none. */
export type JobNews =
  & { readonly id: number; readonly memory: MemoryUse }
  & (
    | { readonly type: "begin"; readonly length?: number }
    | { readonly type: "chunk"; readonly bytes: Uint8Array<ArrayBuffer> }
    | { readonly type: "end" }
    | { readonly type: "error"; readonly error: PlainError }
  );

/** From the worker. */
export type FromWorker = JobNews | ReleasedMessage;

/** One server-sent event. JSON has no line break that could end it early. */
export function serverSentEvent(event: string, data: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
