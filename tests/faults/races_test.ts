import { assert, assertEquals } from "@std/assert";
import { Gpu } from "../../src/gpu/mod.ts";
import { testGpu } from "../gpu_fixture.ts";
import { bytesOfJob, type Job } from "./job.ts";

/** Jobs that differ in everything that a mix-up would show. */
const JOBS: readonly Job[] = Array.from({ length: 8 }, (_, i) => ({
  seed: i,
  layers: [4, 5 + 3 * i, 3],
  batch: 3 + i,
  epochs: 3,
  optimizer: i % 2 === 0 ? "sgd" : "adam",
}));

async function oneAfterTheOther(): Promise<Uint8Array[]> {
  const gpu = await testGpu(), results: Uint8Array[] = [];
  for (const job of JOBS) results.push(await bytesOfJob(gpu, job));
  return results;
}

Deno.test("many trainings at once on one device from one event loop: the bytes of one after the other", async () => {
  const gpu = await testGpu(), expected = await oneAfterTheOther();
  assertEquals(new Set(expected.map(String)).size, JOBS.length, "each job has bytes of its own");
  for (let turn = 0; turn < 2; turn++) {
    assertEquals(await Promise.all(JOBS.map((job) => bytesOfJob(gpu, job))), expected);
  }
});

Deno.test("many devices at once from one event loop: the same bytes", async () => {
  const expected = await oneAfterTheOther();
  const results = await Promise.all(JOBS.map(async (job) => {
    using gpu = await Gpu.open();
    return await bytesOfJob(gpu, job);
  }));
  assertEquals(results, expected);
});

/** Each loads the library anew, which takes longer than its job. */
const WORKERS = 4;

/** Has a worker of its own do a job, on a device of its own. */
function inWorker(job: Job): Promise<Uint8Array> {
  const worker = new Worker(new URL("job_worker.ts", import.meta.url), { type: "module" });
  return new Promise<Uint8Array>((resolve, reject) => {
    worker.onmessage = ({ data }) => data instanceof Uint8Array ? resolve(data) : reject(new Error(data));
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(job);
  }).finally(() => worker.terminate());
}

Deno.test("many workers with a device each: the same bytes", async () => {
  const expected = await oneAfterTheOther();
  assertEquals(await Promise.all(JOBS.slice(0, WORKERS).map(inWorker)), expected.slice(0, WORKERS));
});

Deno.test("a device that is lost among others concerns no other", async () => {
  const expected = await oneAfterTheOther();
  const results = await Promise.allSettled(JOBS.map(async (job, i) => {
    using gpu = await Gpu.open();
    const bytes = bytesOfJob(gpu, job);
    if (i === 3) gpu.device.destroy();
    return await bytes;
  }));
  results.forEach((result, i) => {
    if (i === 3) assert(result.status === "rejected" && result.reason.name === "DeviceLostError", String(i));
    else assertEquals(result, { status: "fulfilled", value: expected[i] });
  });
});
