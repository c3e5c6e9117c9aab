/**
 * Drawing: any range of any stream, on the device and on the host, with the same bits.
 *
 * @module
 */
import { type GeneratorName, GENERATORS } from "../../kernels/generator.ts";
import { FEW_BLOCKS, type StreamParam } from "../../kernels/random.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { tableStoreFor } from "../../kernels/random_choice.ts";
import { adapterKind } from "../gpu/adapter_kind.ts";
import type { GpuBuffer, HostArray } from "../gpu/buffer.ts";
import { hostArray } from "../gpu/buffer.ts";
import { ArgumentError, DtypeError, ShapeError } from "../gpu/errors.ts";
import { partOf, partsOf } from "../gpu/parts.ts";
import type { Recorder } from "../gpu/recorder.ts";
import { type Distribution, sampler } from "./distribution.ts";
import { halves, hostBlock } from "./generator.ts";
import { hostNumber } from "./host_number.ts";
import type { Key } from "./key.ts";

/** Which elements of a stream. */
export interface Range {
  /** First element, from 0 on; 0 unless given. A stream has 2^66 elements (Threefry: 2^64, in JAX's original layout 2^32 - 1). */
  start?: number | bigint;
  /** Number of elements, 0 or more. */
  count?: number;
  /** Elements of the whole tensor, below 2^32; only `threefry_original` depends on it. start + count unless given. */
  total?: number;
}

/** Elements of a stream: Philox counts blocks of four in 64 bits, Threefry elements in 64, JAX's original layout in 32. */
export const STREAM_LENGTHS: Readonly<Record<GeneratorName, bigint>> = {
  philox: 1n << 66n,
  threefry: 1n << 64n,
  threefry_original: (1n << 32n) - 1n,
};

/** A range with everything filled in and checked. */
interface CheckedRange {
  start: bigint;
  count: number;
  total: number;
}

/** What a draw's kernel is told beside its distribution; `threefry_original` also the size of the tensor. */
type StreamParams = Readonly<Record<StreamParam, number>> & { readonly [name: string]: number };

/**
 * Records the drawing of elements `start` to `start + count` of a key's stream into the first `count` elements of a buffer.
 *
 * @param recorder Where the dispatch is appended.
 * @param key Generator and stream.
 * @param distribution What is drawn.
 * @param out Where to; its element type is the distribution's.
 * @param range Which elements; as many as the buffer holds, from 0 on, unless given.
 * @throws {ArgumentError} when the distribution or the range is invalid.
 * @throws {ShapeError} when the buffer is too short.
 * @throws {DtypeError} when the buffer has other elements.
 */
export function recordDraw(
  recorder: Recorder,
  key: Key,
  distribution: Distribution,
  out: GpuBuffer,
  range: Range = {},
): void {
  const checked = checkedRange(key, range, out.length), { gpu } = recorder;
  if (checked.count > out.length) {
    throw new ShapeError(
      `${checked.count} elements do not fit buffer ${out.label} with ${out.length}`,
      "draw fewer",
    );
  }
  if (out.byteLength <= gpu.bindingBytes) return recordPart(recorder, key, distribution, out, checked);
  for (const part of partsOf(checked.count, [1], gpu.bindingBytes, out.label)) {
    const start = checked.start + BigInt(part.first);
    recordPart(recorder, key, distribution, partOf(out, part, 1), { ...checked, start, count: part.count });
  }
}

/** Draws into a buffer that can be bound. */
function recordPart(
  recorder: Recorder,
  key: Key,
  distribution: Distribution,
  out: GpuBuffer,
  checked: CheckedRange,
): void {
  const tables = tableStoreFor(adapterKind(recorder.gpu.adapter));
  const { kernel, kind, params, type } = sampler(distribution, key.generator, tables);
  if (out.type !== type) {
    throw new DtypeError(
      `${distribution.kind} numbers are ${type} and buffer ${out.label} holds ${out.type}`,
      "pass another buffer",
    );
  }
  if (kind === "constant") {
    const { count } = checked, whole = count > 0 && count % 4 === 0;
    recorder.dispatch(kernel(whole ? "blocks" : "range"), { out }, {
      n: whole ? count / 4 : count,
      ...params,
    });
    return;
  }
  const words = streamParams(key, checked);
  if (isOfBlocks(words)) {
    recordBlocks(recorder, kernel(words.n <= FEW_BLOCKS ? "few" : "blocks"), out, { ...words, ...params });
  } else recorder.dispatch(kernel("range"), { out }, { ...words, ...params });
}

