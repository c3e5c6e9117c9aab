/**
 * A library's process: one of the files beside it, asked in lines of JSON on standard input.
 *
 * `{"open": TASK}` is answered by `{"id": N}`, or `{"id": null}` for what the library lacks; `{"run": N, "repetitions": R}` by
 * `{"value": X}` when all is done; `{"close": N}` by `{}`; and any of them by `{"error": TEXT}`. `seconds` in an answer counts from
 * the first question on, before which nothing of the library is loaded: a cold start is what the answers to the first `open` and
 * the first `run` say.
 *
 * @module
 */
import type { Runnable } from "../../../src/bench/runnable.ts";
import { linesOf } from "../lines.ts";
import type { Task } from "../task.ts";

/** What a library's file exports. */
interface PeerFile {
  open(task: Task): Promise<Runnable | undefined>;
}

type Question = { open: Task } | { run: number; repetitions: number } | { close: number };

async function answer(file: string, runnables: Map<number, Runnable>, question: Question): Promise<object> {
  if ("open" in question) {
    const { open } = await import(new URL(file, import.meta.url).href) as PeerFile;
    const runnable = await open(question.open);
    if (runnable === undefined) return { id: null };
    const id = Math.max(-1, ...runnables.keys()) + 1;
    runnables.set(id, runnable);
    return { id };
  }
  if ("run" in question) {
    return { value: await runnables.get(question.run)!.run(question.repetitions) };
  }
  runnables.get(question.close)![Symbol.dispose]();
  runnables.delete(question.close);
  return {};
}

async function serve(file: string): Promise<void> {
  // Standard output is for answers: what a library prints must not stand among them.
  console.log = console.info = console.debug = console.error;
  const runnables = new Map<number, Runnable>();
  let began: number | undefined;
  for await (const line of linesOf(Deno.stdin.readable)) {
    began ??= performance.now();
    const reply = await answer(file, runnables, JSON.parse(line)).catch((error) => {
      return {
        error: (error instanceof Error ? error.message : String(error)) || "failed without a message",
      };
    });
    const text = JSON.stringify({ ...reply, seconds: (performance.now() - began) / 1000 }) + "\n";
    await Deno.stdout.write(new TextEncoder().encode(text));
  }
  Deno.exit(0); // a library's workers would keep the process alive
}

if (import.meta.main) await serve(Deno.args[0]);
