/**
 * The matrix product as a step of a program: the one place where its variant is chosen.
 *
 * @module
 */
import type { Kernel } from "../../kernels/kernel.ts";
import { matmul } from "../../kernels/matmul.ts";
import { type MatmulVariant, matmulVariant } from "../../kernels/matmul_choice.ts";
import type { EpilogueBuffer, MatmulEpilogue } from "../../kernels/matmul_epilogue.ts";
import { matmulImage } from "../../kernels/matmul_image.ts";
import type { MatmulForm } from "../../kernels/matmul_tile.ts";
import { matmulWorkgroup } from "../../kernels/matmul_workgroup.ts";
import { adapterKind } from "./adapter_kind.ts";
import type { GpuBuffer } from "./buffer.ts";
import { isBindable, type Product, recordInParts, trimmed } from "./matmul_parts.ts";
import type { Recorder } from "./recorder.ts";

/** Rows m and columns n of C, and terms k of each sum. */
export interface MatmulSizes {
  /** Rows of C. */
  readonly m: number;
  /** Columns of C. */
  readonly n: number;
  /** Terms of each sum. */
  readonly k: number;
}

/**
 * Appends C = op(A)·op(B) with an epilogue, by the variant that suits adapter and shape. The variant changes no bit.
 *
 * @param recorder Where the dispatches are appended: one, and one for each operand that has to be packed; more where a matrix is larger
 *   than the device binds.
 * @param form Which operands are stored transposed.
 * @param epilogue What is done to each sum.
 * @param buffers Operands `a` and `b`, result `out`, and what the epilogue reads.
 * @param sizes Of the result and the sums.
 * @param variant To be used instead of the one that suits a product whose operands no other reads.
 * @throws As {@linkcode Recorder.dispatch}.
 */
export function recordMatmul<E extends MatmulEpilogue>(
  recorder: Recorder,
  form: MatmulForm,
  epilogue: E,
  buffers: Readonly<Record<"a" | "b" | "out" | EpilogueBuffer<E>, GpuBuffer<"f32">>>,
  sizes: MatmulSizes,
  variant: MatmulVariant = matmulVariant(adapterKind(recorder.gpu.adapter), sizes, form),
): void {
  recordProduct(recorder, { form, epilogue, buffers, sizes, variant, goesOn: false });
}

function recordProduct(recorder: Recorder, whole: Product): void {
  const { bindingBytes } = recorder.gpu, product = trimmed(whole, bindingBytes);
  if (!isBindable(product, bindingBytes)) return recordInParts(recorder, product, recordProduct);
  const { form, epilogue, buffers, sizes: { m, n, k }, variant, goesOn } = product;
  if (variant.operands !== "images") {
    const variantOf = variant.operands === "workgroup" ? matmulWorkgroup : matmul;
    const kernel: Kernel = variantOf(form, epilogue, variant.tile, goesOn);
    recorder.dispatch(kernel, buffers, { m, n, k });
    return;
  }
  const a = form === "tn" ? recorder.image(buffers.a, k, m) : recorder.image(buffers.a, m, k);
  const b = form === "nt" ? recorder.image(buffers.b, n, k) : recorder.image(buffers.b, k, n);
  const kernel: Kernel = matmulImage(form, epilogue, n % 4 === 0 && m * n > 0, variant.tile);
  recorder.dispatch(kernel, { ...buffers, a, b }, { m, n, k });
}
