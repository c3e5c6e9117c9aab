/**
 * The variant of a matrix product that a device is served by: the measured one, or the one that suits adapter and shape.
 *
 * @module
 */
import { imagesHold, type MatmulVariant, matmulVariant } from "../../kernels/matmul_choice.ts";
import type { MatmulForm, MatmulSizes } from "../../kernels/matmul_tile.ts";
import { adapterKind } from "./adapter_kind.ts";
import type { Gpu } from "./gpu.ts";

/** Larger dimensions are measured as this: what is best for 1024 rows is best for more. */
const MOST = 1024;

/** A product by its form and sizes. */
export interface ProductShape {
  /** Which operands are stored transposed. */
  readonly form: MatmulForm;
  /** Rows and columns of C, and terms of each sum. */
  readonly sizes: MatmulSizes;
}

/**
 * The variant for a product on a device: the measured one where there is one, else the one that suits adapter and shape.
 *
 * @param gpu The device.
 * @param form Which operands are stored transposed.
 * @param sizes Rows and columns of C, and terms of each sum.
 * @param alone Whether no other product will read its operands, or is compiled with it: only then is a measurement in place of
 *   images heeded, which are packed once for all.
 */
export function chosenVariant(gpu: Gpu, form: MatmulForm, sizes: MatmulSizes, alone = true): MatmulVariant {
  const usual = matmulVariant(adapterKind(gpu.adapter), form, sizes, alone);
  if (!alone && usual.operands === "images") return usual;
  const tuned = gpu.tuned.get(keyOf({ form, sizes }));
  // What stood for it in the measurement may be smaller.
  return tuned === undefined || tuned.operands === "images" && !imagesHold(sizes) ? usual : tuned;
}

/** The sizes that stand for these in a measurement. */
export function measuredSizes({ m, n, k }: MatmulSizes): MatmulSizes {
  return { m: Math.min(m, MOST), n: Math.min(n, MOST), k: Math.min(k, MOST) };
}

/** What a product is remembered by: those that are measured alike have the same. */
export function keyOf({ form, sizes }: ProductShape): string {
  const { m, n, k } = measuredSizes(sizes);
  return `${form} ${m}x${n}x${k}`;
}
