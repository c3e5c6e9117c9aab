/**
 * What a cold start ends with: a network's first weights, a product, a training step.
 *
 * @module
 */
import { Gpu } from "../gpu/gpu.ts";
import { initWorkload } from "./init.ts";
import { productWorkload } from "./matmul.ts";
import { trainingWorkload } from "./training.ts";
import type { Workload } from "./workload.ts";

/** The workloads, by their names. */
export const COLD_WORKLOADS: readonly Workload[] = [
  initWorkload(),
  productWorkload("nn", 512, 512, 512),
  trainingWorkload({ batch: 64, steps: 1 }),
];

/**
 * Does one of them once, with a device of its own.
 *
 * @param name Its name.
 * @returns What was read, as a {@linkcode Runnable} returns it.
 */
export async function runOnce(name: string): Promise<number | undefined> {
  using gpu = await Gpu.open({ label: "bench", tune: false });
  using runnable = await COLD_WORKLOADS.find((workload) => workload.name === name)!.open(gpu);
  return await runnable.run(1);
}
