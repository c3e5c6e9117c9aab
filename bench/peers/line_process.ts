/**
 * A process that is asked and answers in lines of JSON.
 *
 * @module
 */
import { linesOf } from "./lines.ts";

/** A child process; it ends when its standard input does, with this process at the latest. */
export class LineProcess {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;
  readonly #child: Deno.ChildProcess;
  /** The last line of its standard error: why it ended, if it did. */
  #said = "";
  /** The answer before: answers come in the order of the questions. */
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;

  /**
   * Starts it.
   *
   * @param program Its program.
   * @param args The program's arguments.
   * @param env Environment variables beside those of this process.
   */
  constructor(program: string, args: string[], env: Record<string, string> = {}) {
    const child = new Deno.Command(program, { args, env, stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn();
    child.unref();
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#lines = linesOf(child.stdout);
    void this.#listen(child.stderr);
  }

  /** Whether it is known to have ended: it answers no more. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param question Anything that JSON can hold.
   * @throws {Error} what the process says under "error", or that it has ended.
   */
  ask<T>(question: unknown): Promise<T> {
    const answer = this.#last.then(() => this.#exchange(question));
    this.#last = answer.catch(() => {});
    return answer as Promise<T>;
  }

  /** Ends it: its standard input is closed, and it is waited for. */
  async close(): Promise<void> {
    await this.#last;
    this.#ended = true;
    this.#child.ref();
    await this.#writer.close().catch(() => {/* it has ended by itself */});
    await this.#child.status;
  }

  /** While an answer is waited for, and only then, the process keeps this one alive. */
  async #exchange(question: unknown): Promise<unknown> {
    this.#child.ref();
    try {
      return await this.#answerTo(question);
    } finally {
      this.#child.unref();
    }
  }

  async #answerTo(question: unknown): Promise<unknown> {
    try {
      await this.#writer.write(new TextEncoder().encode(JSON.stringify(question) + "\n"));
    } catch {
      // It has ended: which the missing answer tells, with its reason.
    }
    const { value, done } = await this.#lines.next();
    if (done) {
      this.#ended = true;
      const { code, signal } = await this.#child.status;
      throw new Error(
        `its process ended with ${signal ?? `status ${code}`}: ${this.#said || "no reason given"}`,
      );
    }
    const answer = JSON.parse(value) as { error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  async #listen(stderr: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const line of linesOf(stderr)) if (line.trim() !== "") this.#said = line.trim();
  }
}
