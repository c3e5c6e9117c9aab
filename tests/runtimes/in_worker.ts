/**
 * A job in a dedicated worker: waits for its name, posts the report, or the error as text.
 *
 * @module
 */
import { type JobName, report } from "./jobs.ts";

const { addEventListener, postMessage } = globalThis as unknown as {
  addEventListener(type: "message", listener: (event: MessageEvent<JobName>) => void): void;
  postMessage(message: unknown): void;
};

addEventListener("message", ({ data }) => {
  report(data).then(postMessage, (error) => postMessage(String(error)));
});
