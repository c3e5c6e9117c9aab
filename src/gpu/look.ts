/**
 * Where the kernels of a program note NaN and infinities in what they write.
 *
 * @module
 */
import type { GpuBuffer } from "./buffer.ts";

/** Where NaN and infinities are noted: see `LookSource` of the kernels. */
export interface Look {
  /** The slots. */
  readonly seen: GpuBuffer<"u32">;
  /** The slot of what is looked at. */
  readonly slot: number;
  /** `cursor[0]` is the step. */
  readonly cursor: GpuBuffer<"u32">;
}

/**
 * What a kernel that looks is given beside its own buffers and parameters; nothing where it does not look.
 *
 * @param look Where it notes what it sees.
 */
export function lookArguments(
  look?: Look,
): { buffers: Readonly<Record<string, GpuBuffer>>; params: Readonly<Record<string, number>> } {
  if (look === undefined) return { buffers: {}, params: {} };
  return { buffers: { seen: look.seen, cursor: look.cursor }, params: { slot: look.slot } };
}
