/**
 * The web worker that holds the GPU: however long a kernel runs, the server answers.
 *
 * @module
 */
import { Gpu } from "@fanin/fanin";
import { type Port, serveJobs } from "./serve_jobs.ts";

serveJobs(globalThis as unknown as Port, () => Gpu.open());
