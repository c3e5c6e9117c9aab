/**
 * A progress bar for long commands. It knows no terminal: the caller hands it the stream.
 *
 * @module
 */

import cliProgress from "cli-progress";

/** Where progress is written: Node's `process.stderr` is one. */
export interface ProgressStream {
  /** Writes a text. */
  write(text: string): unknown;
  /** Whether it is a terminal. */
  isTTY?: boolean;
  /** Its width in columns. */
  columns?: number;
}

/** How progress is shown. */
export interface ProgressOptions {
  /** Whether the bar is drawn: true on a terminal, false where standard error goes to a file or a pipe. */
  enabled: boolean;
  /** Where to write: standard error. */
  stream: ProgressStream;
}

/** Progress of one command. Dispose of it to clear the bar away. */
export interface Progress extends Disposable {
  /**
   * Goes on.
   *
   * @param n How much was done since the last call.
   * @param text What is being done, beside the bar.
   */
  tick(n?: number, text?: string): void;
  /** Prints a line that stays: what is finished. It is printed with and without a bar. */
  line(text: string): void;
}

/** What is used of cli-progress, which ships no types. */
interface Bar {
  start(total: number, value: number, payload: { text: string }): void;
  update(value: number, payload: { text: string }): void;
  stop(): void;
}

/**
 * Starts showing progress.
 *
 * @param total How much there is to do.
 * @param options Whether to draw, and where.
 */
export function progress(total: number, options: ProgressOptions): Progress {
  const { enabled, stream } = options;
  const bar = enabled ? newBar(stream) : undefined;
  let value = 0;
  let text = "";
  bar?.start(total, value, { text });
  return {
    tick(n = 1, next = text): void {
      value = Math.min(total, value + n);
      text = next;
      bar?.update(value, { text });
    },
    line(finished: string): void {
      // The bar remembers where on the screen it began, and a line moves that place: begin again under it.
      bar?.stop();
      stream.write(finished + "\n");
      bar?.start(total, value, { text });
    },
    [Symbol.dispose](): void {
      bar?.stop();
    },
  };
}

function newBar(stream: ProgressStream): Bar {
  const terminal = {
    write: (text: string): unknown => stream.write(text),
    isTTY: true,
    get columns(): number {
      return stream.columns ?? 80;
    },
  };
  return new cliProgress.SingleBar({
    stream: terminal,
    format: "{bar} {percentage}%  {text}",
    barCompleteChar: "━",
    barIncompleteChar: "─",
    barsize: 30,
    clearOnComplete: true,
    // Wrapping switched off would stay off when the command is interrupted; long lines are cut instead.
    linewrap: true,
  }) as Bar;
}
