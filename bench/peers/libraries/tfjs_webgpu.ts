/**
 * TensorFlow.js on WebGPU.
 *
 * @module
 */
import "@tensorflow/tfjs-backend-webgpu";
import type { Runnable } from "../../../src/bench/runnable.ts";
import type { Task } from "../task.ts";
import { open as openOn } from "./tfjs.ts";

/** Its way of doing a task. */
export const open = (task: Task): Promise<Runnable | undefined> => openOn("webgpu", task);
