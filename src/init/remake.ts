/**
 * Making the tensors of a manifest, piece by piece: no more memory than a piece, however large a tensor is.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import type { GpuBuffer } from "../gpu/buffer.ts";
import type { Gpu } from "../gpu/gpu.ts";
import type { Recorder } from "../gpu/recorder.ts";
import type { Distribution } from "../random/distribution.ts";
import { type Range, recordDraw } from "../random/draw.ts";
import type { Key } from "../random/key.ts";
import { TorchStream } from "../random/torch_stream.ts";
import type { Shape } from "../tensor/tensor.ts";
import { fillOnHost, sourceOf } from "./fill.ts";
import type { Filling } from "./initializer.ts";
import type { Manifest } from "./manifest.ts";
import { type PlannedTensor, planOf, seedOf } from "./plan.ts";
import { torchPieces } from "./torch_source.ts";

/** Consecutive elements of a tensor. */
export interface TensorPiece {
  /** The tensor's name. */
  readonly name: string;
  /** The shape of the whole tensor. */
  readonly shape: Shape;
  /** The place of the first of them in the whole tensor. */
  readonly offset: number;
  /** The elements, the reader's own. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** What {@linkcode remake} makes, and in which pieces. */
export interface RemakeOptions {
  /** Only these elements of the only tensor: the first, and the one after the last. The manifest's own range unless given. */
  readonly range?: readonly [start: number, end: number];
  /** Elements of a piece, from 1 on; 2^22 (16 MiB) unless given, and never more than the device binds at once. */
  readonly pieceElements?: number;
}

/** Consecutive elements, without the tensor's name. */
type Part = Pick<TensorPiece, "offset" | "values">;

const PIECE_ELEMENTS = 2 ** 22;

/**
 * The elements of a manifest's tensors, in order. The same bits whatever the size of the pieces, and the same as `Mlp.initialize`
 * gives for a network of the same names with `philox`.
 *
 * Distributions are drawn on the device by ranges, into one buffer that is used again; what depends on the whole tensor (`orthogonal`)
 * is made whole on the host and cut; `mt19937`, which is sequential, is drawn on the host, from the beginning for a range as well.
 *
 * @example
 * ```ts
 * import { Gpu, layersManifest, remake } from "@fanin/fanin";
 *
 * using gpu = await Gpu.open();
 * for await (const { name, offset, values } of remake(gpu, layersManifest([784, 512, 10], "torch_linear"))) {
 *   console.log(name, offset, values.length); // "0.weight" 0 401408, "0.bias" 0 512, …
 * }
 * ```
 *
 * @param gpu Where distributions are drawn; without one on the host, with the same bits, slowly.
 * @param manifest What to make.
 * @param options Which part, and in which pieces.
 * @throws {ArgumentError} when the manifest, the range or the size of the pieces is out of range.
 * @throws {ShapeError} when an initialiser does not apply to a shape. {@linkcode DeviceLostError} when the device is lost.
 */
export async function* remake(
  gpu: Gpu | undefined,
  manifest: Manifest,
  { range = manifest.range, pieceElements = PIECE_ELEMENTS }: RemakeOptions = {},
): AsyncGenerator<TensorPiece> {
  if (!Number.isSafeInteger(pieceElements) || pieceElements < 1) {
    throw new ArgumentError(`pieces of ${pieceElements} elements`, "give a whole number from 1 on");
  }
  const planned = planOf(range === undefined ? manifest : { ...manifest, range });
  const stream = manifest.generator === "mt19937" ? new TorchStream(seedOf(manifest.seed)) : undefined;
  using scratch = drawsOnDevice(planned) && gpu ? scratchBuffer(gpu, planned, pieceElements) : undefined;
  for (const one of planned) {
    const [start, end] = range ?? [0, one.size], { name, shape } = one.tensor;
    const parts = stream !== undefined
      ? cut(torchParts(stream, one, pieceElements), start, end)
      : scratch !== undefined && isDrawn(one.filling)
      ? deviceParts(gpu!, scratch, one, start, end)
      : hostParts(one, start, end, pieceElements);
    for await (const part of parts) yield { name, shape, ...part };
  }
}

/**
 * Whether a manifest needs a device to be made quickly: for `mt19937`, and for what is computed on the host, none is opened in vain.
 *
 * @param manifest What is to be made.
 * @throws {ArgumentError} {@linkcode ShapeError} when it cannot be made.
 */
export function needsDevice(manifest: Manifest): boolean {
  return drawsOnDevice(planOf(manifest));
}

function drawsOnDevice(planned: readonly PlannedTensor[]): boolean {
  return planned.some(({ key, filling }) => key !== undefined && isDrawn(filling));
}

/** Whether the device is the place for it: a constant is at hand, and to read it back would cost more than to write it. */
function isDrawn(filling: Filling): filling is Distribution {
  return filling.kind !== "computed" && filling.kind !== "constant";
}

function scratchBuffer(gpu: Gpu, planned: readonly PlannedTensor[], pieceElements: number): GpuBuffer<"f32"> {
  const bound = Math.floor(gpu.bindingBytes / 4);
  const largest = Math.max(...planned.map(({ size }) => size));
  return gpu.buffer("pieces of tensors", "f32", Math.min(pieceElements, bound, largest));
}

/** The device draws the next part while the reader works on this one. */
async function* deviceParts(
  gpu: Gpu,
  scratch: GpuBuffer<"f32">,
  { key, filling, size }: PlannedTensor,
  start: number,
  end: number,
): AsyncGenerator<Part> {
  const draw = async (at: number): Promise<number> => {
    const count = Math.min(scratch.length, end - at), range = { start: at, count, total: size };
    const record = (r: Recorder) => recordDraw(r, key!, filling as Distribution, scratch, range);
    using program = await gpu.record("remake", record);
    program.submit();
    return count;
  };
  let count = await draw(start);
  for (let offset = start; offset < end;) {
    const values = await gpu.read(scratch, 0, count), next = offset + count;
    if (next < end) count = await draw(next);
    yield { offset, values };
    offset = next;
  }
}

function* hostParts(
  { key, filling, size }: PlannedTensor,
  start: number,
  end: number,
  step: number,
): Generator<Part> {
  const whole = filling.kind === "computed" ? filling.make(sourceOf(key!)) : undefined;
  for (let offset = start; offset < end; offset += step) {
    const count = Math.min(step, end - offset);
    if (whole !== undefined) yield { offset, values: whole.slice(offset, offset + count) };
    else if (filling.kind === "constant") {
      yield { offset, values: new Float32Array(count).fill(filling.value) };
    } else yield { offset, values: hostDraw(key!, filling, { start: offset, count, total: size }) };
  }
}

function hostDraw(key: Key, filling: Filling, range: Range & { count: number }): Float32Array<ArrayBuffer> {
  return fillOnHost(key, filling, range) as Float32Array<ArrayBuffer>;
}

function* torchParts(stream: TorchStream, { filling, size }: PlannedTensor, step: number): Generator<Part> {
  let offset = 0;
  for (const values of torchPieces(stream, filling, size, step)) {
    yield { offset, values };
    offset += values.length;
  }
}

/** What of some parts lies in a range. Those after it are not drawn. */
function* cut(parts: Iterable<Part>, start: number, end: number): Generator<Part> {
  for (const { offset, values } of parts) {
    const from = Math.max(start - offset, 0), to = Math.min(end - offset, values.length);
    if (from < to) yield { offset: offset + from, values: values.subarray(from, to) };
    if (offset + values.length >= end) return;
  }
}
