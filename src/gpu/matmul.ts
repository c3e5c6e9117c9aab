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
import { type Look, lookArguments } from "./look.ts";
import { isBindable, type Product, recordInParts, trimmed } from "./matmul_parts.ts";
import type { Recorder, Resource } from "./recorder.ts";

/** Rows m and columns n of C, and terms k of each sum. */
export interface MatmulSizes {
  /** Rows of C. */
  readonly m: number;
  /** Columns of C. */
  readonly n: number;
  /** Terms of each sum. */
  readonly k: number;
}

/** How a product is recorded, beside what it is of. */
export interface MatmulOptions {
  /** To be used instead of the variant that suits a product whose operands no other reads. */
  readonly variant?: MatmulVariant;
  /** Where NaN and infinities in the result are noted; nobody looks out without it. */
  readonly look?: Look;
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
 * @param options Another variant than the usual, and a look at the result.
 * @throws As {@linkcode Recorder.dispatch}.
 */
export function recordMatmul<E extends MatmulEpilogue>(
  recorder: Recorder,
  form: MatmulForm,
  epilogue: E,
  buffers: Readonly<Record<"a" | "b" | "out" | EpilogueBuffer<E>, GpuBuffer<"f32">>>,
  sizes: MatmulSizes,
  { variant = matmulVariant(adapterKind(recorder.gpu.adapter), sizes, form), look }: MatmulOptions = {},
): void {
  recordProduct(recorder, { form, epilogue, buffers, sizes, variant, look, goesOn: false });
}

function recordProduct(recorder: Recorder, whole: Product): void {
  const { bindingBytes } = recorder.gpu, product = trimmed(whole, bindingBytes);
  if (!isBindable(product, bindingBytes)) return recordInParts(recorder, product, recordProduct);
  const { form, epilogue, buffers, sizes: { m, n, k }, variant, look, goesOn } = product;
  const looking = look !== undefined, looked = lookArguments(look);
  const dispatch = (kernel: Kernel, operands: Readonly<Record<string, Resource>>) => {
    const all: Record<string, Resource> = { ...buffers, ...operands, ...looked.buffers };
    recorder.dispatch(kernel, all, { m, n, k, ...looked.params });
  };
  if (variant.operands !== "images") {
    const variantOf = variant.operands === "workgroup" ? matmulWorkgroup : matmul;
    dispatch(variantOf(form, epilogue, variant.tile, { looking, goesOn }) as Kernel, {});
    return;
  }
  const a = form === "tn" ? recorder.image(buffers.a, k, m) : recorder.image(buffers.a, m, k);
  const b = form === "nt" ? recorder.image(buffers.b, n, k) : recorder.image(buffers.b, k, n);
  const fours = n % 4 === 0 && m * n > 0;
  dispatch(matmulImage(form, epilogue, fours, variant.tile, { looking }) as Kernel, { a, b });
}
