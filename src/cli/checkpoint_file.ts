/**
 * The checkpoints of `train`: a file that is replaced as a whole, and read again by `--resume`.
 *
 * @module
 */
import type { Split } from "../data/split.ts";
import { ArgumentError, FileError, FormatError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Mlp } from "../nn/mlp.ts";
import { parseSafetensors, type Safetensors } from "../tensor/safetensors.ts";
import { encodeCheckpoint, restoreCheckpoint } from "../train/checkpoint.ts";
import type { Trainer } from "../train/trainer.ts";
import { createHash } from "node:crypto";
import { naming, readBytes, writeWhole } from "./files.ts";

/** What a run's numbers depend on, by the name of the option that sets it: a checkpoint is resumed with the same. */
export type Settings = Readonly<Record<string, string>>;

/** One line of the result: over the whole training set, and over the test set where there is one. */
export interface EpochResult {
  epoch: number;
  loss: number | null;
  accuracy: number;
  testLoss?: number | null;
  testAccuracy?: number;
}

/** Where training stood. */
export interface Progress {
  /** Steps since training began. */
  readonly step: number;
  /** Epochs scored so far. */
  readonly epochs: readonly EpochResult[];
  /** What the run's numbers depend on. */
  readonly settings: Settings;
}

/** A checkpoint that was read and belongs to the present settings. */
export interface Checkpoint extends Progress {
  /** Puts network and trainer where it was taken. */
  restore(network: Mlp, trainer: Trainer): void;
}

/**
 * Writes a checkpoint: whoever reads the name finds the one before or the whole new one.
 *
 * @param path Where to.
 * @param gpu The device of the network.
 * @param network What is trained.
 * @param trainer Its trainer, between two steps.
 * @param progress The rest of what it takes to go on.
 * @param metadata What the file says of itself.
 * @throws {FileError} when it cannot be written; the checkpoint before is as it was.
 */
export async function writeCheckpoint(
  path: string,
  gpu: Gpu,
  network: Mlp,
  trainer: Trainer,
  { step, epochs, settings }: Progress,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const checkpoint = JSON.stringify({ step, epochs, settings });
  await writeWhole(path, await encodeCheckpoint(gpu, network, trainer, { ...metadata, checkpoint }));
}

/**
 * Reads the checkpoint of a run that ended early.
 *
 * @param path Where.
 * @param settings What the run depends on now.
 * @returns The checkpoint; undefined where there is no such file, since the run ended before the first.
 * @throws {FileError} when it cannot be read. {@linkcode FormatError} when it is no checkpoint, or cut short.
 * @throws {ArgumentError} when it was made with other settings.
 */
export async function readCheckpoint(path: string, settings: Settings): Promise<Checkpoint | undefined> {
  const bytes = await readBytes(path).catch((error) => {
    if (error instanceof FileError && error.cause instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  const file = naming(path, () => parseSafetensors(bytes)), progress = progressOf(path, file);
  assertSame(path, progress.settings, settings);
  return {
    ...progress,
    restore: (network, trainer) => restoreCheckpoint(file, progress.step, network, trainer),
  };
}

/**
 * A hash of the rows, so that a checkpoint is not resumed on others.
 *
 * @param data Both parts.
 * @returns The first 16 hexadecimal digits of a SHA-256.
 */
export function dataHash({ train, test }: Split): string {
  const hash = createHash("sha256");
  for (const { features, labels } of [train, test]) {
    for (const { buffer, byteOffset, byteLength } of [features, labels]) {
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

function progressOf(path: string, { metadata }: Safetensors): Progress {
  const read = Object.hasOwn(metadata, "checkpoint") ? jsonOf(metadata.checkpoint) : undefined;
  if (!isProgress(read)) {
    throw new FormatError(
      `${path} is no checkpoint`,
      "resume from a file that train --checkpoint-every has written",
    );
  }
  return read;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProgress(value: unknown): value is Progress {
  if (!isRecord(value)) return false;
  const { step, epochs, settings } = value;
  return Number.isSafeInteger(step) && (step as number) >= 0 && isRecord(settings) &&
    Object.values(settings).every((setting) => typeof setting === "string") &&
    Array.isArray(epochs) &&
    epochs.every((epoch, i) => isRecord(epoch) && epoch.epoch === i + 1 && isNumbers(epoch));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A loss is null where the network has exploded. */
function isNumbers(epoch: Record<string, unknown>): boolean {
  return "loss" in epoch && typeof epoch.accuracy === "number" &&
    Object.values(epoch).every((value) => value === null || typeof value === "number");
}

function assertSame(path: string, there: Settings, here: Settings): void {
  const difference = firstDifference(there, here);
  if (difference === undefined) return;
  throw new ArgumentError(
    `${path} was made with ${difference}`,
    "resume with the options that it was made with, or leave out --resume to begin again",
  );
}

/**
 * What tells the settings of a file from the present ones: "batch 32, not 64".
 *
 * @param there The file's.
 * @param here The present ones.
 * @returns Undefined where they agree.
 */
export function firstDifference(there: Settings, here: Settings): string | undefined {
  const before = (name: string) => Object.hasOwn(there, name) ? there[name] : "none";
  const name = Object.keys(here).find((name) => before(name) !== here[name]);
  return name === undefined ? undefined : `${name} ${before(name)}, not ${here[name]}`;
}
