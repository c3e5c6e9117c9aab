/**
 * What a cold start ends with: a network's first weights, a product, a training step.
 *
 * @module
 */
import { Gpu } from "../gpu/gpu.ts";
import type { Workload } from "./workload.ts";

/** A workload by its name. What it is made of is loaded by `load`: a start pays for what it needs, and for nothing else. */
interface ColdWorkload {
  /** Its name, which is that of the workload. */
  readonly name: string;
  /** Loads it. */
  load(): Promise<Workload>;
}

/** All of them. */
export const COLD_WORKLOADS: readonly ColdWorkload[] = [
  {
    name: "init 784-512-256-10",
    load: async () => (await import("./init.ts")).initWorkload(),
  },
  {
    name: "matmul nn 512x512x512",
    load: async () => (await import("./matmul.ts")).productWorkload("nn", 512, 512, 512),
  },
  {
    name: "train 784-512-256-10 batch 64, 1 step",
    load: async () => (await import("./training.ts")).trainingWorkload({ batch: 64, steps: 1 }),
  },
];

/**
 * Does one of them once, with a device of its own.
 *
 * @param name Its name.
 * @returns What was read, as a `Runnable` returns it.
 */
export async function runOnce(name: string): Promise<number | undefined> {
  const workload = await COLD_WORKLOADS.find((cold) => cold.name === name)!.load();
  using gpu = await Gpu.open({ label: "bench", tune: false });
  using runnable = await workload.open(gpu);
  return await runnable.run(1);
}
