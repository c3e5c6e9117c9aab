/**
 * Workloads of random numbers, beside a plain write of as many: that is what no generator can be faster than.
 *
 * @module
 */
import { fillFours } from "../../kernels/fill.ts";
import type { GeneratorName } from "../../kernels/generator.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Program } from "../gpu/program.ts";
import type { Recorder } from "../gpu/recorder.ts";
import type { GpuBuffer } from "../gpu/buffer.ts";
import type { Distribution } from "../random/distribution.ts";
import { recordDraw } from "../random/draw.ts";
import { key } from "../random/key.ts";
import type { Runnable } from "./runnable.ts";
import type { Workload, WorkloadGroup } from "./workload.ts";

/** Numbers in the buffers of the main rows, as a power of two: 64 MiB. */
export const RANDOM_LOG2 = 24;

interface Draw {
  readonly name: string;
  readonly distribution: Distribution;
  readonly generator?: GeneratorName;
}

const UNIFORM: Draw = { name: "uniform [0,1)", distribution: { kind: "uniform", low: 0, high: 1 } };
const NORMAL: Draw = { name: "normal", distribution: { kind: "normal", mean: 0, std: 1 } };

const DRAWS: readonly Draw[] = [
  UNIFORM,
  { name: "bounded [-0.1,0.1)", distribution: { kind: "bounded", bound: 0.1 } },
  { name: "uniform [-0.3,0.7)", distribution: { kind: "uniform", low: -0.3, high: 0.7 } },
  NORMAL,
  { name: "truncated normal", distribution: { kind: "truncated_normal", mean: 0, std: 1, low: -2, high: 2 } },
  { name: "bits", distribution: { kind: "bits" } },
  { name: "threefry uniform [0,1)", distribution: UNIFORM.distribution, generator: "threefry" },
  { name: "threefry normal", distribution: NORMAL.distribution, generator: "threefry" },
];

/**
 * The plain write and every distribution, at one size.
 *
 * @param log2 Numbers, as a power of two from 2 on.
 */
export function randomGroup(log2: number = RANDOM_LOG2): WorkloadGroup {
  return { workloads: [plainWrite(log2), ...DRAWS.map((draw) => drawing(draw, log2))], relative: true };
}

/** A write of one value to every element, by the best kernel for it. */
export function plainWrite(log2: number): Workload {
  const count = 2 ** log2;
  return {
    name: `plain write 2^${log2} f32`,
    unit: "GB/s",
    amount: 4 * count / 1e9,
    open: (gpu) =>
      intoBuffer(gpu, gpu.buffer("bench", "f32", count), (recorder, out) => {
        recorder.dispatch(fillFours, { out }, { n: count / 4, value: 1 });
      }),
  };
}

/**
 * Uniform numbers in [0, 1), written to a buffer.
 *
 * @param log2 Numbers, as a power of two.
 */
export function uniformWorkload(log2: number): Workload {
  return drawing(UNIFORM, log2);
}

function drawing({ name, distribution, generator }: Draw, log2: number): Workload {
  const count = 2 ** log2, type = distribution.kind === "bits" ? "u32" : "f32";
  return {
    name: `${name} 2^${log2}`,
    unit: "numbers/s",
    amount: count,
    open: (gpu) =>
      intoBuffer(gpu, gpu.buffer("bench", type, count), (recorder, out) => {
        recordDraw(recorder, key(0, generator).stream("bench"), distribution, out);
      }),
  };
}

/** A recorded dispatch that writes a buffer: its repetitions are one submit, and its last element is read. */
async function intoBuffer(
  gpu: Gpu,
  out: GpuBuffer,
  build: (recorder: Recorder, out: GpuBuffer) => void,
): Promise<Runnable> {
  const program: Program = await gpu.record("bench", (recorder) => build(recorder, out));
  return {
    async run(repetitions) {
      program.submit(repetitions);
      await gpu.read(out, out.length - 1, 1);
      return undefined; // every generator has numbers of its own
    },
    [Symbol.dispose]() {
      program[Symbol.dispose]();
      out[Symbol.dispose]();
    },
  };
}
