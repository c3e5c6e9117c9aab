/**
 * Matrix products whose operands are larger than the device binds: cut into products of parts, with the same bits.
 *
 * Rows of an operand are bound where they lie. Columns are copied, and are few: those of the rows of a batch. Sums that are cut go on
 * from what is stored, in the order in which one product adds.
 *
 * @module
 */
import { copyBlock } from "../../kernels/copy_block.ts";
import { DEFAULT_TILE } from "../../kernels/matmul.ts";
import type { MatmulVariant } from "../../kernels/matmul_choice.ts";
import type { MatmulEpilogue } from "../../kernels/matmul_epilogue.ts";
import type { MatmulForm, MatmulSizes } from "../../kernels/matmul_tile.ts";
import type { GpuBuffer } from "./buffer.ts";
import type { Look } from "./look.ts";
import { type Part, partOf, partsOf } from "./parts.ts";
import type { Recorder } from "./recorder.ts";

/** A matrix product, or the product of a part. */
export interface Product {
  readonly form: MatmulForm;
  readonly epilogue: MatmulEpilogue;
  /** Operands, result, and what the epilogue reads. */
  readonly buffers: Readonly<Record<"a" | "b" | "out", Matrix> & Partial<Record<"bias" | "h", Matrix>>>;
  readonly sizes: MatmulSizes;
  readonly variant: MatmulVariant;
  /** Where NaN and infinities in the result are noted. */
  readonly look?: Look;
  /** Whether its kernel is one for any number of terms. */
  readonly anyTerms: boolean;
  /** Whether the sums go on from what `out` holds. */
  readonly goesOn: boolean;
}

type Matrix = GpuBuffer<"f32">;
type RecordProduct = (recorder: Recorder, product: Product) => void;

/**
 * A product with its buffers no longer than it needs them, where they could not be bound else.
 *
 * @param product Any.
 * @param bindingBytes Most bytes that are bound.
 */
export function trimmed(product: Product, bindingBytes: number): Product {
  const { buffers, sizes: { m, n, k } } = product;
  const lengths: Record<string, number> = { a: m * k, b: k * n, out: m * n, h: m * n, bias: n };
  const entries = Object.entries(buffers).map(([name, buffer]) => {
    const length = Math.max(lengths[name], 1),
      isLong = buffer.byteLength > bindingBytes && length < buffer.length;
    return [name, isLong ? buffer.view(0, length) : buffer];
  });
  return { ...product, buffers: Object.fromEntries(entries) };
}

/** Whether all that a product's kernel binds can be bound; images are no bindings of buffers. */
export function isBindable({ buffers, variant }: Product, bindingBytes: number): boolean {
  const isBound = (name: string) => variant.operands !== "images" || name !== "a" && name !== "b";
  return Object.entries(buffers).every(([name, { byteLength }]) =>
    !isBound(name) || byteLength <= bindingBytes
  );
}

/**
 * Appends a product that cannot be bound as a whole.
 *
 * @param recorder Where the dispatches are appended.
 * @param product Which.
 * @param record Appends a smaller one, which may have to be cut in its turn.
 * @throws {LimitError} when some rows that must be bound together are too large.
 */
export function recordInParts(recorder: Recorder, product: Product, record: RecordProduct): void {
  const { form, buffers: { a, b, out, h }, variant } = product, isBound = variant.operands !== "images";
  const exceeds = (matrix?: Matrix) => matrix !== undefined && matrix.byteLength > recorder.gpu.bindingBytes;
  // Columns of A are not taken from an A that is too large itself.
  if (form === "tn" && (exceeds(a) || isBound && exceeds(b))) cutTerms(recorder, product, record);
  else if (exceeds(out) || exceeds(h) || isBound && exceeds(a)) cutRows(recorder, product, record);
  else if (form === "nt") cutColumns(recorder, product, record);
  else cutTerms(recorder, product, record);
}

