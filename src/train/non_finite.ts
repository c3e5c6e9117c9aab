/**
 * The first step and layer at which numbers that are not finite appear, found on the device in the course of training.
 *
 * @module
 */
import { firstNonFiniteStep } from "../../kernels/non_finite.ts";
import type { GpuBuffer } from "../gpu/buffer.ts";
import { NonFiniteError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Look } from "../gpu/look.ts";
import type { BiasUpdate } from "../gpu/update.ts";
import type { Mlp } from "../nn/mlp.ts";

/** Where NaN or an infinity appeared first. */
export interface NonFinite {
  /** The step, from 1 on, since training began. */
  readonly step: number;
  /** What held it: a layer's outputs after the activation, the gradients of its outputs before it, summed over the batch (the
   * gradient of its bias), or a parameter after the update. */
  readonly what: "outputs" | "gradients" | "parameter";
  /** The layer's name, or the parameter's: "2", "2.weight". */
  readonly name: string;
}

/** A log of the first step at which each of a network's tensors was not finite. Released by `using`. */
export class NonFiniteLog implements Disposable {
  readonly #seen: GpuBuffer<"u32">;
  readonly #cursor: GpuBuffer<"u32">;
  readonly #layers: number;
  /** What each slot is about, in the order in which a step makes it. */
  readonly #places: readonly Omit<NonFinite, "step">[];

  /**
   * A log in which nothing has been seen.
   *
   * @param gpu Where.
   * @param network Whose outputs, gradients and parameters.
   * @param cursor `cursor[0]` is the step since the log was cleared.
   */
  constructor(gpu: Gpu, network: Mlp, cursor: GpuBuffer<"u32">) {
    const { layers, parameters } = network;
    this.#places = [
      ...layers.map(({ name }) => ({ what: "outputs", name } as const)),
      ...layers.map(({ name }) => ({ what: "gradients", name } as const)).reverse(),
      ...parameters.map(({ name }) => ({ what: "parameter", name } as const)),
    ];
    this.#layers = layers.length;
    this.#cursor = cursor;
    this.#seen = gpu.buffer("non-finite numbers", "u32", this.#places.length);
  }

  /** What is to be read for {@linkcode NonFiniteLog.first}. */
  get buffer(): GpuBuffer<"u32"> {
    return this.#seen;
  }

  /** Where each layer's outputs are noted. */
  get outputs(): Look[] {
    return Array.from({ length: this.#layers }, (_, layer) => this.#look(layer));
  }

  /**
   * Where a layer's weight is noted.
   *
   * @param layer Its index.
   */
  weight(layer: number): Look {
    return this.#look(2 * this.#layers + 2 * layer);
  }

  /**
   * Where a layer's bias and its gradient are noted.
   *
   * @param layer Its index.
   */
  bias(layer: number): BiasUpdate["look"] {
    return { ...this.#look(2 * this.#layers + 2 * layer + 1), gradientSlot: 2 * this.#layers - 1 - layer };
  }

  /** Forgets what was seen. */
  clear(gpu: Gpu): void {
    gpu.write(this.#seen, new Uint32Array(this.#seen.length));
  }

  /**
   * The earliest of all that was seen.
   *
   * @param seen The content of {@linkcode NonFiniteLog.buffer}.
   * @param before Steps trained before those that the cursor counts.
   */
  first(seen: Uint32Array, before: number): NonFinite | undefined {
    const steps = [...seen].map((slot) => firstNonFiniteStep(slot) ?? Infinity);
    const step = Math.min(...steps);
    if (step === Infinity) return undefined;
    const { what, name } = this.#places[steps.indexOf(step)];
    return { step: before + step + 1, what, name };
  }

  /** Releases the log. */
  [Symbol.dispose](): void {
    this.#seen[Symbol.dispose]();
  }

  #look(slot: number): Look {
    return { seen: this.#seen, cursor: this.#cursor, slot };
  }
}

/**
 * The error that ends training.
 *
 * @param found What was found.
 */
export function nonFiniteError({ step, what, name }: NonFinite): NonFiniteError {
  const where = what === "parameter" ? `parameter ${name} is` : `the ${what} of layer ${name} are`;
  return new NonFiniteError(
    `at step ${step} ${where} not finite`,
    "lower the learning rate, or the scale of the initialisation",
  );
}
