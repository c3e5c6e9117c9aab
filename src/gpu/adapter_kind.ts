/**
 * From what an adapter says of itself to the kernels that suit it.
 *
 * @module
 */
import type { AdapterKind } from "../../kernels/adapter.ts";
import type { AdapterSummary } from "./gpu.ts";

/** Which kernels suit an adapter: other software drivers have not been measured. */
export function adapterKind({ name, software }: AdapterSummary): AdapterKind {
  if (name.includes("llvmpipe")) return "llvmpipe";
  return software ? "software" : "gpu";
}
