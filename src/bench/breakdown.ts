/**
 * Where the time of a training step goes, kernel by kernel: by the device's timestamps where it has them, and by the clock.
 *
 * Both, since timestamps cannot be believed everywhere: Mesa's software driver takes them while the kernels still run.
 *
 * @module
 */
import { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { DispatchTime } from "../gpu/profile.ts";
import { median } from "./measure.ts";
import { openTraining, trainingName } from "./training.ts";
import { STEPS } from "./training_settings.ts";

/** A kernel's part of a step. */
export interface KernelShare {
  /** The kernel's name. */
  kernel: string;
  /** Its dispatches in a step. */
  calls: number;
  /** Milliseconds of a step that all of them take, by the clock: each dispatch repeated by itself. */
  clock: number;
  /** The same by the device's timestamps; null where it has none. */
  timestamps: number | null;
  /** Its part of the time of all kernels by the clock, 0 to 1. */
  share: number;
}

/** The time of a step and of its parts. */
export interface Breakdown {
  /** The workload's name. */
  workload: string;
  /** Milliseconds of a whole step by the clock: the median over the rounds. */
  step: number;
  /** The kernels, the longest first. */
  rows: KernelShare[];
  /** What is to be known of the timestamps: that there are none, or whether the clock bears them out. */
  timestamps: "none" | "believable" | "not believable";
}

/**
 * Measures the steps of one batch size.
 *
 * @param gpu A device, with the feature "timestamp-query" where its adapter has it.
 * @param batch Rows in a mini-batch.
 * @param rounds Epochs of 32 steps of which the median counts.
 * @param seconds Least duration of the measurement of one dispatch; 0.02 unless given.
 */
export async function trainingBreakdown(
  gpu: Gpu,
  batch: number,
  rounds: number,
  seconds?: number,
): Promise<Breakdown> {
  const { trainer, resources } = await openTraining(gpu, { batch });
  using stack = new DisposableStack();
  stack.use(resources);
  await trainer.epoch(); // warms up
  const epochs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await trainer.epoch();
    epochs.push((performance.now() - start) / STEPS);
  }
  const hasStamps = gpu.device.features.has("timestamp-query");
  const stamped = hasStamps ? byKernel(await trainer.profile(STEPS), STEPS) : undefined;
  const rows = shares(byKernel(await trainer.clock(seconds), 1), stamped);
  return { workload: trainingName({ batch }), step: median(epochs), rows, timestamps: judge(rows) };
}

/** A kernel's dispatches, taken together. */
interface KernelTime {
  calls: number;
  milliseconds: number;
}

/**
 * Times of dispatches, summed by kernel.
 *
 * @param times Of some steps that make the same dispatches.
 * @param steps How many.
 */
export function byKernel(times: readonly DispatchTime[], steps: number): Map<string, KernelTime> {
  const sums = new Map<string, KernelTime>();
  for (const { kernel, seconds } of times) {
    const { calls, milliseconds } = sums.get(kernel) ?? { calls: 0, milliseconds: 0 };
    sums.set(kernel, { calls: calls + 1, milliseconds: milliseconds + seconds * 1000 });
  }
  return new Map(
    [...sums].map(([kernel, { calls, milliseconds }]) =>
      [kernel, { calls: calls / steps, milliseconds: milliseconds / steps }] as const
    ),
  );
}

/**
 * The rows of a breakdown, the longest first.
 *
 * @param clock By the clock.
 * @param stamped By timestamps, where there are any.
 */
export function shares(
  clock: ReadonlyMap<string, KernelTime>,
  stamped?: ReadonlyMap<string, KernelTime>,
): KernelShare[] {
  const all = [...clock.values()].reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return [...clock].map(([kernel, { calls, milliseconds }]) => ({
    kernel,
    calls,
    clock: milliseconds,
    timestamps: stamped?.get(kernel)?.milliseconds ?? null,
    share: all === 0 ? 0 : milliseconds / all,
  })).sort((a, b) => b.clock - a.clock);
}

/** Kernels of less than this share do not decide, nor does a factor below this one. */
const LEAST_SHARE = 0.1, LARGEST_FACTOR = 2;

/**
 * Whether timestamps and clock agree on the kernels that matter.
 *
 * @param rows Of one breakdown.
 */
export function judge(rows: readonly KernelShare[]): Breakdown["timestamps"] {
  if (rows.every(({ timestamps }) => timestamps === null)) return "none";
  const agree = rows.filter(({ share }) => share >= LEAST_SHARE).every(({ clock, timestamps }) =>
    timestamps !== null && timestamps * LARGEST_FACTOR >= clock && timestamps <= clock * LARGEST_FACTOR
  );
  return agree ? "believable" : "not believable";
}
