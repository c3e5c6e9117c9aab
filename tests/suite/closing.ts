/**
 * What a process of `deno test` says of itself in its last line, and the sum of several.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";

/** What became of the tests of one process, or of several. */
export interface Count {
  /** Tests that passed. */
  passed: number;
  /** Steps within them. */
  steps: number;
  /** Tests that failed. */
  failed: number;
  /** Tests that this system does not run. */
  ignored: number;
}

/** How a process ended. */
export interface Ended {
  /** Its exit status, 0 where all went well. */
  code: number;
  /** The signal that ended it, if one did. */
  signal: string | null;
  /** What it printed. */
  output: string;
}

const CLOSING = /^(?:ok|FAILED) \| (\d+) passed.*$/gm;

/**
 * Reads the closing line of `deno test`: "ok | 12 passed (3 steps) | 0 failed | 2 ignored (3s)".
 *
 * @param output All that the process printed, colours included.
 * @returns The counts, or undefined where no such line is: nothing ran, or not to the end.
 */
export function closingCount(output: string): Count | undefined {
  const line = [...stripVTControlCharacters(output).matchAll(CLOSING)].at(-1)?.[0];
  if (line === undefined) return undefined;
  const before = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return {
    passed: before("passed"),
    steps: before("steps?"),
    failed: before("failed"),
    ignored: before("ignored"),
  };
}

/**
 * The count of one process, and what else is wrong with it: it fails too where all its tests passed and it did not end well.
 *
 * @param ended How it ended.
 */
export function judged({ code, signal, output }: Ended): { count: Count; wrong?: string } {
  const count = closingCount(output);
  const end = signal === null ? `status ${code}` : `signal ${signal}`;
  if (count === undefined) {
    return { count: { ...NOTHING, failed: 1 }, wrong: `it ended with ${end} before its closing line` };
  }
  if (code !== 0 && count.failed === 0) {
    return { count: { ...count, failed: 1 }, wrong: `its tests passed, and then it ended with ${end}` };
  }
  return { count };
}

/**
 * What is wrong with a process, to be read at the end of a long log: from the errors of its tests on, or its last lines.
 *
 * @param output All that the process printed, colours included.
 */
export function errors(output: string): string {
  const lines = output.trim().split("\n");
  const from = lines.findIndex((line) => /^ ?ERRORS ?$/.test(stripVTControlCharacters(line)));
  return lines.slice(from < 0 ? -LAST_LINES : from).join("\n");
}

/** Of a process that ended badly with no test to blame. */
const LAST_LINES = 30;

const NOTHING: Count = { passed: 0, steps: 0, failed: 0, ignored: 0 };

/** The sum of counts. */
export function sum(counts: readonly Count[]): Count {
  return counts.reduce((a, b) => ({
    passed: a.passed + b.passed,
    steps: a.steps + b.steps,
    failed: a.failed + b.failed,
    ignored: a.ignored + b.ignored,
  }), NOTHING);
}

/**
 * One closing line in the words of `deno test`.
 *
 * @param count Of all tests.
 * @param seconds That they took.
 */
export function closingLine({ passed, steps, failed, ignored }: Count, seconds: number): string {
  const minutes = Math.floor(seconds / 60), rest = Math.round(seconds % 60);
  const parts = [
    failed === 0 ? "ok" : "FAILED",
    `${passed} passed${steps > 0 ? ` (${steps} step${steps === 1 ? "" : "s"})` : ""}`,
    `${failed} failed${ignored > 0 ? ` | ${ignored} ignored` : ""}`,
  ];
  return `${parts.join(" | ")} (${minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`})`;
}
