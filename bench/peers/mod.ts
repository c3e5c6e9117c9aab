/**
 * The other libraries: each in a process of its own, started when it is first asked for something.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import type { ColdRun, Lack, Runnable } from "../../src/bench/runnable.ts";
import type { Peer } from "../../src/bench/workload.ts";
import { LineProcess } from "./line_process.ts";
import { startPytorch } from "./pytorch.ts";
import { lackOf, taskOf } from "./task.ts";

type Start = (env: Record<string, string>) => LineProcess | Promise<LineProcess>;

/** What the processes answer; serve.ts says to what. */
interface Opened {
  id: number | null;
}
interface Ran {
  value?: number | null;
  seconds: number;
}

/** A library by its name in tables, with its process. */
function peer(name: string, webgpu: boolean, start: Start): Peer {
  let process: LineProcess | undefined;
  return {
    name,
    webgpu,
    async open(workload) {
      const task = taskOf(workload);
      if (task === undefined) return undefined;
      if (process === undefined || process.ended) process = await start({});
      const { id } = await process.ask<Opened>({ open: task });
      return id === null ? lackOf(task) : runnable(process, id);
    },
    async cold(workload, env) {
      const task = taskOf(workload);
      return task === undefined ? undefined : await coldRun(await start(env), task);
    },
  };
}

function runnable(process: LineProcess, id: number): Runnable {
  return {
    async run(repetitions) {
      const { value } = await process.ask<Ran>({ run: id, repetitions });
      return value ?? undefined;
    },
    // Nobody waits for the answer: it comes before that of the next question.
    [Symbol.dispose]: () => void process.ask({ close: id }).catch(() => {}),
  };
}

async function coldRun(
  process: LineProcess,
  task: NonNullable<ReturnType<typeof taskOf>>,
): Promise<ColdRun | Lack> {
  try {
    const { id } = await process.ask<Opened>({ open: task });
    if (id === null) return lackOf(task);
    const { seconds, value } = await process.ask<Ran>({ run: id, repetitions: 1 });
    return { seconds, value: value ?? undefined };
  } finally {
    await process.close();
  }
}

/** The process of one of the files in `libraries/`, which has a `deno.json` of its own: nothing else depends on them. */
function inDeno(file: string): Start {
  const serve = fromFileUrl(new URL("libraries/serve.ts", import.meta.url));
  return (env) => new LineProcess(Deno.execPath(), ["run", "-A", serve, file], env);
}

/** Those on WebGPU, and beside them what the same machine does without. */
export const PEERS: readonly Peer[] = [
  peer("jax-js", true, inDeno("jax_js_webgpu.ts")),
  peer("TensorFlow.js", true, inDeno("tfjs_webgpu.ts")),
  peer("onnxruntime-web", true, inDeno("onnxruntime.ts")),
  peer("jax-js WASM", false, inDeno("jax_js_wasm.ts")),
  peer("TensorFlow.js WASM", false, inDeno("tfjs_wasm.ts")),
  peer("PyTorch CPU", false, startPytorch),
];
