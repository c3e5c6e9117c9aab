/**
 * A job in Bun, on Dawn as the npm package `bun-webgpu` brings it.
 *
 * @module
 */
import process from "node:process";
import { Gpu } from "../../src/gpu/mod.ts";
import { type JobName, report } from "./jobs.ts";

// Not a literal: the package is installed beside the bundle, and nowhere else.
const name: string = "bun-webgpu";
const { createGPUInstance } = await import(name) as { createGPUInstance(): GPU };

/** `Gpu.open` asks for limits, and version 0.1.7 refuses whoever asks for any where a vertex stage has no storage buffers. */
async function open(): Promise<Gpu> {
  const adapter = await createGPUInstance().requestAdapter();
  if (adapter === null) throw new Error("NoAdapterError: no WebGPU adapter answers");
  return Gpu.from(await adapter.requestDevice(), adapter.info.description);
}

const text = JSON.stringify(await report(process.argv[2] as JobName, open()));
process.stdout.write(text, () => process.exit(0)); // Dawn would keep the process alive
