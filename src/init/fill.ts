/**
 * Filling tensors: what an initialiser describes, drawn on the device where elements are independent, computed on the host where
 * they are not.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { drawOnHost, type Range, recordDraw } from "../random/draw.ts";
import type { Key } from "../random/key.ts";
import { permutation } from "../random/permutation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Filling, Source } from "./initializer.ts";

/** A tensor and what is to be in it. */
export interface FillJob {
  /** The tensor, overwritten. */
  readonly tensor: Tensor;
  /** What its elements are. */
  readonly filling: Filling;
  /** Where its random numbers come from. */
  readonly key: Key;
}

/**
 * Fills tensors: all that is drawn with one submit, and what is computed from the host.
 *
 * @param gpu Where they are.
 * @param jobs Tensors with their fillings and keys.
 * @throws {ArgumentError} when something cannot be drawn. {@linkcode DeviceLostError} when the device is lost.
 */
export async function fillTensors(gpu: Gpu, jobs: readonly FillJob[]): Promise<void> {
  using program = await gpu.record("fill tensors", (r) => {
    for (const { tensor, filling, key } of jobs) {
      if (filling.kind === "computed") tensor.write(filling.make(sourceOf(key)));
      else recordDraw(r, key, filling, tensor.buffer);
    }
  });
  program.submit();
  await gpu.idle();
}

/**
 * The host twin: the same elements as {@linkcode fillTensors} gives, bit for bit, or a part of them.
 *
 * @param key Where random numbers come from.
 * @param filling What the elements are.
 * @param range Which elements. A computed tensor is made whole and cut.
 * @throws {ArgumentError} when the range or the distribution is invalid.
 */
export function fillOnHost(key: Key, filling: Filling, range: Range & { count: number }): Float32Array {
  if (filling.kind !== "computed") return drawOnHost(key, filling, range) as Float32Array;
  const start = Number(range.start ?? 0), whole = filling.make(sourceOf(key));
  if (start + range.count > whole.length) {
    throw new ArgumentError(
      `range ${start} to ${start + range.count} of ${whole.length} elements`,
      "stay inside of them",
    );
  }
  return whole.subarray(start, start + range.count);
}

/**
 * A key as the source of a computed tensor: numbers from its stream, permutations from streams under it.
 *
 * @param key The tensor's key.
 */
export function sourceOf(key: Key): Source {
  return {
    numbers: (distribution, count) => drawOnHost(key, distribution, { count }) as Float32Array,
    permutation: (n, index) => permutation(key.stream(`permutation ${index}`), n),
  };
}
