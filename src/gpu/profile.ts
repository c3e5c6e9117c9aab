/**
 * Where a program's time goes: timestamps of the device before and after every dispatch.
 *
 * @module
 */
import { commandBuffers } from "./command_buffers.ts";
import { LimitError } from "./errors.ts";
import type { Gpu } from "./gpu.ts";

// Values of GPUBufferUsage and GPUMapMode.
const MAP_READ = 0x1, COPY_SRC = 0x4, COPY_DST = 0x8, QUERY_RESOLVE = 0x200;
const MAP_MODE_READ = 0x1;

/** The largest query set that WebGPU allows holds a pair for so many dispatches. */
const MOST_DISPATCHES = 2048;

/** Bytes of a timestamp: a 64-bit number of nanoseconds. */
const TIMESTAMP_BYTES = 8;

/** How long a dispatch, or a copy, took. */
export interface DispatchTime {
  /** The kernel's name, or what the copy is called. */
  readonly kernel: string;
  /** Seconds on the device. */
  readonly seconds: number;
}

/** A step of a program that is to be timed. */
export interface TimedStep {
  /** The kernel's name, or what a copy is called. */
  readonly kernel: string;
  /** Whether it runs in a pass: only there can timestamps be taken. */
  readonly inPass: boolean;
  /**
   * Puts it into a command buffer.
   *
   * @param encoder Of the command buffer.
   * @param times How often in a row.
   * @param timestampWrites What its pass begins and ends with.
   */
  encode(encoder: GPUCommandEncoder, times: number, timestampWrites?: GPUComputePassTimestampWrites): void;
}

/**
 * Runs steps in order, each dispatch in a pass of its own between two timestamps, and waits.
 *
 * @param gpu Where.
 * @param label Name for errors and profilers.
 * @param steps What.
 * @returns The times of the dispatches, in the same order; copies have none.
 * @throws {LimitError} when the device was opened without the feature "timestamp-query".
 * @throws {DeviceLostError} when the device is lost.
 */
export async function timeDispatches(
  gpu: Gpu,
  label: string,
  steps: readonly TimedStep[],
): Promise<DispatchTime[]> {
  if (!gpu.device.features.has("timestamp-query")) {
    throw new LimitError(
      `the device on ${gpu.adapter.name} has no timestamps to time ${label} with`,
      `open it with features: ["timestamp-query"], on an adapter that has them`,
    );
  }
  const times: DispatchTime[] = [];
  for (let i = 0; i < steps.length; i += MOST_DISPATCHES) {
    times.push(...await timeSome(gpu, label, steps.slice(i, i + MOST_DISPATCHES)));
  }
  return times;
}

async function timeSome(gpu: Gpu, label: string, steps: readonly TimedStep[]): Promise<DispatchTime[]> {
  const dispatches = steps.filter(({ inPass }) => inPass);
  const { device } = gpu, count = Math.max(2, 2 * dispatches.length), size = count * TIMESTAMP_BYTES;
  const querySet = device.createQuerySet({ label, type: "timestamp", count });
  const resolved = device.createBuffer({ label, size, usage: QUERY_RESOLVE | COPY_SRC });
  const staging = device.createBuffer({ label, size, usage: MAP_READ | COPY_DST });
  try {
    let stamp = 0;
    const timed = commandBuffers(device, label, steps, (encoder, some) => {
      for (const step of some) {
        const stamps = step.inPass &&
          { querySet, beginningOfPassWriteIndex: stamp++, endOfPassWriteIndex: stamp++ };
        step.encode(encoder, 1, stamps || undefined);
      }
    });
    const encoder = device.createCommandEncoder({ label });
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    device.queue.submit([...timed, encoder.finish()]);
    await gpu.orLost(staging.mapAsync(MAP_MODE_READ));
    const stamps = new BigUint64Array(staging.getMappedRange());
    return dispatches.map(({ kernel }, i) => ({
      kernel,
      seconds: Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e9,
    }));
  } finally {
    querySet.destroy();
    resolved.destroy();
    staging.destroy();
  }
}

/** Repetitions of a step that are no longer doubled, however short it is. */
const MOST_REPETITIONS = 4096;

/**
 * Times steps by the host's clock: each alone, repeated in one submit until that takes long enough, and twice as often; the
 * difference counts, so that what a submit and a wait cost does not. For adapters that have no timestamps, or none to be believed.
 *
 * @param gpu Where.
 * @param label Name for errors and profilers.
 * @param steps What; each runs many times, so that what they change in place is worthless afterwards.
 * @param seconds Least duration of the shorter run.
 * @returns Their times, in the same order.
 * @throws {DeviceLostError} when the device is lost.
 */
export async function clockDispatches(
  gpu: Gpu,
  label: string,
  steps: readonly TimedStep[],
  seconds: number,
): Promise<DispatchTime[]> {
  const times: DispatchTime[] = [];
  for (const step of steps) {
    const run = (repetitions: number) => clocked(gpu, label, step, repetitions);
    await run(1);
    let repetitions = 8, shorter = await run(repetitions);
    while (shorter < seconds && repetitions < MOST_REPETITIONS) shorter = await run(repetitions *= 2);
    const longer = await run(2 * repetitions);
    times.push({ kernel: step.kernel, seconds: Math.max(0, longer - shorter) / repetitions });
  }
  return times;
}

async function clocked(gpu: Gpu, label: string, step: TimedStep, repetitions: number): Promise<number> {
  const encoder = gpu.device.createCommandEncoder({ label });
  step.encode(encoder, repetitions);
  const commands = encoder.finish(), start = performance.now();
  gpu.device.queue.submit([commands]);
  await gpu.idle();
  return (performance.now() - start) / 1000;
}
