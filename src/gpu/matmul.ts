/**
 * The matrix product as a step of a program: the one place where its variant is chosen.
 *
 * @module
 */
import { type Kernel, uniformFours } from "../../kernels/kernel.ts";
import { DEFAULT_TILE, matmul } from "../../kernels/matmul.ts";
import type { MatmulVariant } from "../../kernels/matmul_choice.ts";
import type { EpilogueBuffer, MatmulEpilogue } from "../../kernels/matmul_epilogue.ts";
import { foursOf, matmulImage } from "../../kernels/matmul_image.ts";
import type { MatmulForm, MatmulSizes } from "../../kernels/matmul_tile.ts";
import { matmulUniform, smallLength } from "../../kernels/matmul_uniform.ts";
import { matmulWorkgroup } from "../../kernels/matmul_workgroup.ts";
import type { GpuBuffer } from "./buffer.ts";
import { type Look, lookArguments } from "./look.ts";
import { isBindable, type Product, recordInParts, trimmed } from "./matmul_parts.ts";
import type { Recorder, Resource } from "./recorder.ts";
import { chosenVariant } from "./variant.ts";

export type { MatmulSizes };

/** How a product is recorded, beside what it is of. */
export interface MatmulOptions {
  /** To be used instead of the variant that suits a product whose operands no other reads. */
  readonly variant?: MatmulVariant;
  /** Where NaN and infinities in the result are noted; nobody looks out without it. */
  readonly look?: Look;
  /** Whether its kernel is to be one for any number of terms, since other products are to have the same: compiled once then. */
  readonly anyTerms?: boolean;
}

/**
 * Appends C = op(A)·op(B) with an epilogue, by the variant that was measured as the best (`tuneMatmul`), or that suits adapter and shape.
 * The variant changes no bit.
 *
 * @param recorder Where the dispatches are appended: one, and one for each operand that has to be packed, a large one between copies;
 *   more where a matrix is larger than the device binds.
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
  { variant = chosenVariant(recorder.gpu, form, sizes), look, anyTerms = false }: MatmulOptions = {},
): void {
  recordProduct(recorder, { form, epilogue, buffers, sizes, variant, look, anyTerms, goesOn: false });
}

function recordProduct(recorder: Recorder, whole: Product): void {
  const { bindingBytes } = recorder.gpu, product = trimmed(possible(whole), bindingBytes);
  if (!isBindable(product, bindingBytes)) return recordInParts(recorder, product, recordProduct);
  const { form, buffers, sizes: { m, n, k }, variant, look } = product, looked = lookArguments(look);
  const operands: Record<string, Resource> = { ...buffers };
  if (variant.operands === "images") {
    operands.a = form === "tn" ? recorder.image(buffers.a, k, m) : recorder.image(buffers.a, m, k);
    operands.b = form === "nt" ? recorder.image(buffers.b, n, k) : recorder.image(buffers.b, k, n);
  }
  recorder.dispatch(kernelOf(product), { ...operands, ...looked.buffers }, { m, n, k, ...looked.params });
}

/** The product by a variant that can make it: not every operand can be a uniform, and the kernel that has one has no sums that go on. */
function possible(product: Product): Product {
  const { form, sizes, variant, goesOn } = product;
  const isPossible = variant.operands !== "uniform" ||
    !goesOn && uniformFours(smallLength(form, sizes)) !== undefined;
  return isPossible ? product : { ...product, variant: { operands: "buffers", tile: DEFAULT_TILE } };
}

function kernelOf(
  { form, epilogue, sizes, variant: { operands, tile }, look, anyTerms, goesOn }: Product,
): Kernel {
  const extras = { looking: look !== undefined, goesOn }, { n, k } = foursOf(sizes);
  switch (operands) {
    case "images":
      return matmulImage(form, epilogue, { n, k: k && !anyTerms }, tile, extras) as Kernel;
    case "uniform":
      return matmulUniform(form, epilogue, sizes, tile, extras) as Kernel;
    case "workgroup":
      return matmulWorkgroup(form, epilogue, tile, extras) as Kernel;
    case "buffers":
      return matmul(form, epilogue, tile, extras) as Kernel;
  }
}
