/**
 * Ranges of what is larger than a device binds at once: where they may begin, and how long they may be.
 *
 * @module
 */
import type { Kernel } from "../../kernels/kernel.ts";
import { ELEMENT_BYTES, type GpuBuffer, VIEW_ALIGNMENT } from "./buffer.ts";
import { LimitError } from "./errors.ts";

/** Consecutive units: rows, elements. */
export interface Part {
  /** The number of the first. */
  readonly first: number;
  /** How many. */
  readonly count: number;
}

/**
 * Cuts units into as few ranges as can be bound: in each buffer a range begins at a multiple of 64 elements and is no longer than a
 * binding.
 *
 * @param count Number of units, 0 or more; none gives no range.
 * @param perUnit Elements of a unit in each buffer that is cut, each 1 or more.
 * @param mostBytes Bytes that are bound at most: `gpu.bindingBytes`.
 * @param what Whose units, for the error.
 * @throws {LimitError} when so few units as may begin together are too large.
 */
export function partsOf(count: number, perUnit: readonly number[], mostBytes: number, what: string): Part[] {
  const largest = Math.max(...perUnit), most = Math.floor(mostBytes / ELEMENT_BYTES / largest);
  // Every step is a power of two, and so is what they have in common: the largest.
  const step = Math.max(...perUnit.map(alignedUnits)), each = most >= count ? count : most - most % step;
  if (count > 0 && each < 1) {
    throw new LimitError(
      `${what} has rows of ${
        largest * ELEMENT_BYTES
      } bytes, of which ${step} are bound together, and this device binds at most ${mostBytes} bytes`,
      "make them shorter, or as long as a multiple of 64 elements",
    );
  }
  const parts: Part[] = [];
  for (let first = 0; first < count; first += each) {
    parts.push({ first, count: Math.min(each, count - first) });
  }
  return parts;
}

/** Units of so many elements from one place where a view may begin to the next. */
function alignedUnits(elements: number): number {
  let step = VIEW_ALIGNMENT;
  for (let rest = elements; rest % 2 === 0 && step > 1; rest /= 2) step /= 2;
  return step;
}

/**
 * The elements of a part.
 *
 * @param buffer Units one behind the other.
 * @param part Which.
 * @param perUnit Elements of a unit.
 */
export function partOf<B extends GpuBuffer>(buffer: B, { first, count }: Part, perUnit: number): B {
  return buffer.view(first * perUnit, count * perUnit) as B;
}

/** What a kernel cannot bind, and how it would be cut. */
export function cannotBind(kernel: Kernel, { label, byteLength }: GpuBuffer, mostBytes: number): LimitError {
  return new LimitError(
    `kernel ${kernel.name} reads buffer ${label} whole, ${byteLength} bytes, and this device binds at most ${mostBytes}`,
    "make it smaller: a smaller batch, or fewer neurons",
  );
}
