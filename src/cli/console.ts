/**
 * What a command says: results on standard output, progress and messages on standard error.
 *
 * @module
 */
import { type Progress, progress, type ProgressStream } from "../report/progress.ts";

const stderr: ProgressStream = {
  write: (text) => Deno.stderr.writeSync(new TextEncoder().encode(text)),
  get isTTY(): boolean {
    return Deno.stderr.isTerminal();
  },
  get columns(): number {
    return terminalColumns();
  },
};

/** Prints a result, with a newline. */
export function printResult(text: string): void {
  console.log(text);
}

/** Prints a result as one JSON document. */
export function printJson(value: unknown): void {
  printResult(JSON.stringify(value, null, 2));
}

/** Prints a message beside the results. */
export function say(text: string): void {
  console.error(text);
}

/** Starts a progress bar; without a terminal only the lines are printed. */
export function showProgress(total: number): Progress {
  return progress(total, { enabled: Deno.stderr.isTerminal(), stream: stderr });
}

/** Whether colours can be shown where results go. */
export function hasColor(): boolean {
  return Deno.stdout.isTerminal() && !Deno.noColor;
}

function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80; // standard error is no terminal
  }
}
