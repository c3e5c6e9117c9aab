/**
 * Matrices as images: which images a program has of which matrices, how they are packed, and whether they still hold what the buffers hold.
 *
 * @module
 */
import { imageTexels, isWorthPadding, packImage, packImagePart, padRows } from "../../kernels/image.ts";
import type { GpuBuffer } from "./buffer.ts";
import type { DisposableStack } from "./disposable_stack.ts";
import { type GpuImage, TEXEL_BYTES } from "./image.ts";
import { partOf, partsOf } from "./parts.ts";
import type { Recorder } from "./recorder.ts";

/** Where a matrix is between its buffer and its image, if that takes several steps. */
interface Between {
  /** As it lies, four numbers a texel. */
  readonly flat: GpuImage;
  /** Its rows filled up to whole texels. */
  readonly padded: GpuBuffer<"f32">;
}

/** The images of one program. */
export class MatrixImages {
  readonly #recorder: Recorder;
  readonly #resources: DisposableStack;
  readonly #names = new Map<GPUBuffer, number>();
  readonly #images = new Map<string, GpuImage>();
  /** The images that hold what their buffer holds. */
  readonly #current = new Map<GPUBuffer, Set<GpuImage>>();
  /** Made when it is first needed. */
  #between: Between | undefined;

  /**
   * None yet.
   *
   * @param recorder Where what makes an image is appended.
   * @param resources What takes the images, to be released with the program.
   */
  constructor(recorder: Recorder, resources: DisposableStack) {
    this.#recorder = recorder;
    this.#resources = resources;
  }

  /** The image of a matrix; it is made, or made again, where there is none that holds what the buffer holds. */
  of(matrix: GpuBuffer<"f32">, rows: number, columns: number): GpuImage {
    const image = this.#imageFor(matrix, rows, columns);
    const current = this.#current.get(matrix.raw) ?? new Set();
    if (!current.has(image)) {
      this.#fill(matrix, image, rows, columns);
      this.#current.set(matrix.raw, current.add(image));
    }
    return image;
  }

  /** Notes that a buffer is written: no image holds what it holds any more. */
  outdate(raw: GPUBuffer): void {
    this.#current.delete(raw);
  }

  #imageFor(matrix: GpuBuffer<"f32">, rows: number, columns: number): GpuImage {
    const name = this.#names.get(matrix.raw) ?? this.#names.size;
    this.#names.set(matrix.raw, name); // views of one buffer share it
    const key = `${name} ${matrix.offset} ${rows} ${columns}`;
    const image = this.#images.get(key) ?? this.#make(`${matrix.label} packed`, imageTexels(rows, columns));
    this.#images.set(key, image);
    return image;
  }

  #make(label: string, texels: number): GpuImage {
    return this.#resources.use(this.#recorder.gpu.image(label, texels));
  }

  #fill(matrix: GpuBuffer<"f32">, image: GpuImage, rows: number, columns: number): void {
    const { calls, gpu: { bindingBytes } } = this.#recorder, { texels } = image;
    if (columns % 4 === 0) {
      calls.push({ source: matrix, target: image, texels });
    } else if (matrix.byteLength > bindingBytes) {
      this.#packParts(matrix, image, rows, columns);
    } else if (texels * TEXEL_BYTES <= bindingBytes && isWorthPadding(rows, columns)) {
      this.#packPadded(matrix, image, rows, columns);
    } else {
      this.#recorder.dispatch(packImage, { x: matrix, packed: image }, { n: texels, rows, columns });
    }
  }

  /** Some rows after the other. */
  #packParts(matrix: GpuBuffer<"f32">, image: GpuImage, rows: number, columns: number): void {
    for (const part of partsOf(rows, [columns], this.#recorder.gpu.bindingBytes, matrix.label)) {
      const x = partOf(matrix, part, columns);
      const [n, first] = [part.count, part.first].map((r) => imageTexels(r, columns));
      this.#recorder.dispatch(packImagePart, { x, packed: image }, { n, rows: part.count, columns, first });
    }
  }

  /** Its rows filled up on the way, between two copies. */
  #packPadded(matrix: GpuBuffer<"f32">, image: GpuImage, rows: number, columns: number): void {
    const { calls } = this.#recorder,
      { texels } = image,
      { flat, padded } = this.#wayOf(matrix.label, texels);
    const count = rows * columns, rest = count % 4, from = count - rest;
    calls.push({ source: matrix, target: flat, texels: from / 4 });
    this.#recorder.dispatch(padRows, { flat, padded }, { rows, columns });
    // The last few numbers are no texel: they go to their place in the last row as they are.
    const at = 4 * imageTexels(rows - 1, columns) + columns - rest;
    if (rest > 0) calls.push({ source: matrix, from, target: padded, at, count: rest });
    calls.push({ source: padded, target: image, texels });
  }

  /** Where a matrix is on its way into an image of so many texels: one place for all, if the first is the largest. */
  #wayOf(label: string, texels: number): Between {
    if (this.#between === undefined || this.#between.flat.texels < texels) {
      const flat = this.#make(`${label} as it lies`, texels);
      this.#between = { flat, padded: this.#recorder.scratch(`${label} padded`, "f32", 4 * texels) };
    }
    return this.#between;
  }
}
