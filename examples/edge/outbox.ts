/**
 * An answer on its way to a client. The GPU never waits for a client that reads slowly: chunks wait here, and are counted.
 *
 * @module
 */
import type { Share } from "./held.ts";
import { HttpError } from "./http_error.ts";

/** Chunks for one client. */
export class Outbox {
  /** What the client reads. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Resolves when the client has everything, has gone, or will get no more. */
  readonly settled: Promise<void>;
  /** Bytes that the client has been given. */
  given = 0;
  readonly #share: Share;
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  readonly #settle: () => void;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #ended = false;
  #over = false;
  #wake: () => void = () => {};
  #timer?: ReturnType<typeof setTimeout>;

  /**
   * An empty answer.
   *
   * @param share Where its bytes are counted; disposed of at the end.
   * @param gone Is called when the client cancels.
   */
  constructor(share: Share, gone: () => void) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#share = share;
    this.settled = promise;
    this.#settle = () => {
      this.#over = true;
      clearTimeout(this.#timer);
      this.#chunks.length = 0;
      share[Symbol.dispose]();
      resolve();
    };
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: () => {
        this.#settle();
        gone();
      },
    }, { highWaterMark: 0 });
  }

  /** One more chunk; nothing where the client has gone. */
  push(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#over) return;
    this.#share.add(bytes.byteLength);
    this.#chunks.push(bytes);
    this.#wake();
  }

  /** That was all: the client has so many milliseconds to fetch it. */
  end(ms: number): void {
    this.#ended = true;
    if (this.#over) return;
    this.#timer = setTimeout(() => {
      this.fail(new HttpError(408, `the answer was not fetched within ${ms / 1000} s`, "read it faster"));
    }, ms);
    this.#wake();
  }

  /** There will be no more: the client sees a broken stream. */
  fail(error: Error): void {
    this.#settle();
    this.#ended = true;
    this.#controller.error(error);
    this.#wake();
  }

  async #pull(): Promise<void> {
    while (this.#chunks.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return this.#close();
    this.#share.add(-chunk.byteLength);
    this.given += chunk.byteLength;
    this.#controller.enqueue(chunk);
  }

  #close(): void {
    this.#settle();
    try {
      this.#controller.close();
    } catch {
      // It has failed or been cancelled meanwhile.
    }
  }
}
