/**
 * Checkpoints: all that training goes on from, as one safetensors file.
 *
 * @module
 */
import { FormatError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Mlp, Parameter } from "../nn/mlp.ts";
import { quote } from "../tensor/quote.ts";
import { asFloat32, encodeSafetensors, type Safetensors } from "../tensor/safetensors.ts";
import type { Trainer } from "./trainer.ts";

/**
 * What stands in a checkpoint: the network's parameters by PyTorch's names, then the optimiser's state
 * ("optimizer.velocity.0.weight") and the losses of the epoch so far ("epoch.losses").
 *
 * The order of the rows is no part of it, nor is a random key: both follow from the seed and the step.
 *
 * @param gpu Where they are.
 * @param network What is trained.
 * @param trainer Its trainer, between two steps: in a hook, or after an epoch.
 * @param metadata Free text by key; the step among it is the caller's to write.
 * @returns The file in chunks, to be written under another name, flushed and renamed.
 * @throws {DeviceLostError} when the device is lost.
 */
export async function encodeCheckpoint(
  gpu: Gpu,
  network: Mlp,
  trainer: Trainer,
  metadata: Readonly<Record<string, string>>,
): Promise<Uint8Array[]> {
  const parts = partsOf(network, trainer);
  const data = await gpu.readAll(parts.map(({ tensor }) => tensor.buffer));
  return encodeSafetensors(
    parts.map(({ name, tensor }, i) =>
      [name, { dtype: "F32", shape: [...tensor.shape], data: data[i] }] as const
    ),
    metadata,
  );
}

/**
 * Puts network and trainer where a checkpoint was taken: the next steps give the same bits as if there had been no pause.
 *
 * @param file The checkpoint. It is checked before anything is written.
 * @param step The step at which it was taken.
 * @param network As wide as the one it was taken from.
 * @param trainer With the same data, optimiser, batch and seed: the caller sees to it.
 * @throws {FormatError} when a tensor is missing, or has another type or shape.
 * @throws {ArgumentError} when the step is no whole number from 0 on.
 */
export function restoreCheckpoint(file: Safetensors, step: number, network: Mlp, trainer: Trainer): void {
  const found = partsOf(network, trainer).map((part) => ({ part, data: dataOf(file, part) }));
  trainer.resumeAt(step);
  for (const { part: { tensor }, data } of found) tensor.write(data);
}

function partsOf(network: Mlp, trainer: Trainer): readonly Parameter[] {
  return [...network.parameters, ...trainer.state];
}

function dataOf(file: Safetensors, { name, tensor }: Parameter): Float32Array<ArrayBuffer> {
  const entry = file.tensors.get(name), wanted = `F32 [${tensor.shape}]`;
  const there = entry === undefined ? "not there" : `${entry.dtype} [${entry.shape}]`;
  if (entry === undefined || there !== wanted) {
    throw new FormatError(
      `tensor ${quote(name)} of the checkpoint is ${there} and should be ${wanted}`,
      "resume from a file that train --checkpoint-every has written, with the same options",
    );
  }
  return new Float32Array(asFloat32(entry));
}
