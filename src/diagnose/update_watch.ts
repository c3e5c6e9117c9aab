/**
 * Updates, watched over training: how far single steps move each parameter, as a part of its size.
 *
 * @module
 */
import { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Program } from "../gpu/program.ts";
import type { Mlp } from "../nn/mlp.ts";
import type { TrainHook } from "../train/trainer.ts";
import { SampleLog } from "./sample_log.ts";
import {
  besideParameters,
  changeIn,
  type Moved,
  recordChanges,
  recordCopy,
  updateRatio,
  wordsOf,
} from "./update_ratio.ts";

/** A parameter's updates over the samples. */
export interface WatchedUpdates {
  /** The parameter's name: "0.weight". */
  readonly name: string;
  /**
   * For each sample |w_after - w_before| / |w_before|, L2 norms; `null` for a parameter that was all zeros, and where something is not
   * finite. About 1e-3 is healthy.
   */
  readonly updateRatio: readonly (number | null)[];
}

/** What {@linkcode UpdateWatch.report} gives. */
export interface UpdateReport {
  /** The steps that were sampled. */
  readonly steps: readonly number[];
  /** Weight and bias of each layer, from the input on. */
  readonly parameters: readonly WatchedUpdates[];
}

/** How {@linkcode UpdateWatch.make} watches. */
export interface UpdateWatchOptions {
  /** Samples that the log on the device holds, 1 or more; 64 unless given. When it is full it is read, with a wait. */
  capacity?: number;
}

/**
 * Watches how far steps move the parameters of a network, whatever makes the steps: it keeps a copy of the parameters before a step, and
 * compares them after it. The copies take as much memory as the parameters. Released by `using`.
 *
 * @example
 * ```ts
 * import { DeviceData, Gpu, key, Mlp, sgd, torchLinear, Trainer } from "@fanin/fanin";
 * import { UpdateWatch } from "@fanin/fanin/diagnose";
 *
 * const xor = { name: "xor", features: new Float32Array([0, 0, 0, 1, 1, 0, 1, 1]), labels: new Uint32Array([0, 1, 1, 0]) };
 * using gpu = await Gpu.open();
 * using data = new DeviceData(gpu, { ...xor, rows: 4, columns: 2, classes: 2 });
 * using network = new Mlp(gpu, [2, 8, 2]);
 * await network.initialize(torchLinear(), key(0));
 * using watch = await UpdateWatch.make(gpu, network);
 * using trainer = await Trainer.make(gpu, network, data, { optimizer: sgd({ lr: 0.01 }), batch: 1, hook: watch.hook(20) });
 * for (let epoch = 0; epoch < 10; epoch++) await trainer.epoch();
 * const { steps, parameters: [weight] } = await watch.report();
 * console.log(steps, weight.name, weight.updateRatio); // [20, 40] 0.weight [0.001…, 0.001…]
 * ```
 */
export class UpdateWatch implements Disposable {
  readonly #stack: DisposableStack;
  readonly #moved: readonly Moved[];
  readonly #log: SampleLog;
  readonly #keep: Program;
  readonly #compare: Program;

  private constructor(
    stack: DisposableStack,
    moved: readonly Moved[],
    log: SampleLog,
    keep: Program,
    compare: Program,
  ) {
    this.#stack = stack;
    this.#moved = moved;
    this.#log = log;
    this.#keep = keep;
    this.#compare = compare;
  }

  /**
   * Prepares all that a sample needs, and keeps the parameters as they are now.
   *
   * @param gpu Where.
   * @param network The network.
   * @param options How.
   * @throws {ArgumentError} when the capacity is no whole number from 1 on.
   */
  static async make(gpu: Gpu, network: Mlp, options: UpdateWatchOptions = {}): Promise<UpdateWatch> {
    using stack = new DisposableStack();
    const moved = besideParameters(gpu, network.parameters, stack);
    const log = stack.use(new SampleLog(gpu, wordsOf(moved), options.capacity));
    const keep = stack.use(
      await gpu.record("keep parameters", (r) => {
        for (const { before, after } of moved) recordCopy(r, after, before);
      }),
    );
    const compare = stack.use(await gpu.record("compare parameters", (r) => recordChanges(r, moved, log)));
    keep.submit();
    return new UpdateWatch(stack.move(), moved, log, keep, compare);
  }

  /** Keeps the parameters as they are now: before the step that is to be measured. */
  begin(): void {
    this.#keep.submit();
  }

  /**
   * Measures how far the parameters have come since {@linkcode UpdateWatch.begin}. Waits only where the log is full.
   *
   * @param step Which step it was.
   * @throws {DeviceLostError} when the device is lost.
   */
  async sample(step: number): Promise<void> {
    await this.#log.take(step, this.#compare);
  }

  /**
   * A hook for a `Trainer` that measures the steps `every`, 2 · `every`, …
   *
   * @param every Steps from one to the next, 1 or more.
   */
  hook(every: number): TrainHook {
    return { every, before: () => this.begin(), call: (step) => this.sample(step) };
  }

  /**
   * What the samples so far show; with one wait.
   *
   * @throws {DeviceLostError} when the device is lost.
   */
  async report(): Promise<UpdateReport> {
    const entries = await this.#log.read();
    const parameters = this.#moved.map((one) => ({
      name: one.name,
      updateRatio: entries.map((entry) => updateRatio(changeIn(entry, one))),
    }));
    return { steps: [...this.#log.steps], parameters };
  }

  /** Releases what it made; the network belongs to others. */
  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
