/**
 * What a workload asks of a peer, from its name.
 *
 * @module
 */
import type { MatmulForm } from "../../kernels/matmul_tile.ts";
import { STEPS } from "../../src/bench/training_settings.ts";
import type { Lack } from "../../src/bench/runnable.ts";

/** `count` random numbers. */
export interface Draw {
  readonly kind: "draw";
  /** "uniform [0,1)", "normal". */
  readonly distribution: string;
  readonly count: number;
}

/** C = op(A)·op(B): C is [m, n], the sums have k terms, and the form says which operands are stored transposed. */
export interface Product {
  readonly kind: "matmul";
  readonly form: MatmulForm;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** All weights and biases of a network, from [-1/√n, 1/√n). */
export interface Initialization {
  readonly kind: "init";
  readonly widths: readonly number[];
}

/** Steps of SGD, learning rate 0.01, with softmax cross-entropy and ReLU. */
export interface Training {
  readonly kind: "train";
  readonly widths: readonly number[];
  /** Rows in the mini-batch. */
  readonly batch: number;
  /** Steps in one repetition. */
  readonly steps: number;
}

/** One of them. */
export type Task = Draw | Product | Initialization | Training;

/**
 * What a library lacks that cannot do a task, in words for the table.
 *
 * @param task The task.
 */
export function lackOf(task: Task): Lack {
  const lacks = { draw: "no such draw", matmul: "no product", init: "no init", train: "no training" };
  return { lacks: lacks[task.kind] };
}

const widthsOf = (text: string): number[] => text.split("-").map(Number);

/**
 * The task behind a name, or undefined for what is fanin's own.
 *
 * @param workload The workload's name: "matmul nt 64x512x784".
 */
export function taskOf(workload: string): Task | undefined {
  const product = /^matmul (nn|nt|tn) (\d+)x(\d+)x(\d+)$/.exec(workload);
  if (product !== null) {
    const [m, n, k] = product.slice(2).map(Number);
    return { kind: "matmul", form: product[1] as MatmulForm, m, n, k };
  }
  const init = /^init ([\d-]+)$/.exec(workload);
  if (init !== null) return { kind: "init", widths: widthsOf(init[1]) };
  const train = /^train ([\d-]+) batch (\d+)(, 1 step)?$/.exec(workload);
  if (train !== null) {
    const steps = train[3] === undefined ? STEPS : 1;
    return { kind: "train", widths: widthsOf(train[1]), batch: Number(train[2]), steps };
  }
  const draw = /^(.*) 2\^(\d+)$/.exec(workload);
  return draw === null ? undefined : { kind: "draw", distribution: draw[1], count: 2 ** Number(draw[2]) };
}
