/**
 * Drawing: any range of any stream, on the device and on the host, with the same bits.
 *
 * @module
 */
import type { StreamParam } from "../../kernels/random.ts";
import type { GpuBuffer } from "../gpu/buffer.ts";
import { ArgumentError, ShapeError } from "../gpu/errors.ts";
import type { Recorder } from "../gpu/program.ts";
import { type Distribution, type Sampler, sampler } from "./distribution.ts";
import { halves, type Key } from "./key.ts";
import { standardNormal } from "./normal.ts";
import { philox4x32 } from "./philox.ts";

/** Which elements of a stream. */
export interface Range {
  /** First element, 0 to 2^66 - 1; 0 unless given. */
  start?: number | bigint;
  /** Number of elements, 0 or more. */
  count?: number;
}

/**
 * Records the drawing of elements `start` to `start + count` of a key's stream into the first `count` elements of a buffer.
 *
 * @param recorder Where the dispatch is appended.
 * @param key Seed and stream.
 * @param distribution What is drawn.
 * @param out Where to; its element type is the distribution's.
 * @param range Which elements; as many as the buffer holds, from 0 on, unless given.
 * @throws {ArgumentError} when the distribution or the range is invalid.
 * @throws {ShapeError} when the buffer is too short.
 */
export function recordDraw(
  recorder: Recorder,
  key: Key,
  distribution: Distribution,
  out: GpuBuffer,
  range: Range = {},
): void {
  const { kernel, params } = sampler(distribution);
  const { start, count } = checkedRange(range, out.length);
  if (count > out.length) {
    throw new ShapeError(`${count} elements do not fit buffer ${out.label} with ${out.length}`, "draw fewer");
  }
  const words = distribution.kind === "constant" ? { n: count } : streamParams(key, start, count);
  recorder.dispatch(kernel, { out }, { ...words, ...params });
}

/**
 * The host twin: the same elements as {@linkcode recordDraw} gives, bit for bit.
 *
 * @param key Seed and stream.
 * @param distribution What is drawn.
 * @param range Which elements; `count` must be given.
 * @returns Float32Array, or Uint32Array for `bits`.
 * @throws {ArgumentError} when the distribution or the range is invalid.
 */
export function drawOnHost(
  key: Key,
  distribution: Distribution,
  range: Range & { count: number },
): Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  const chosen = sampler(distribution);
  const { start, count } = checkedRange(range, range.count);
  const out = chosen.type === "u32" ? new Uint32Array(count) : new Float32Array(count);
  const value = hostValue(distribution, chosen);
  const streamWords = halves(key.streamId), seedWords = halves(key.seed);
  for (let i = 0; i < count;) {
    const element = start + BigInt(i);
    const block = philox4x32([...halves(element >> 2n), ...streamWords], seedWords);
    for (let lane = Number(element & 3n); lane < 4 && i < count; lane++) out[i++] = value(block[lane]);
  }
  return out;
}

/** What a word becomes, in float64 steps that round to float32 exactly where the kernel does. */
function hostValue(d: Distribution, { params }: Sampler): (word: number) => number {
  const { fround } = Math;
  switch (d.kind) {
    case "constant":
      return () => params.value;
    case "bits":
      return (word) => word;
    case "bounded":
      return (word) => fround(((word >>> 8) - 2 ** 23) * 2 ** -23 * params.bound);
    case "normal":
      return (word) => fround(fround(standardNormal(word) * params.sigma) + (params.mean ?? 0));
    case "uniform": {
      const { low = 0, high = 1, width = 1, below = 0 } = params;
      return (word) => {
        const value = fround(fround((word >>> 8) * 2 ** -24 * width) + low);
        return value >= high ? below : value;
      };
    }
  }
}

function streamParams(key: Key, start: bigint, count: number): Record<StreamParam, number> {
  const [block_lo, block_hi] = halves(start >> 2n);
  const [seed_lo, seed_hi] = halves(key.seed), [stream_lo, stream_hi] = halves(key.streamId);
  const skip = Number(start & 3n);
  const n = Math.ceil((count + skip) / 4);
  return { n: count === 0 ? 0 : n, count, skip, seed_lo, seed_hi, stream_lo, stream_hi, block_lo, block_hi };
}

function checkedRange(range: Range, length: number): { start: bigint; count: number } {
  const { start = 0, count = length } = range;
  if (typeof start === "number" && !(Number.isSafeInteger(start) && start >= 0)) {
    throw new ArgumentError(`range start ${start} is no whole number from 0 on`, "past 2^53 give a bigint");
  }
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ArgumentError(`count ${count} is no whole number from 0 on`, "give one");
  }
  const first = BigInt(start);
  if (first < 0n || first + BigInt(count) > 1n << 66n) {
    throw new ArgumentError(
      `range ${first} to ${first + BigInt(count)} leaves the stream`,
      "stay between 0 and 2^66",
    );
  }
  return { start: first, count };
}
