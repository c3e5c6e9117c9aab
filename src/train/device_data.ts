/**
 * A data set in the device's memory.
 *
 * @module
 */
import { checkDataset, type Dataset } from "../data/dataset.ts";
import type { GpuBuffer } from "../gpu/buffer.ts";
import { ShapeError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Mlp } from "../nn/mlp.ts";

/** Features and labels on the device. Released by `using`. */
export class DeviceData implements Disposable {
  /** Number of rows. */
  readonly rows: number;
  /** Numbers in a row. */
  readonly columns: number;
  /** Number of classes. */
  readonly classes: number;
  /** [rows, columns]. */
  readonly features: GpuBuffer<"f32">;
  /** [rows]. */
  readonly labels: GpuBuffer<"u32">;

  /**
   * Uploads a data set.
   *
   * @param gpu Where to.
   * @param data What; checked first.
   * @throws {ShapeError} {@linkcode ArgumentError} when it is not what it says it is.
   * @throws {LimitError} when it is too large for one buffer.
   */
  constructor(gpu: Gpu, data: Dataset) {
    checkDataset(data);
    const { rows, columns, classes, name } = data;
    this.rows = rows;
    this.columns = columns;
    this.classes = classes;
    const features = data.features as Float32Array<ArrayBuffer>,
      labels = data.labels as Uint32Array<ArrayBuffer>;
    [this.features, this.labels] = gpu.allOrNone(() =>
      [
        gpu.buffer(`${name} features`, "f32", rows * columns, features),
        gpu.buffer(`${name} labels`, "u32", rows, labels),
      ] as const
    );
  }

  /** Releases the buffers. */
  [Symbol.dispose](): void {
    this.features[Symbol.dispose]();
    this.labels[Symbol.dispose]();
  }
}

/**
 * Checks that a network can be trained or scored on a data set.
 *
 * @param network Any network.
 * @param data Any data.
 * @throws {ShapeError} when it has other inputs than the data has columns, fewer outputs than classes, or there are no rows.
 */
export function assertFits(network: Mlp, data: DeviceData): void {
  const inputs = network.widths[0], outputs = network.widths[network.widths.length - 1];
  if (inputs !== data.columns) {
    throw new ShapeError(
      `the network has ${inputs} inputs and the data has ${data.columns} columns`,
      `begin the layers with ${data.columns}`,
    );
  }
  if (outputs < data.classes) {
    throw new ShapeError(
      `the network has ${outputs} outputs and the data has ${data.classes} classes`,
      `end the layers with ${data.classes}`,
    );
  }
  if (data.rows === 0) throw new ShapeError("the data has no rows", "give one or more");
}
