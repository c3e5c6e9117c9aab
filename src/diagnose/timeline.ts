/**
 * The timeline of symmetry and of updates: samples of watches at even distances over a training.
 *
 * @module
 */
import { DisposableStack } from "../gpu/disposable_stack.ts";
import { ArgumentError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Mlp } from "../nn/mlp.ts";
import type { DeviceData } from "../train/device_data.ts";
import { Trainer, type TrainHook, type TrainOptions } from "../train/trainer.ts";
import { type UpdateReport, UpdateWatch } from "./update_watch.ts";
import { SymmetryWatch, type WatchReport } from "./watch.ts";

/** Samples of a timeline at most, the first and the last besides. */
const SAMPLES = 40;

/** Says that a training has had its steps. */
class EnoughSteps extends Error {}

/** How {@linkcode watchTraining} trains. */
export interface WatchTrainingOptions extends Omit<TrainOptions, "hook" | "nonFinite"> {
  /** Steps, 1 or more. */
  readonly steps: number;
}

/** What {@linkcode watchTraining} reports. */
export interface Timeline extends WatchReport {
  /** How far the sampled steps moved the parameters, from the first one on. */
  readonly updates: UpdateReport;
}

/**
 * Trains a network for some steps, and reports what becomes of its symmetry, and how far steps move its parameters: 40 samples at most,
 * and of symmetry one before the first step. It goes on where numbers are no longer finite.
 *
 * @example Ones stay ones
 * ```ts
 * import { DeviceData, Gpu, key, Mlp, ones, sgd } from "@fanin/fanin";
 * import { watchTraining } from "@fanin/fanin/diagnose";
 *
 * const xor = { name: "xor", features: new Float32Array([0, 0, 0, 1, 1, 0, 1, 1]), labels: new Uint32Array([0, 1, 1, 0]) };
 * using gpu = await Gpu.open();
 * using data = new DeviceData(gpu, { ...xor, rows: 4, columns: 2, classes: 2 });
 * using network = new Mlp(gpu, [2, 8, 2]);
 * await network.initialize(ones(), key(0));
 * const { layers: [layer] } = await watchTraining(gpu, network, data, { optimizer: sgd({ lr: 0.5 }), batch: 4, steps: 3 });
 * console.log(layer.classes[0].verdict, layer.distinctNeurons); // exact [1, 1, 1, 1]
 * ```
 *
 * @param gpu Where.
 * @param network What is trained; its parameters change in place.
 * @param data On what.
 * @param options How, and how long.
 * @throws {ArgumentError} when the steps are no whole number from 1 on. As {@linkcode Trainer.make} does.
 * @throws {DeviceLostError} when the device is lost.
 */
export async function watchTraining(
  gpu: Gpu,
  network: Mlp,
  data: DeviceData,
  options: WatchTrainingOptions,
): Promise<Timeline> {
  const { steps, ...training } = options;
  if (!Number.isSafeInteger(steps) || steps < 1) {
    throw new ArgumentError(`${steps} steps to watch`, "give a whole number from 1 on");
  }
  const made: { watch?: SymmetryWatch } = {}, every = spacing(steps);
  const isSampled = (step: number) => step % every === 0 || step === steps;
  using updates = await UpdateWatch.make(gpu, network);
  const call = async (step: number) => {
    if (isSampled(step)) {
      await updates.sample(step);
      await made.watch?.sample(step, step === steps ? true : undefined);
    }
    if (step === steps) throw new EnoughSteps();
    if (isSampled(step + 1)) updates.begin();
  };
  using trainer = await Trainer.make(gpu, network, data, {
    ...training,
    nonFinite: "continue",
    // Called after every step, for the last one may be in the midst of an epoch.
    hook: { every: 1, call },
  });
  using watch = made.watch = await SymmetryWatch.make(gpu, network, trainer.gradients);
  await watch.sample(0);
  while (trainer.step < steps) {
    await trainer.epoch().catch((error) => {
      if (!(error instanceof EnoughSteps)) throw error;
    });
  }
  return { ...await watch.report(), updates: await updates.report() };
}

/** Steps from one sample to the next. */
function spacing(steps: number): number {
  return Math.max(1, Math.ceil(steps / SAMPLES));
}

/**
 * A trainer whose hook samples a network's symmetry, and the watch that holds the samples. Released by `using`.
 *
 * The first sample is of the network as it is, before any gradient; at step 0 the gradients are zeros.
 */
export class WatchedTrainer implements Disposable {
  /** Trains the network. */
  readonly trainer: Trainer;
  readonly #watch: SymmetryWatch;
  readonly #seen: { step: number };
  readonly #stack: DisposableStack;

  private constructor(
    stack: DisposableStack,
    trainer: Trainer,
    watch: SymmetryWatch,
    seen: { step: number },
  ) {
    this.#stack = stack;
    this.trainer = trainer;
    this.#watch = watch;
    this.#seen = seen;
  }

  /**
   * Makes both, and takes the first sample.
   *
   * @param gpu Where.
   * @param network What is trained.
   * @param data On what.
   * @param options How.
   * @param total Steps that the training will have, 1 or more: it is sampled 40 times at most.
   * @throws {ArgumentError} {@linkcode ShapeError} as {@linkcode Trainer.make} does.
   */
  static async make(
    gpu: Gpu,
    network: Mlp,
    data: DeviceData,
    options: Omit<TrainOptions, "hook">,
    total: number,
  ): Promise<WatchedTrainer> {
    using stack = new DisposableStack();
    const seen: { step: number; watch?: SymmetryWatch } = { step: 0 }, every = spacing(total);
    const hook: TrainHook = {
      every,
      call: async (step) => {
        seen.step = step;
        await seen.watch?.sample(step);
      },
    };
    const trainer = stack.use(await Trainer.make(gpu, network, data, { ...options, hook }));
    const watch = seen.watch = stack.use(await SymmetryWatch.make(gpu, network, trainer.gradients));
    await watch.sample(0);
    return new WatchedTrainer(stack.move(), trainer, watch, seen);
  }

  /**
   * The timeline so far; its last sample is of the network as it is now.
   *
   * @throws {DeviceLostError} when the device is lost.
   */
  async report(): Promise<WatchReport> {
    const { step } = this.trainer;
    if (step !== this.#seen.step) await this.#watch.sample(step, true);
    this.#seen.step = step;
    return await this.#watch.report();
  }

  /** Releases what it made; network and data belong to others. */
  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
