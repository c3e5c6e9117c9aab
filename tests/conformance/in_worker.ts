/**
 * The table in a dedicated worker: posts the report, or the error as text.
 *
 * @module
 */
import { report } from "./report.ts";

const { postMessage } = globalThis as unknown as { postMessage(message: unknown): void };

report().then(postMessage, (error) => postMessage(String(error)));