/** Rows of C: those of the operand A where it has them, and columns of it where it is stored transposed. */
function cutRows(recorder: Recorder, product: Product, record: RecordProduct): void {
  const { form, buffers, sizes } = product, { m, n, k } = sizes, { bindingBytes } = recorder.gpu;
  const parts = partsOf(m, form === "tn" ? [n] : [n, k], bindingBytes, buffers.out.label);
  const take = form === "tn" ? columnTaker(recorder, buffers.a, k, m, parts) : undefined;
  for (const part of parts) {
    const a = take?.(part) ?? partOf(buffers.a, part, k), h = buffers.h && partOf(buffers.h, part, n);
    const ofPart = { ...buffers, a, out: partOf(buffers.out, part, n), ...h && { h } };
    record(recorder, { ...product, buffers: ofPart, sizes: { ...sizes, m: part.count } });
  }
}

/** Columns of C, which are rows of a B that is stored transposed. They are put into the result by a copy. */
function cutColumns(recorder: Recorder, product: Product, record: RecordProduct): void {
  const { buffers: { a, b, out, bias, h }, sizes } = product, { m, n, k } = sizes;
  const parts = partsOf(n, [k], recorder.gpu.bindingBytes, b.label);
  const results = recorder.scratch(`columns of ${out.label}`, "f32", m * parts[0].count);
  const takeBias = bias && columnTaker(recorder, bias, 1, n, parts),
    takeH = h && columnTaker(recorder, h, m, n, parts);
  for (const part of parts) {
    const result = beginning(results, m * part.count);
    const others = { ...takeBias && { bias: takeBias(part) }, ...takeH && { h: takeH(part) } };
    const buffers = { a, b: partOf(b, part, k), out: result, ...others };
    record(recorder, { ...product, buffers, sizes: { ...sizes, n: part.count } });
    const places = { x_columns: part.count, x_first: 0, out_columns: n, out_first: part.first };
    recorder.dispatch(copyBlock, { x: result, out }, { n: m * part.count, columns: part.count, ...places });
  }
}

/** Terms of the sums: rows of B, and rows or columns of A. The epilogue and the look are for whole sums alone. */
function cutTerms(recorder: Recorder, product: Product, record: RecordProduct): void {
  const { form, buffers, sizes: { m, n, k }, variant, epilogue, look, goesOn } = product;
  const { a, b, out } = buffers;
  const parts = partsOf(k, form === "tn" ? [n, m] : [n], recorder.gpu.bindingBytes, b.label);
  const take = form === "tn" ? undefined : columnTaker(recorder, a, m, k, parts);
  parts.forEach((part, i) => {
    const operands = { a: take?.(part) ?? partOf(a, part, m), b: partOf(b, part, n), out };
    const isLast = i === parts.length - 1;
    record(recorder, {
      ...product,
      epilogue: isLast ? epilogue : "none",
      look: isLast ? look : undefined,
      buffers: isLast ? { ...buffers, ...operands } : operands,
      sizes: { m, n, k: part.count },
      // The variant that reads images has no sums that go on.
      variant: variant.operands === "images" ? { operands: "buffers", tile: DEFAULT_TILE } : variant,
      goesOn: goesOn || i > 0,
    });
  });
}

/** What copies columns of a matrix [rows, columns] to a place where they lie together: one place for all parts, used again. */
function columnTaker(
  recorder: Recorder,
  x: Matrix,
  rows: number,
  columns: number,
  parts: readonly Part[],
): (part: Part) => Matrix {
  const taken = recorder.scratch(`columns of ${x.label}`, "f32", rows * parts[0].count);
  return ({ first, count }) => {
    const out = beginning(taken, rows * count);
    const places = { x_columns: columns, x_first: first, out_columns: count, out_first: 0 };
    recorder.dispatch(copyBlock, { x, out }, { n: rows * count, columns: count, ...places });
    return out;
  };
}

function beginning(buffer: Matrix, length: number): Matrix {
  return length === buffer.length ? buffer : buffer.view(0, length);
}
