/**
 * Time against size, over three decades: random numbers, products, first weights and training.
 *
 * @module
 */
import { initWorkload } from "./init.ts";
import { productWorkload } from "./matmul.ts";
import { plainWrite, uniformWorkload } from "./random.ts";
import type { Report } from "./run.ts";
import { trainingWorkload } from "./training.ts";
import type { Workload, WorkloadGroup } from "./workload.ts";

/** The same work in growing sizes. */
export interface ScaleSeries {
  /** What it is: "matmul". */
  readonly title: string;
  /** What its size counts. */
  readonly size: string;
  /** Its workloads, the smallest first. */
  readonly points: readonly ScalePoint[];
}

/** One size of it. */
export interface ScalePoint {
  /** The size. */
  readonly size: number;
  /** The workload. */
  readonly workload: Workload;
}

/** Times of one size. */
export interface ScaleTimes {
  /** The size. */
  size: number;
  /** The workload's name. */
  workload: string;
  /** Seconds of a repetition by name, fanin's first; null for one that failed, is not believed, or lacks it. */
  seconds: Record<string, number | null>;
}

/** A series with its times. */
export interface MeasuredSeries {
  /** What it is. */
  title: string;
  /** What its size counts. */
  size: string;
  /** Its times, the smallest size first. */
  points: ScaleTimes[];
}

/** Numbers, as powers of two: 2^14 to 2^24. */
const FILLS = [14, 16, 18, 20, 22, 24];

/** Sides of squares: 2^19 to 2^31 floating-point operations. */
const SIDES = [64, 128, 256, 512, 1024];

/** Widths w of networks w-w-10: 1,386 to 1,059,850 parameters. */
const WIDTHS = [32, 64, 128, 256, 512, 1024];

/** Rows in the mini-batch of those that are trained. */
const BATCH = 64;

const network = (width: number): number[] => [width, width, 10];
const parameters = (width: number): number => width * width + width + 10 * width + 10;

/**
 * All series.
 *
 * @param most Sizes of each at most, the smallest of them: all unless given.
 */
export function scaleSeries(most = Infinity): ScaleSeries[] {
  const fills = FILLS.map((log2) => ({ log2, size: 2 ** log2 }));
  const series: ScaleSeries[] = [
    {
      title: "Plain write",
      size: "Numbers",
      points: fills.map(({ log2, size }) => ({ size, workload: plainWrite(log2) })),
    },
    {
      title: "Uniform numbers",
      size: "Numbers",
      points: fills.map(({ log2, size }) => ({ size, workload: uniformWorkload(log2) })),
    },
    {
      title: "Matmul",
      size: "Floating-point operations",
      points: SIDES.map((n) => ({ size: 2 * n ** 3, workload: productWorkload("nn", n, n, n) })),
    },
    {
      title: "First weights of a network",
      size: "Parameters",
      points: WIDTHS.map((w) => ({ size: parameters(w), workload: initWorkload(network(w)) })),
    },
    {
      title: "32 training steps at batch 64",
      size: "Parameters",
      points: WIDTHS.map((w) => {
        return { size: parameters(w), workload: trainingWorkload({ batch: BATCH, widths: network(w) }) };
      }),
    },
  ];
  return series.map(({ points, ...about }) => ({ ...about, points: points.slice(0, most) }));
}

/** A group for each size: all sides of it take turns. */
export function scaleGroups(series: readonly ScaleSeries[]): WorkloadGroup[] {
  return series.flatMap(({ points }) =>
    points.map(({ workload }) => ({ workloads: [workload], relative: false }))
  );
}

/**
 * The times of the series.
 *
 * @param series What was measured.
 * @param report The figures, for those of the workloads that were.
 */
export function measuredSeries(series: readonly ScaleSeries[], { rows }: Report): MeasuredSeries[] {
  return series.map(({ title, size, points }) => ({
    title,
    size,
    points: points.flatMap(({ size, workload: { name, amount } }) => {
      const row = rows.find(({ workload }) => workload === name);
      if (row === undefined) return [];
      const figures = Object.entries({ fanin: row.fanin, ...row.peers });
      const seconds = figures.map(([side, figure]) => [side, figure === null ? null : amount / figure]);
      return [{ size, workload: name, seconds: Object.fromEntries(seconds) }];
    }),
  })).filter(({ points }) => points.length > 0);
}
