/**
 * Jobs in a page: on its main thread, or in a dedicated worker.
 *
 * @module
 */
import { type JobName, type Report, report } from "./jobs.ts";

/** What the page offers to the program that drives it. */
const runners = {
  /** On the main thread. */
  page: <J extends JobName>(job: J): Promise<Report<J>> => report(job),
  /** In a worker. */
  worker: <J extends JobName>(job: J): Promise<Report<J>> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL("/worker.js", globalThis.location.href), { type: "module" });
      worker.onerror = (event): void => reject(new Error(event.message));
      worker.onmessage = ({ data }: MessageEvent<Report<J> | string>): void => {
        worker.terminate();
        if (typeof data === "string") reject(new Error(data));
        else resolve(data);
      };
      worker.postMessage(job);
    }),
};

Object.assign(globalThis, { runners });
