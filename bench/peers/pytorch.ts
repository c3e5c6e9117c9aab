/**
 * PyTorch on the processor, in a process of its own: `pytorch.py`, a line of JSON there and one back.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import type { Lack, Runnable } from "../../src/bench/workload.ts";
import { LineProcess } from "./line_process.ts";
import { lackOf, type Task } from "./task.ts";

/** Where Python may be: the first, the distribution's own. */
const PYTHONS = ["python3", "/usr/bin/python3"];

let started: Promise<LineProcess> | undefined;

/**
 * Its way of doing a task.
 *
 * @param task What; A distribution may be lacking.
 */
export async function open(task: Task): Promise<Runnable | Lack> {
  const python = await (started ??= start());
  const { id } = await python.ask({ open: task }) as { id: number | null };
  if (id === null) return lackOf(task);
  return {
    async run(repetitions) {
      const { value } = await python.ask({ run: id, repetitions }) as { value: number | null };
      return value ?? undefined;
    },
    // Nobody waits for the answer: it comes before that of the next question.
    [Symbol.dispose]: () => void python.ask({ close: id }).catch(() => {}),
  };
}

async function start(): Promise<LineProcess> {
  const python = await findPython();
  return new LineProcess(python, [fromFileUrl(new URL("pytorch.py", import.meta.url))]);
}

/** The first Python that has PyTorch. */
async function findPython(): Promise<string> {
  const script = "import importlib.util as u; raise SystemExit(u.find_spec('torch') is None)";
  for (const python of PYTHONS) {
    try {
      const args = ["-c", script], quiet = { stdout: "null", stderr: "null" } as const;
      if ((await new Deno.Command(python, { args, ...quiet }).output()).success) return python;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`no PyTorch: ${PYTHONS.join(" and ")} lack it; apt-get install python3-torch`);
}
