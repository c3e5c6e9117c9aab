/**
 * The other libraries: each a file of its own, loaded when it is first asked for something.
 *
 * @module
 */
import type { Lack, Peer, Runnable } from "../../src/bench/workload.ts";
import { type Task, taskOf } from "./task.ts";

/** What a peer's file exports. */
interface PeerFile {
  open(task: Task): Promise<Runnable | Lack>;
}

/** A library by its name in tables, with its file. */
function peer(name: string, file: string, webgpu: boolean): Peer {
  return {
    name,
    webgpu,
    async open(workload) {
      const task = taskOf(workload);
      if (task === undefined) return undefined;
      // Put together, so that nothing of it is loaded, nor fetched, before it is needed.
      const { open } = await import(new URL(file, import.meta.url).href) as PeerFile;
      return await open(task);
    },
  };
}

/** Those on WebGPU, and beside them what the same machine does without. */
export const PEERS: readonly Peer[] = [
  peer("jax-js", "jax_js_webgpu.ts", true),
  peer("TensorFlow.js", "tfjs_webgpu.ts", true),
  peer("onnxruntime-web", "onnxruntime.ts", true),
  peer("jax-js WASM", "jax_js_wasm.ts", false),
  peer("TensorFlow.js WASM", "tfjs_wasm.ts", false),
  peer("PyTorch CPU", "pytorch.ts", false),
];
