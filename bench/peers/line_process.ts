/**
 * A process that is asked and answers in lines of JSON.
 *
 * @module
 */

/** A child process; it ends when its standard input does, with this process at the latest. */
export class LineProcess {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;
  readonly #child: Deno.ChildProcess;
  /** The answer before: answers come in the order of the questions. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Starts it.
   *
   * @param program Its program.
   * @param args The program's arguments.
   */
  constructor(program: string, args: string[]) {
    const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped" }).spawn();
    child.unref();
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#lines = linesOf(child.stdout);
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param question Anything that JSON can hold.
   * @throws {Error} what the process says under "error", or that it has ended.
   */
  ask(question: unknown): Promise<object> {
    const answer = this.#last.then(() => this.#exchange(question));
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** Ends it: its standard input is closed, and it is waited for. */
  async close(): Promise<void> {
    await this.#last;
    await this.#writer.close();
    await this.#child.status;
  }

  async #exchange(question: unknown): Promise<object> {
    await this.#writer.write(new TextEncoder().encode(JSON.stringify(question) + "\n"));
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the process has ended");
    const answer = JSON.parse(value) as { error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }
}

async function* linesOf(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
