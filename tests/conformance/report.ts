/**
 * The whole table on one device, and what is said of it: the same in Deno, a page, a worker and Node.
 *
 * @module
 */
import { Gpu, type GpuOptions } from "../../src/gpu/mod.ts";
import { type Outcome, runConformance } from "./run.ts";
import { TABLE } from "./table.ts";

/** What a process, page or worker says after it has run the whole table. */
export interface Report {
  /** The adapter in words. */
  adapter: string;
  /** One outcome for each row. */
  outcomes: Outcome[];
}

/**
 * Opens a device and runs the whole table on it.
 *
 * @param options Which device.
 * @throws {NoAdapterError} when there is none.
 */
export async function report(options: GpuOptions = {}): Promise<Report> {
  using gpu = await Gpu.open({ label: "conformance", ...options });
  return { adapter: gpu.adapter.name, outcomes: await runConformance(gpu, TABLE) };
}
