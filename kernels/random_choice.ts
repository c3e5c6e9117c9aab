/**
 * Which variant of the random kernels serves an adapter best. Every variant gives the same bits on every adapter.
 *
 * @module
 */
import type { AdapterKind } from "./adapter.ts";
import type { TableStore } from "./kernel.ts";

/**
 * Where the normal's table is read from fastest. Images need WGSL's `readonly_and_readwrite_storage_textures`, so that only the
 * driver that they were measured on gets them.
 *
 * @param adapter What the kernel runs on.
 */
export function tableStoreFor(adapter: AdapterKind): TableStore {
  return adapter === "llvmpipe" ? "image" : "uniform";
}
