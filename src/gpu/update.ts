/**
 * An optimiser's step for a parameter as a part of a program, by itself or with the gradient that it takes.
 *
 * @module
 */
import { biasUpdate } from "../../kernels/bias_update.ts";
import { imageTexels, MOST_TEXELS } from "../../kernels/image.ts";
import { type Kernel, type Lanes, lanesFor } from "../../kernels/kernel.ts";
import type { MatmulSizes } from "../../kernels/matmul_tile.ts";
import { foursOf } from "../../kernels/matmul_image.ts";
import { matmulUpdate } from "../../kernels/matmul_update.ts";
import { update as updateKernel, type UpdateRule } from "../../kernels/update.ts";
import { adapterKind } from "./adapter_kind.ts";
import type { GpuBuffer } from "./buffer.ts";
import { type Look, lookArguments } from "./look.ts";
import { recordMatmul } from "./matmul.ts";
import type { Recorder, Resource } from "./recorder.ts";
import { chosenVariant } from "./variant.ts";

/** One step of an optimiser for one parameter, as data. */
export interface ParameterUpdate {
  /** How the parameter changes. */
  readonly rule: UpdateRule;
  /** The rule's parameters. */
  readonly params: Readonly<Record<string, number>>;
  /** The parameter, changed in place. */
  readonly weight: GpuBuffer<"f32">;
  /** Its gradient. */
  readonly gradient: GpuBuffer<"f32">;
  /** The rule's state, and what else it reads, by name. */
  readonly buffers: Readonly<Record<string, GpuBuffer>>;
  /** Where NaN and infinities in the changed parameter are noted; nobody looks out without it. */
  readonly look?: Look;
}

/** One step of an optimiser for a bias, as data. */
export interface BiasUpdate extends ParameterUpdate {
  /** Where NaN and infinities in the bias and in its gradient are noted. */
  readonly look?: Look & {
    /** The slot of the gradient. */
    readonly gradientSlot: number;
  };
}

/**
 * Appends the step of a parameter whose gradient is at hand.
 *
 * @param recorder Where the dispatch is appended.
 * @param update The step.
 * @throws As {@linkcode Recorder.dispatch}.
 */
export function recordUpdate(recorder: Recorder, update: ParameterUpdate): void {
  const { rule, weight, gradient, look } = update, lanes: Lanes = lanesFor(weight.length);
  const kernel: Kernel = updateKernel(rule, lanes, look !== undefined);
  dispatch(recorder, kernel, update, { gradient }, { n: weight.length / lanes });
}

/**
 * Appends the gradient of a layer's weights, Aᵀ·B, and their step: one dispatch where the adapter has a kernel for both.
 *
 * @param recorder Where the dispatches are appended.
 * @param operands `a` [k, m], the gradient of the layer's outputs; `b` [k, n], its inputs.
 * @param update The step of the weight [m, n].
 * @param sizes Outputs m and inputs n of the layer, rows k of the batch.
 * @param together Whether one kernel does both where there is one. It changes no bit on one adapter.
 * @throws As {@linkcode Recorder.dispatch}.
 */
export function recordWeightUpdate(
  recorder: Recorder,
  { a, b }: { a: GpuBuffer<"f32">; b: GpuBuffer<"f32"> },
  update: ParameterUpdate,
  sizes: MatmulSizes,
  together = true,
): void {
  const { m, n, k } = sizes, { weight, gradient, rule, look } = update;
  // A product that is cut and a step that is cut are cut in different places.
  const isCut = weight.byteLength > recorder.gpu.bindingBytes;
  const { operands, tile } = chosenVariant(recorder.gpu, "tn", sizes, false), fours = foursOf(sizes);
  if (!together || isCut || !fours.n || operands !== "images") {
    recordMatmul(recorder, "tn", "none", { a, b, out: gradient }, sizes);
    recordUpdate(recorder, update);
    return;
  }
  const kernel: Kernel = matmulUpdate(rule, look !== undefined, tile, fours.k);
  const images = {
    a: recorder.image(a, k, m),
    b: recorder.image(b, k, n),
    old: recorder.image(weight, m, n),
    gradient,
  };
  dispatch(recorder, kernel, update, images, { m, n, k });
}

/**
 * Appends the gradient of a layer's bias, the sum of x over its rows, and its step: one dispatch, which looks at both where it looks.
 *
 * @param recorder Where the dispatches are appended.
 * @param x The gradient of the layer's outputs, [rows, n].
 * @param rows Its rows.
 * @param update The step of the bias [n].
 * @throws As {@linkcode Recorder.dispatch}.
 */
export function recordBiasUpdate(
  recorder: Recorder,
  x: GpuBuffer<"f32">,
  rows: number,
  update: BiasUpdate,
): void {
  const { weight, gradient, rule, look } = update, n = weight.length;
  const fromImage = adapterKind(recorder.gpu.adapter) === "llvmpipe" && n % 4 === 0 &&
    imageTexels(rows, n) <= MOST_TEXELS;
  const kernel: Kernel = biasUpdate(rule, fromImage, look !== undefined);
  const buffers = { x: fromImage ? recorder.image(x, rows, n) : x, gradient };
  const slots: Record<string, number> = look === undefined ? {} : { gradient_slot: look.gradientSlot };
  dispatch(recorder, kernel, update, buffers, { n: fromImage ? n / 4 : n, rows, ...slots });
}

/** Dispatches a kernel with the rule's buffers and parameters, those of the log, and the kernel's own. */
function dispatch(
  recorder: Recorder,
  kernel: Kernel,
  { weight, buffers, params, look }: ParameterUpdate,
  ownBuffers: Readonly<Record<string, Resource>>,
  ownParams: Readonly<Record<string, number>>,
): void {
  const looking = lookArguments(look);
  recorder.dispatch(
    kernel,
    { ...looking.buffers, ...buffers, ...ownBuffers, weight },
    { ...params, ...looking.params, ...ownParams },
  );
}
