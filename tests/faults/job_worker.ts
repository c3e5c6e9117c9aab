/**
 * A worker that does one job on a device of its own.
 *
 * @module
 */
import { Gpu } from "../../src/gpu/mod.ts";
import { bytesOfJob, type Job } from "./job.ts";

/** The part of a worker's scope that is used; Deno's types for this file are a window's. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Job>) => void;
  postMessage(message: Uint8Array | string): void;
};

scope.onmessage = async ({ data }) => {
  try {
    using gpu = await Gpu.open();
    scope.postMessage(await bytesOfJob(gpu, data));
  } catch (error) {
    scope.postMessage(String(error));
  }
};
