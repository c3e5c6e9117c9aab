/**
 * jax-js on WebAssembly.
 *
 * @module
 */
import type { Runnable } from "../../../src/bench/runnable.ts";
import { open as openOn } from "./jax_js.ts";
import type { Task } from "../task.ts";

/** Its way of doing a task. */
export const open = (task: Task): Promise<Runnable | undefined> => openOn("wasm", task);
