/**
 * The table in a page: on its main thread, or in a dedicated worker.
 *
 * @module
 */
import { type Report, report } from "./report.ts";

/** What the page offers to the program that drives it. */
const runners = {
  /** On the main thread. */
  page: (): Promise<Report> => report(),
  /** In a worker. */
  worker: (): Promise<Report> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL("/worker.js", globalThis.location.href), { type: "module" });
      worker.onerror = (event): void => reject(new Error(event.message));
      worker.onmessage = ({ data }: MessageEvent<Report | string>): void => {
        if (typeof data === "string") reject(new Error(data));
        else resolve(data);
      };
    }),
};

Object.assign(globalThis, { runners });
