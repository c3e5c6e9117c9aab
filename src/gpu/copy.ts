/**
 * Copies that a program makes between its dispatches.
 *
 * @module
 */
import { IMAGE_WIDTH } from "../../kernels/image.ts";
import { ELEMENT_BYTES, type GpuBuffer } from "./buffer.ts";
import { type GpuImage, TEXEL_BYTES } from "./image.ts";

/** A matrix that is copied into an image as it lies. */
export interface ImageCopy {
  /** [rows, columns], columns a multiple of four. */
  readonly source: GpuBuffer<"f32">;
  /** Of as many texels as the matrix has fours. */
  readonly target: GpuImage;
}

/** The first elements of a buffer that are copied into another one. */
export interface ElementCopy {
  /** Where from. */
  readonly source: GpuBuffer;
  /** Where to: of the same type. */
  readonly target: GpuBuffer;
  /** Where in the target the first of them goes. */
  readonly at: number;
  /** How many, 1 or more. */
  readonly count: number;
}

/** Any of them. */
export type Copy = ImageCopy | ElementCopy;

/** Whether a step is a copy and no dispatch. */
export function isCopy(step: object): step is Copy {
  return "source" in step;
}

/** What a profiler calls it. */
export function nameOfCopy(copy: Copy): string {
  return "at" in copy ? "copy" : "copy to image";
}

/**
 * Puts a copy into a command buffer.
 *
 * @param encoder Of the command buffer, outside of a pass.
 * @param copy What is copied where.
 */
export function encodeCopy(encoder: GPUCommandEncoder, copy: Copy): void {
  if (!("at" in copy)) return copyToImage(encoder, copy);
  const { source, target, at, count } = copy, [from, to] = [source.offset, target.offset + at];
  encoder.copyBufferToBuffer(
    source.raw,
    from * ELEMENT_BYTES,
    target.raw,
    to * ELEMENT_BYTES,
    count * ELEMENT_BYTES,
  );
}

function copyToImage(encoder: GPUCommandEncoder, { source, target }: ImageCopy): void {
  const whole = Math.floor(target.texels / IMAGE_WIDTH), rest = target.texels % IMAGE_WIDTH;
  const bytesPerRow = IMAGE_WIDTH * TEXEL_BYTES, texture = target.raw;
  const copyRows = (row: number, width: number, height: number) => {
    const offset = source.offset * ELEMENT_BYTES + row * bytesPerRow;
    encoder.copyBufferToTexture(
      { buffer: source.raw, offset, bytesPerRow },
      { texture, origin: [0, row] },
      [width, height],
    );
  };
  if (whole > 0) copyRows(0, IMAGE_WIDTH, whole);
  if (rest > 0) copyRows(whole, rest, 1);
}
