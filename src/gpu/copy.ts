/**
 * Copies that a program makes between its dispatches.
 *
 * @module
 */
import { IMAGE_WIDTH } from "../../kernels/image.ts";
import { ELEMENT_BYTES, type GpuBuffer } from "./buffer.ts";
import { type GpuImage, TEXEL_BYTES } from "./image.ts";

/** Numbers that are copied into an image as they lie. */
export interface ImageCopy {
  /** Where from: four numbers or more for each texel. */
  readonly source: GpuBuffer<"f32">;
  /** Where to. */
  readonly target: GpuImage;
  /** How many texels, 1 or more. */
  readonly texels: number;
}

/** Elements of a buffer that are copied into another one. */
export interface ElementCopy {
  /** Where from. */
  readonly source: GpuBuffer;
  /** Where in it the first of them is. */
  readonly from: number;
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
  const { source, target, count } = copy, from = source.offset + copy.from, to = target.offset + copy.at;
  encoder.copyBufferToBuffer(
    source.raw,
    from * ELEMENT_BYTES,
    target.raw,
    to * ELEMENT_BYTES,
    count * ELEMENT_BYTES,
  );
}

function copyToImage(encoder: GPUCommandEncoder, { source, target, texels }: ImageCopy): void {
  const whole = Math.floor(texels / IMAGE_WIDTH), rest = texels % IMAGE_WIDTH;
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
