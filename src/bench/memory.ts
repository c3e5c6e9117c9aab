/**
 * What training keeps in the device's memory, by the allocator's own count.
 *
 * @module
 */
import { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { Mlp } from "../nn/mlp.ts";
import { DeviceData } from "../train/device_data.ts";
import { adam, type Optimizer, sgd } from "../train/optimizer.ts";
import { Trainer } from "../train/trainer.ts";
import { NETWORK } from "./network.ts";
import { LEARNING_RATE } from "./training_settings.ts";

/** What buffers are for. */
export type MemoryPart =
  | "parameters"
  | "gradients"
  | "optimiser state"
  | "activations"
  | "operands as images"
  | "mini-batch"
  | "bookkeeping"
  | "data set";

/** One of the parts. */
export interface PartUse {
  /** What it is for. */
  part: MemoryPart;
  /** Buffers and images. */
  buffers: number;
  /** Their bytes, as the allocator counts them. */
  bytes: number;
  /** The bytes of as many float32 as the network has of it; null where the network does not say. */
  expected: number | null;
}

/** What one training keeps. */
export interface MemoryReport {
  /** "784-512-256-10, batch 64, Adam". */
  training: string;
  /** The parts, whose bytes add up to `bytes`. */
  parts: PartUse[];
  /** All buffers that are open on the device. */
  bytes: number;
}

/** Rows in the mini-batch, and steps in an epoch. */
const BATCH = 64, STEPS = 4;

/** The optimisers, by name, with their state for each parameter. */
const OPTIMIZERS: readonly { name: string; optimizer: Optimizer; slots: number }[] = [
  { name: "SGD", optimizer: sgd({ lr: LEARNING_RATE }), slots: 0 },
  { name: "SGD with momentum", optimizer: sgd({ lr: LEARNING_RATE, momentum: 0.9 }), slots: 1 },
  { name: "Adam", optimizer: adam({ lr: LEARNING_RATE }), slots: 2 },
];

/**
 * The memory of a training with each of three optimisers.
 *
 * @param gpu A device without open buffers.
 * @param widths Of the network, from the inputs on; 784-512-256-10 unless given.
 */
export async function memoryReports(
  gpu: Gpu,
  widths: readonly number[] = NETWORK,
): Promise<MemoryReport[]> {
  const reports: MemoryReport[] = [];
  for (const { name, optimizer, slots } of OPTIMIZERS) {
    reports.push({
      training: `${widths.join("-")}, batch ${BATCH}, ${name}`,
      ...await memoryOf(gpu, widths, optimizer, slots),
    });
  }
  return reports;
}

/** Counted after an epoch: whatever training makes as it goes would be there. */
async function memoryOf(
  gpu: Gpu,
  widths: readonly number[],
  optimizer: Optimizer,
  slots: number,
): Promise<Omit<MemoryReport, "training">> {
  using stack = new DisposableStack();
  const [columns] = widths, classes = widths[widths.length - 1], rows = STEPS * BATCH;
  const features = new Float32Array(rows * columns), labels = new Uint32Array(rows);
  const data = stack.use(new DeviceData(gpu, { name: "data", features, labels, rows, columns, classes }));
  const network = stack.use(new Mlp(gpu, widths));
  const trainer = stack.use(await Trainer.make(gpu, network, data, { optimizer, batch: BATCH }));
  await trainer.epoch();
  const partOf = labelled(network, trainer, data);
  const parameters = widths.slice(1).reduce((sum, outputs, i) => sum + outputs * (widths[i] + 1), 0);
  const outputs = BATCH * widths.slice(1).reduce((sum, width) => sum + width);
  const uses = new Map<MemoryPart, PartUse>();
  const part = (name: MemoryPart, elements?: number) =>
    uses.set(name, {
      part: name,
      buffers: 0,
      bytes: 0,
      expected: elements === undefined ? null : 4 * elements,
    });
  part("parameters", parameters);
  part("gradients", parameters + outputs);
  part("optimiser state", slots * parameters);
  part("activations", outputs);
  for (const name of ["operands as images", "mini-batch", "bookkeeping"] as const) part(name);
  part("data set", rows * columns + rows);
  for (const { label, bytes } of gpu.openBuffers) {
    const use = uses.get(partOf(label))!;
    use.buffers++;
    use.bytes += bytes;
  }
  return { parts: [...uses.values()], bytes: gpu.memory.bytes };
}

/** What a buffer is for, by the label that the allocator keeps. */
function labelled(network: Mlp, trainer: Trainer, data: DeviceData): (label: string) => MemoryPart {
  const parts = new Map<string, MemoryPart>();
  const note = (part: MemoryPart, buffers: readonly { label: string }[]) => {
    for (const { label } of buffers) parts.set(label, part);
  };
  note("parameters", network.parameters.map(({ tensor }) => tensor.buffer));
  note("gradients", [
    ...trainer.gradients.parameters.map(({ tensor }) => tensor.buffer),
    ...trainer.gradients.outputs,
  ]);
  const state = trainer.state.filter(({ name }) => name.startsWith("optimizer."));
  note("optimiser state", state.map(({ tensor }) => tensor.buffer));
  note("activations", trainer.activations.outputs);
  note("data set", [data.features, data.labels]);
  return (label) => {
    const known = parts.get(label);
    if (known !== undefined) return known;
    if (label.endsWith(" packed")) return "operands as images";
    return label.startsWith("batch ") ? "mini-batch" : "bookkeeping";
  };
}
