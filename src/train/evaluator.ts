/**
 * Loss and accuracy of a network over a whole data set.
 *
 * @module
 */
import { softmaxCrossEntropy } from "../../kernels/softmax_cross_entropy.ts";
import { ELEMENT_BYTES, type GpuBuffer } from "../gpu/buffer.ts";
import { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Program } from "../gpu/program.ts";
import type { Recorder } from "../gpu/recorder.ts";
import { Activations, type Mlp } from "../nn/mlp.ts";
import { assertFits, type DeviceData } from "./device_data.ts";

/** How a network does on a data set. */
export interface Score {
  /** Mean cross-entropy, in nats. NaN or Infinity where the network has exploded. */
  loss: number;
  /** Fraction of the rows whose largest logit is the label's, 0 to 1. */
  accuracy: number;
}

/** Rows of one forward pass at most. */
const CHUNK = 1024;

/** Their number is a multiple of so many, so that their part of the data can be bound where it lies. */
const CHUNK_STEP = 64;

/** Scores one network on one data set, as often as asked. Released by `using`. */
export class Evaluator implements Disposable {
  readonly #gpu: Gpu;
  readonly #data: DeviceData;
  readonly #loss: GpuBuffer<"f32">;
  readonly #correct: GpuBuffer<"u32">;
  readonly #activations: Activations;
  readonly #program: Program;

  private constructor(
    gpu: Gpu,
    data: DeviceData,
    buffers: { loss: GpuBuffer<"f32">; correct: GpuBuffer<"u32">; activations: Activations },
    program: Program,
  ) {
    this.#gpu = gpu;
    this.#data = data;
    this.#loss = buffers.loss;
    this.#correct = buffers.correct;
    this.#activations = buffers.activations;
    this.#program = program;
  }

  /**
   * Records the passes over the data.
   *
   * @param gpu Where.
   * @param network Whose score; its present parameters count whenever it is asked.
   * @param data On what.
   * @throws {ShapeError} when network and data do not fit.
   */
  static async make(gpu: Gpu, network: Mlp, data: DeviceData): Promise<Evaluator> {
    assertFits(network, data);
    using stack = new DisposableStack();
    const loss = stack.use(gpu.buffer("evaluation loss", "f32", data.rows));
    const correct = stack.use(gpu.buffer("evaluation correct", "u32", data.rows));
    const rowsAtOnce = chunkOf(gpu, network);
    const activations = stack.use(new Activations(gpu, network, Math.min(rowsAtOnce, data.rows)));
    const program = await gpu.record("evaluate", (r) => {
      for (let row = 0; row < data.rows; row += rowsAtOnce) {
        const rows = Math.min(rowsAtOnce, data.rows - row);
        recordChunk(r, network, data, row, rows, { loss, correct, activations });
      }
    });
    stack.move(); // from here on the evaluator releases them
    return new Evaluator(gpu, data, { loss, correct, activations }, program);
  }

  /**
   * Runs the network over the data and waits.
   *
   * @throws {DeviceLostError} when the device is lost.
   */
  async score(): Promise<Score> {
    this.#program.submit();
    const [loss, correct] = await this.#gpu.readAll([this.#loss, this.#correct] as const);
    // Summed here in float64: a read-back costs the same whatever its size.
    const sum = (values: Iterable<number>) => {
      let total = 0;
      for (const value of values) total += value;
      return total;
    };
    return { loss: sum(loss) / this.#data.rows, accuracy: sum(correct) / this.#data.rows };
  }

  /** Releases what it made; network and data belong to others. */
  [Symbol.dispose](): void {
    for (const part of [this.#program, this.#activations, this.#loss, this.#correct]) part[Symbol.dispose]();
  }
}

/** As many rows as the device binds of the widest layer and of the data, but no more than are worth it. */
function chunkOf({ bindingBytes }: Gpu, { widths }: Mlp): number {
  const fit = Math.floor(bindingBytes / ELEMENT_BYTES / Math.max(...widths));
  return Math.min(CHUNK, Math.max(CHUNK_STEP, fit - fit % CHUNK_STEP));
}

function recordChunk(
  r: Recorder,
  network: Mlp,
  data: DeviceData,
  row: number,
  rows: number,
  into: { loss: GpuBuffer<"f32">; correct: GpuBuffer<"u32">; activations: Activations },
): void {
  const { columns } = data;
  const classes = network.widths[network.widths.length - 1];
  network.recordForward(r, data.features.view(row * columns, rows * columns), rows, into.activations);
  r.dispatch(softmaxCrossEntropy, {
    logits: into.activations.logits,
    labels: data.labels.view(row, rows),
    loss: into.loss.view(row, rows),
    correct: into.correct.view(row, rows),
  }, { n: rows, classes });
}
