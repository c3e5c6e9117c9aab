/**
 * The training loop: recorded once, replayed for every mini-batch, entirely on the device.
 *
 * @module
 */
import { endStep, gatherFeatures, gatherFeaturesPart, gatherLabels } from "../../kernels/batch.ts";
import { lanesFor } from "../../kernels/kernel.ts";
import { softmaxCrossEntropyGrad } from "../../kernels/softmax_cross_entropy.ts";
import type { GpuBuffer } from "../gpu/buffer.ts";
import { DisposableStack } from "../gpu/disposable_stack.ts";
import { ArgumentError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { DispatchTime } from "../gpu/profile.ts";
import { partOf, partsOf } from "../gpu/parts.ts";
import type { Program } from "../gpu/program.ts";
import type { Recorder } from "../gpu/recorder.ts";
import { tuneMatmul } from "../gpu/tuning.ts";
import { Activations, Gradients, type LayerUpdate, type Mlp, type Parameter } from "../nn/mlp.ts";
import type { Key } from "../random/key.ts";
import { permutation } from "../random/permutation.ts";
import { Tensor } from "../tensor/tensor.ts";
import { assertFits, type DeviceData } from "./device_data.ts";
import { type NonFinite, nonFiniteError, NonFiniteLog } from "./non_finite.ts";
import type { Optimizer } from "./optimizer.ts";

/** How a network is trained. */
export interface TrainOptions {
  /** What changes the parameters. */
  optimizer: Optimizer;
  /** Rows in a mini-batch, 1 or more; the last batch of an epoch has what is left. */
  batch: number;
  /** Seed of the data order: another order every epoch. The rows stay in their order without one. */
  shuffle?: Key;
  /** What becomes of training when NaN or an infinity appears: "stop" (the default) or "continue"; "ignore" does not even look. */
  nonFinite?: "stop" | "continue" | "ignore";
  /** Something to be done between steps, such as a sample of a `SymmetryWatch`. */
  hook?: TrainHook;
}

/** Is called in the midst of an epoch, when the steps before it are submitted and none after it is. */
export interface TrainHook {
  /** Steps from one call to the next, 1 or more. */
  every: number;
  /**
   * What is done.
   *
   * @param step Steps since training began: `every`, 2 · `every`, …
   */
  call: (step: number) => void | Promise<void>;
  /**
   * What is done before the last step that leads to `call`, so that what that step changes can be told.
   *
   * @param step Steps since training began: `every` - 1, 2 · `every` - 1, …
   */
  before?: (step: number) => void | Promise<void>;
}

/** Steps in one submit: enough to make its cost small, few enough that no driver takes a long one for a hang. */
const STEPS_PER_SUBMIT = 16;

/**
 * Trains one network on one data set with softmax cross-entropy. Released by `using`.
 *
 * @example
 * ```ts
 * import { DeviceData, Gpu, key, Mlp, sgd, torchLinear, Trainer } from "@fanin/fanin";
 *
 * const xor = { name: "xor", features: new Float32Array([0, 0, 0, 1, 1, 0, 1, 1]), labels: new Uint32Array([0, 1, 1, 0]) };
 * using gpu = await Gpu.open();
 * using data = new DeviceData(gpu, { ...xor, rows: 4, columns: 2, classes: 2 });
 * using network = new Mlp(gpu, [2, 8, 2]);
 * await network.initialize(torchLinear(), key(0));
 * using trainer = await Trainer.make(gpu, network, data, { optimizer: sgd({ lr: 0.5, momentum: 0.9 }), batch: 4 });
 * for (let epoch = 0; epoch < 100; epoch++) await trainer.epoch();
 * ```
 */
export class Trainer implements Disposable {
  /** Steps in an epoch. */
  readonly stepsPerEpoch: number;
  /** Gradients of the last mini-batch. */
  readonly gradients: Gradients;
  /** Results of the last mini-batch. */
  readonly activations: Activations;
  /**
   * What training goes on from, beside the network's parameters and the step: the optimiser's state ("optimizer.velocity.0.weight")
   * and the losses of the epoch so far ("epoch.losses").
   */
  readonly state: readonly Parameter[];
  readonly #gpu: Gpu;
  readonly #rows: number;
  readonly #options: TrainOptions;
  readonly #resources: DisposableStack;
  readonly #batch: number;
  readonly #order: GpuBuffer<"u32">;
  readonly #cursor: GpuBuffer<"u32">;
  readonly #losses: GpuBuffer<"f32">;
  readonly #log: NonFiniteLog;
  readonly #schedule: GpuBuffer<"f32">;
  readonly #whole: Program;
  readonly #rest: Program | undefined;
  #step = 0;
  /** Steps before those that the log speaks of. */
  #logBegin = 0;
  #nonFinite: NonFinite | undefined;

  private constructor(
    gpu: Gpu,
    rows: number,
    options: TrainOptions,
    parts: Parts,
    programs: [Program, Program?],
  ) {
    this.#gpu = gpu;
    this.#rows = rows;
    this.#options = options;
    this.#resources = parts.stack;
    this.#batch = parts.y.length;
    this.#order = parts.order;
    this.#cursor = parts.cursor;
    this.#losses = parts.losses.buffer;
    this.#log = parts.log;
    this.#schedule = parts.schedule;
    this.gradients = parts.gradients;
    this.activations = parts.activations;
    this.state = [...parts.state.flatMap(Object.values), { name: "epoch.losses", tensor: parts.losses }];
    this.stepsPerEpoch = parts.losses.size;
    [this.#whole, this.#rest] = programs;
  }

  /**
   * Makes all buffers, compiles all kernels and records the step.
   *
   * @param gpu Where.
   * @param network What is trained; its parameters change in place.
   * @param data On what: as many columns as the network has inputs, at most as many classes as it has outputs.
   * @param options Optimiser, batch and order.
   * @throws {ShapeError} when network and data do not fit. {@linkcode ArgumentError} when the batch is no whole number from 1 on.
   */
  static async make(gpu: Gpu, network: Mlp, data: DeviceData, options: TrainOptions): Promise<Trainer> {
    assertFits(network, data);
    if (!Number.isSafeInteger(options.batch) || options.batch < 1) {
      throw new ArgumentError(`batch = ${options.batch}`, "give a whole number from 1 on");
    }
    const every = options.hook?.every ?? 1;
    if (!Number.isSafeInteger(every) || every < 1) {
      throw new ArgumentError(`hook every ${every} steps`, "give a whole number from 1 on");
    }
    using stack = new DisposableStack();
    const batch = Math.min(options.batch, data.rows), rest = data.rows % batch;
    await tuneMatmul(gpu, network.products(batch));
    const parts = makeParts(gpu, network, data, batch, options.optimizer, stack);
    const record = (rows: number) =>
      gpu.record(
        `training step of ${rows}`,
        (r) => recordStep(r, network, data, options, rows, parts),
      );
    const whole = stack.use(await record(batch));
    const last = rest === 0 ? undefined : stack.use(await record(rest));
    return new Trainer(gpu, data.rows, options, { ...parts, stack: stack.move() }, [whole, last]);
  }

  /** Whole epochs trained so far. */
  get epochs(): number {
    return Math.floor(this.#step / this.stepsPerEpoch);
  }

  /** Steps trained so far. */
  get step(): number {
    return this.#step;
  }

  /**
   * Says that so many steps were trained before; parameters and {@linkcode Trainer.state} are written by the caller.
   *
   * @param step Whole number from 0 on. The order of the rows depends on nothing else but the seed.
   * @throws {ArgumentError} when it is none.
   */
  resumeAt(step: number): void {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new ArgumentError(`step ${step} to resume at`, "give a whole number from 0 on");
    }
    this.#step = step;
    this.#nonFinite = undefined;
  }

  /** Where numbers that are not finite appeared first, as far as the epochs that have ended and the calls of `assertFinite` know. */
  get nonFinite(): NonFinite | undefined {
    return this.#nonFinite;
  }

  /**
   * Waits for the steps that are submitted, and makes sure that every output, gradient and parameter was finite in each: before a
   * checkpoint is written, say. With `nonFinite: "continue"` or "ignore" it does nothing.
   *
   * @throws {NonFiniteError} when one was not; it names the first step and layer.
   * @throws {DeviceLostError} when the device is lost.
   */
  async assertFinite(): Promise<void> {
    if ((this.#options.nonFinite ?? "stop") !== "stop") return;
    this.#noteSeen(await this.#gpu.read(this.#log.buffer));
  }

  /**
   * Goes through the data once; through what is left of it where training was resumed, or a hook threw, within an epoch.
   *
   * @returns The mean loss of every mini-batch, in nats, before its step.
   * @throws {NonFiniteError} at the end of an epoch in which an output, a gradient or a parameter was not finite, unless told to go on.
   * @throws {DeviceLostError} when the device is lost.
   */
  async epoch(): Promise<Float32Array<ArrayBuffer>> {
    const { before, first } = this.#begin();
    const wholeSteps = this.#wholeSteps;
    for (let done = first; done < wholeSteps; done = this.#step - before) {
      await this.#run(this.#whole, Math.min(STEPS_PER_SUBMIT, wholeSteps - done, this.#stepsToHook()));
    }
    if (this.#rest !== undefined) await this.#run(this.#rest, 1);
    const [losses, seen] = await this.#gpu.readAll([this.#losses, this.#log.buffer] as const);
    this.#noteSeen(seen);
    return losses;
  }

  /**
   * Trains some steps with every dispatch timed by the device, from where training stands and within its epoch.
   *
   * @param steps How many; an epoch's last step counts only where its batch is as large as the others. Hooks are not called.
   * @returns A time for each dispatch, in order.
   * @throws {LimitError} when the device was opened without the feature "timestamp-query".
   * @throws {ArgumentError} when so many whole batches are not left in the epoch.
   * @throws {DeviceLostError} when the device is lost.
   */
  async profile(steps: number): Promise<DispatchTime[]> {
    const left = this.#wholeSteps - this.#step % this.stepsPerEpoch;
    if (!(Number.isSafeInteger(steps) && steps >= 1 && steps <= left)) {
      throw new ArgumentError(`${steps} steps to be timed`, `give a whole number from 1 to ${left}`);
    }
    this.#begin();
    const times = await this.#whole.profile(steps);
    this.#step += steps;
    return times;
  }

  /**
   * Times every dispatch of a step by the host's clock, each by itself and many times over, where there are no timestamps or none to
   * be believed. Parameters and the optimiser's state are worthless afterwards.
   *
   * @param seconds Least duration of a measurement; 0.02 unless given.
   * @returns A time for each dispatch, in order.
   * @throws {DeviceLostError} when the device is lost.
   */
  async clock(seconds?: number): Promise<DispatchTime[]> {
    this.#begin();
    return await this.#whole.clock(seconds);
  }

  /** Releases what it made; network and data belong to others. */
  [Symbol.dispose](): void {
    this.#resources.dispose();
  }

  /** Steps of an epoch whose batch is as large as was asked for. */
  get #wholeSteps(): number {
    return this.stepsPerEpoch - (this.#rest === undefined ? 0 : 1);
  }

  /** Writes what the steps of an epoch read: its order and schedule, and where it begins or goes on. */
  #begin(): { before: number; first: number } {
    const before = this.epochs * this.stepsPerEpoch, first = this.#step - before;
    this.#log.clear(this.#gpu);
    this.#logBegin = before;
    this.#gpu.write(this.#order, this.#epochOrder());
    this.#gpu.write(this.#cursor, new Uint32Array([first, first * this.#batch]));
    this.#gpu.write(this.#schedule, this.#epochSchedule(before));
    return { before, first };
  }

  /** Submits steps, which end where the hook is due or before. */
  async #run(program: Program, steps: number): Promise<void> {
    const { hook } = this.#options, isDue = hook !== undefined && (this.#step + steps) % hook.every === 0;
    if (isDue) await hook.before?.(this.#step);
    program.submit(steps);
    this.#step += steps;
    if (isDue) await hook.call(this.#step);
  }

  #noteSeen(seen: Uint32Array): void {
    this.#nonFinite ??= this.#log.first(seen, this.#logBegin);
    if (this.#nonFinite !== undefined && (this.#options.nonFinite ?? "stop") === "stop") {
      throw nonFiniteError(this.#nonFinite);
    }
  }

  #stepsToHook(): number {
    const { every = Infinity, before } = this.#options.hook ?? {}, left = every - this.#step % every;
    return before !== undefined && left > 1 ? left - 1 : left; // the step that it stands before runs alone
  }

  #epochSchedule(before: number): Float32Array<ArrayBuffer> {
    const steps = Array.from(
      { length: this.stepsPerEpoch },
      (_, i) => this.#options.optimizer.scheduled(before + i + 1),
    );
    return Float32Array.from(steps.flat());
  }

  #epochOrder(): Uint32Array<ArrayBuffer> {
    const { shuffle } = this.#options;
    if (shuffle === undefined) return Uint32Array.from({ length: this.#rows }, (_, i) => i);
    return permutation(shuffle.stream("order").stream(`epoch ${this.epochs}`), this.#rows);
  }
}

/** Everything that a step works on beside network and data. */
interface Parts {
  stack: DisposableStack;
  order: GpuBuffer<"u32">;
  cursor: GpuBuffer<"u32">;
  x: GpuBuffer<"f32">;
  y: GpuBuffer<"u32">;
  rowLoss: GpuBuffer<"f32">;
  correct: GpuBuffer<"u32">;
  losses: Tensor;
  schedule: GpuBuffer<"f32">;
  activations: Activations;
  gradients: Gradients;
  log: NonFiniteLog;
  /** By parameter, then by the name of the optimiser's state. */
  state: Record<string, Parameter>[];
}

function makeParts(
  gpu: Gpu,
  network: Mlp,
  data: DeviceData,
  batch: number,
  optimizer: Optimizer,
  stack: DisposableStack,
): Parts {
  const steps = Math.ceil(data.rows / batch);
  const activations = stack.use(new Activations(gpu, network, batch));
  const gradients = stack.use(new Gradients(gpu, network, batch));
  const state = network.parameters.map(({ name, tensor }) =>
    Object.fromEntries(optimizer.rule.state.map((s) => {
      const full = `optimizer.${s}.${name}`;
      return [s, { name: full, tensor: stack.use(Tensor.make(gpu, full, "f32", tensor.shape)) }];
    }))
  );
  const cursor = stack.use(gpu.buffer("cursor", "u32", 2));
  return {
    stack,
    order: stack.use(gpu.buffer("order", "u32", data.rows)),
    cursor,
    x: stack.use(gpu.buffer("batch features", "f32", batch * data.columns)),
    y: stack.use(gpu.buffer("batch labels", "u32", batch)),
    rowLoss: stack.use(gpu.buffer("batch loss", "f32", batch)),
    correct: stack.use(gpu.buffer("batch correct", "u32", batch)),
    losses: stack.use(Tensor.make(gpu, "losses", "f32", [steps])),
    schedule: stack.use(gpu.buffer("schedule", "f32", steps * optimizer.scheduled(1).length)),
    activations,
    gradients,
    log: stack.use(new NonFiniteLog(gpu, network, cursor)),
    state,
  };
}

/** One step: gather a batch, forward, loss, backward, update, and on to the next batch. */
function recordStep(
  r: Recorder,
  network: Mlp,
  data: DeviceData,
  options: TrainOptions,
  rows: number,
  parts: Parts,
): void {
  const { optimizer } = options, looks = options.nonFinite !== "ignore";
  const { order, cursor, x, y, rowLoss, activations, gradients } = parts;
  const classes = network.widths[network.widths.length - 1];
  recordGather(r, data, { order, cursor, x }, rows);
  r.dispatch(gatherLabels, { labels: data.labels, order, cursor, y }, { n: rows });
  network.recordForward(r, x, rows, activations, looks ? parts.log.outputs : undefined);
  r.dispatch(softmaxCrossEntropyGrad, {
    logits: activations.logits,
    labels: y,
    loss: rowLoss,
    correct: parts.correct,
    gradient: gradients.outputs[gradients.outputs.length - 1],
  }, { n: rows, classes });
  network.recordBackward(r, x, rows, activations, gradients, stepsOf(network, optimizer, parts, looks));
  r.dispatch(endStep, { loss: rowLoss, cursor, losses: parts.losses.buffer }, { rows });
}

/** The rows of the next batch, in one dispatch for each part of the data that the device binds. */
function recordGather(
  r: Recorder,
  { features, rows: dataRows, columns }: DeviceData,
  buffers: Pick<Parts, "order" | "cursor" | "x">,
  rows: number,
): void {
  const lanes = lanesFor(columns), params = { n: rows * columns / lanes, columns: columns / lanes };
  const { bindingBytes } = r.gpu;
  if (features.byteLength <= bindingBytes) {
    r.dispatch(gatherFeatures(lanes), { features, ...buffers }, params);
    return;
  }
  for (const part of partsOf(dataRows, [columns], bindingBytes, features.label)) {
    const of = { features: partOf(features, part, columns), ...buffers };
    r.dispatch(gatherFeaturesPart(lanes), of, { ...params, part_first: part.first, part_rows: part.count });
  }
}

/** The optimiser's step for every layer, with a look at what becomes of its parameters. */
function stepsOf(network: Mlp, optimizer: Optimizer, parts: Parts, looks: boolean): LayerUpdate[] {
  const { cursor, schedule, log } = parts, { rule, params } = optimizer;
  const update = (tensor: Tensor, i: number) => {
    const state = Object.entries(parts.state[i]).map(([name, p]) => [name, p.tensor.buffer]);
    return {
      rule,
      params,
      weight: tensor.buffer,
      gradient: parts.gradients.parameters[i].tensor.buffer,
      buffers: { cursor, schedule, ...Object.fromEntries(state) },
    };
  };
  return network.layers.map(({ weight, bias }, i) => ({
    weight: { ...update(weight, 2 * i), look: looks ? log.weight(i) : undefined },
    bias: { ...update(bias, 2 * i + 1), look: looks ? log.bias(i) : undefined },
  }));
}
