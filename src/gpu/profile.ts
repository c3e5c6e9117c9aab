/**
 * Where a program's time goes: timestamps of the device before and after every dispatch.
 *
 * @module
 */
import { LimitError } from "./errors.ts";
import type { Gpu } from "./gpu.ts";

// Values of GPUBufferUsage and GPUMapMode.
const MAP_READ = 0x1, COPY_SRC = 0x4, COPY_DST = 0x8, QUERY_RESOLVE = 0x200;
const MAP_MODE_READ = 0x1;

/** The largest query set that WebGPU allows holds a pair for so many dispatches. */
const MOST_DISPATCHES = 2048;

/** Bytes of a timestamp: a 64-bit number of nanoseconds. */
const TIMESTAMP_BYTES = 8;

/** How long a dispatch took. */
export interface DispatchTime {
  /** The kernel's name. */
  readonly kernel: string;
  /** Seconds on the device. */
  readonly seconds: number;
}

/** A dispatch that is to be timed. */
export interface TimedDispatch {
  /** The kernel's name. */
  readonly kernel: string;
  /** Puts it into a pass. */
  encode(pass: GPUComputePassEncoder): void;
}

/**
 * Runs dispatches in order, each in a pass of its own between two timestamps, and waits.
 *
 * @param gpu Where.
 * @param label Name for errors and profilers.
 * @param dispatches What.
 * @returns Their times, in the same order.
 * @throws {LimitError} when the device was opened without the feature "timestamp-query".
 * @throws {DeviceLostError} when the device is lost.
 */
export async function timeDispatches(
  gpu: Gpu,
  label: string,
  dispatches: readonly TimedDispatch[],
): Promise<DispatchTime[]> {
  if (!gpu.device.features.has("timestamp-query")) {
    throw new LimitError(
      `the device on ${gpu.adapter.name} has no timestamps to time ${label} with`,
      `open it with features: ["timestamp-query"], on an adapter that has them`,
    );
  }
  const times: DispatchTime[] = [];
  for (let i = 0; i < dispatches.length; i += MOST_DISPATCHES) {
    times.push(...await timeSome(gpu, label, dispatches.slice(i, i + MOST_DISPATCHES)));
  }
  return times;
}

async function timeSome(
  gpu: Gpu,
  label: string,
  dispatches: readonly TimedDispatch[],
): Promise<DispatchTime[]> {
  const { device } = gpu, count = 2 * dispatches.length, size = count * TIMESTAMP_BYTES;
  const querySet = device.createQuerySet({ label, type: "timestamp", count });
  const resolved = device.createBuffer({ label, size, usage: QUERY_RESOLVE | COPY_SRC });
  const staging = device.createBuffer({ label, size, usage: MAP_READ | COPY_DST });
  try {
    const encoder = device.createCommandEncoder({ label });
    dispatches.forEach(({ kernel, encode }, i) => {
      const writes = { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
      const pass = encoder.beginComputePass({ label: kernel, timestampWrites: writes });
      encode(pass);
      pass.end();
    });
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
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

/** Repetitions of a dispatch that are no longer doubled, however short it is. */
const MOST_REPETITIONS = 4096;

/**
 * Times dispatches by the host's clock: each alone, repeated in one submit until that takes long enough, and twice as often; the
 * difference counts, so that what a submit and a wait cost does not. For adapters that have no timestamps, or none to be believed.
 *
 * @param gpu Where.
 * @param label Name for errors and profilers.
 * @param dispatches What; each runs many times, so that what they change in place is worthless afterwards.
 * @param seconds Least duration of the shorter run.
 * @returns Their times, in the same order.
 * @throws {DeviceLostError} when the device is lost.
 */
export async function clockDispatches(
  gpu: Gpu,
  label: string,
  dispatches: readonly TimedDispatch[],
  seconds: number,
): Promise<DispatchTime[]> {
  const times: DispatchTime[] = [];
  for (const dispatch of dispatches) {
    const run = (repetitions: number) => clocked(gpu, label, dispatch, repetitions);
    await run(1);
    let repetitions = 8, shorter = await run(repetitions);
    while (shorter < seconds && repetitions < MOST_REPETITIONS) shorter = await run(repetitions *= 2);
    const longer = await run(2 * repetitions);
    times.push({ kernel: dispatch.kernel, seconds: Math.max(0, longer - shorter) / repetitions });
  }
  return times;
}

async function clocked(
  gpu: Gpu,
  label: string,
  { kernel, encode }: TimedDispatch,
  repetitions: number,
): Promise<number> {
  const encoder = gpu.device.createCommandEncoder({ label });
  const pass = encoder.beginComputePass({ label: kernel });
  for (let i = 0; i < repetitions; i++) encode(pass);
  pass.end();
  const commands = encoder.finish(), start = performance.now();
  gpu.device.queue.submit([commands]);
  await gpu.idle();
  return (performance.now() - start) / 1000;
}