/** Whether a range begins with a block, and its blocks have numbers of one upper half: the faster kernel can draw it. */
function isOfBlocks({ count, skip, block_lo }: StreamParams): boolean {
  return count > 0 && skip === 0 && block_lo + Math.ceil(count / 4) <= 2 ** 32;
}

/**
 * Draws blocks. Of the last one, where the range ends within it, what belongs to the range is copied: a network of odd sizes needs no
 * second kernel, which would take longer to compile than all of its numbers to draw.
 */
function recordBlocks(recorder: Recorder, kernel: Kernel<"out">, out: GpuBuffer, params: StreamParams): void {
  const n = Math.floor(params.count / 4), rest = params.count % 4;
  if (n > 0) recorder.dispatch(kernel, { out }, { ...params, n });
  if (rest === 0) return;
  const block = recorder.scratch(`last block of ${out.label}`, out.type, 4);
  recorder.dispatch(kernel, { out: block }, { ...params, n: 1, block_lo: params.block_lo + n });
  recorder.copy(block, out, 4 * n, rest);
}

/**
 * The host twin: the same elements as {@linkcode recordDraw} gives, bit for bit.
 *
 * @param key Generator and stream.
 * @param distribution What is drawn.
 * @param range Which elements; `count` must be given.
 * @returns Float32Array; Uint32Array for `bits`, Int32Array for `integers`.
 * @throws {ArgumentError} when the distribution or the range is invalid.
 */
export function drawOnHost(
  key: Key,
  distribution: Distribution,
  range: Range & { count: number },
): HostArray {
  const chosen = sampler(distribution, key.generator);
  const { start, count, total } = checkedRange(key, range, range.count);
  const out = hostArray(chosen.type, new ArrayBuffer(4 * count));
  const number = hostNumber(key.generator, chosen);
  for (let i = 0; i < count;) {
    const element = start + BigInt(i), q = element >> 2n;
    const block = hostBlock(key.generator, key.words, q, 0, total);
    for (let lane = Number(element & 3n); lane < 4 && i < count; lane++) {
      const place = lane;
      out[i++] = number(
        block[lane],
        (attempt) => hostBlock(key.generator, key.words, q, attempt, total)[place],
      );
    }
  }
  return out;
}

function streamParams(key: Key, { start, count, total }: CheckedRange): StreamParams {
  const [block_lo, block_hi] = halves(start >> 2n), [key0, key1, stream0, stream1] = key.words;
  const skip = Number(start & 3n), n = count === 0 ? 0 : Math.ceil((count + skip) / 4);
  const params = { n, count, skip, block_lo, block_hi, key0, key1, stream0, stream1 };
  const needsTotal = "total" in GENERATORS[key.generator].params;
  return needsTotal ? { ...params, total, half_total: Math.ceil(total / 2) } : params;
}

function checkedRange(key: Key, range: Range, length: number): CheckedRange {
  const { start = 0, count = length } = range;
  if (typeof start === "number" && !(Number.isSafeInteger(start) && start >= 0)) {
    throw new ArgumentError(`range start ${start} is no whole number from 0 on`, "past 2^53 give a bigint");
  }
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ArgumentError(`count ${count} is no whole number from 0 on`, "give one");
  }
  const first = BigInt(start), end = first + BigInt(count), total = range.total ?? Number(end);
  const most = STREAM_LENGTHS[key.generator];
  if (first < 0n || end > most) {
    throw new ArgumentError(`range ${first} to ${end} leaves the stream`, `stay between 0 and ${most}`);
  }
  if (
    key.generator === "threefry_original" && !(Number.isInteger(total) && total >= end && total < 2 ** 32)
  ) {
    throw new ArgumentError(
      `total ${total} for elements up to ${end}`,
      "give the whole tensor's size, below 2^32: JAX's original layout depends on it and ends there",
    );
  }
  return { start: first, count, total };
}
