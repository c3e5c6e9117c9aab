/**
 * The first step and layer at which numbers that are not finite appear, found on the device in the course of training.
 *
 * @module
 */
import { type Kernel, lanesFor } from "../../kernels/kernel.ts";
import {
  firstNonFiniteStep,
  type LookedAtAs,
  MOST_IMAGES_LOOKED_AT,
  MOST_LOOKED_AT,
  noteNonFinite,
} from "../../kernels/non_finite.ts";
import type { GpuBuffer } from "../gpu/buffer.ts";
import { NonFiniteError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Recorder, Resource } from "../gpu/recorder.ts";
import type { Activations, Gradients, Mlp } from "../nn/mlp.ts";

/** Where NaN or an infinity appeared first. */
export interface NonFinite {
  /** The step, from 1 on, since training began. */
  readonly step: number;
  /** What held it: a layer's outputs after the activation, the gradients of its outputs before it or their sum over
   * the batch, or a parameter after the update. */
  readonly what: "outputs" | "gradients" | "parameter";
  /** The layer's name, or the parameter's: "2", "2.weight". */
  readonly name: string;
}

/** What is looked at, in the order in which a step makes it. */
interface Place extends Omit<NonFinite, "step"> {
  readonly x: GpuBuffer<"f32">;
  /** Elements of one row of the batch; none where it has no rows. */
  readonly perRow?: number;
}

/** A log of the first step at which each of a network's tensors was not finite. Released by `using`. */
export class NonFiniteLog implements Disposable {
  readonly #seen: GpuBuffer<"u32">;
  readonly #places: readonly Place[];

  /**
   * A log in which nothing has been seen.
   *
   * @param gpu Where.
   * @param network Its parameters.
   * @param activations Its outputs.
   * @param gradients Its gradients.
   */
  constructor(gpu: Gpu, network: Mlp, activations: Activations, gradients: Gradients) {
    const outputs = network.layers.map((layer, i): Place => {
      return { what: "outputs", name: layer.name, x: activations.outputs[i], perRow: layer.outputs };
    });
    const back = network.layers.map(({ name, outputs }, i): Place => {
      // The sum over the rows is a bias's gradient, and not finite where one of its terms is not: fewer numbers to look at.
      return lanesFor(outputs) === 4
        ? { what: "gradients", name, x: gradients.parameters[2 * i + 1].tensor.buffer as GpuBuffer<"f32"> }
        : { what: "gradients", name, x: gradients.outputs[i], perRow: outputs };
    }).reverse();
    const parameters = network.parameters.map(({ name, tensor }): Place => {
      return { what: "parameter", name, x: tensor.buffer };
    });
    this.#places = [...outputs, ...back, ...parameters];
    this.#seen = gpu.buffer("non-finite numbers", "u32", this.#places.length);
  }

  /** What is to be read for {@linkcode NonFiniteLog.first}. */
  get buffer(): GpuBuffer<"u32"> {
    return this.#seen;
  }

  /** The slot of the first parameter; the optimiser's kernels note the parameters, each in a slot of its own. */
  get parameterSlot(): number {
    return this.#places.findIndex(({ what }) => what === "parameter");
  }

  /**
   * Records a look at outputs and gradients, at the end of a step: as few dispatches as possible.
   *
   * @param recorder Where the dispatches are appended.
   * @param rows Rows of the batch.
   * @param cursor `cursor[0]` is the step since the log was cleared.
   */
  record(recorder: Recorder, rows: number, cursor: GpuBuffer<"u32">): void {
    const places = this.#places.slice(0, this.parameterSlot);
    for (let slot = 0; slot < places.length; slot += MOST_LOOKED_AT) {
      const some = lookedAt(recorder, places.slice(slot, slot + MOST_LOOKED_AT), rows);
      const kernel: Kernel = noteNonFinite(some.map(({ how }) => how));
      const buffers = Object.fromEntries(some.map(({ x }, j) => [`x${j}`, x]));
      const counts = Object.fromEntries(some.map(({ n }, j) => [`n${j}`, n]));
      recorder.dispatch(kernel, { ...buffers, cursor, seen: this.#seen }, { ...counts, slot });
    }
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
}

/** What a look reads, and how: the image of it where a product has one. */
interface LookedAt {
  readonly x: Resource;
  readonly how: LookedAtAs;
  readonly n: number;
}

function lookedAt(recorder: Recorder, places: readonly Place[], rows: number): LookedAt[] {
  let images = 0;
  return places.map(({ x, perRow }) => {
    const n = perRow === undefined ? x.length : rows * perRow;
    const image = perRow !== undefined && perRow % 4 === 0 && images < MOST_IMAGES_LOOKED_AT
      ? recorder.imageAtHand(x, rows, perRow)
      : undefined;
    if (image === undefined) return { x, how: lanesFor(n), n };
    images++;
    return { x: image, how: "image", n };
  });
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
