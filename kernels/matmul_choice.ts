/**
 * Which variant of the matrix product serves an adapter and a shape best. Every variant gives the same bits on one adapter.
 *
 * @module
 */
import type { AdapterKind } from "./adapter.ts";
import { imageTexels, MOST_TEXELS } from "./image.ts";
import { DEFAULT_TILE } from "./matmul.ts";
import { IMAGE_TILE } from "./matmul_image.ts";
import type { MatmulTile } from "./matmul_tile.ts";
import { WORKGROUP_TILE } from "./matmul_workgroup.ts";

/** A variant of the matrix product. */
export interface MatmulVariant {
  /**
   * Where the operands are read from: buffers (`matmul`), images that they are packed into first (`matmulImage`), or workgroup
   * memory (`matmulWorkgroup`).
   */
  readonly operands: "buffers" | "images" | "workgroup";
  /** How the work is cut. */
  readonly tile: MatmulTile;
}

/** For results of few columns: the lanes that would have none take rows. */
const NARROW_IMAGE_TILE: MatmulTile = { rows: 4, columns: 4, groupRows: 2, groupColumns: 4 };

/**
 * The variant that does best.
 *
 * @param adapter What the kernel runs on.
 * @param sizes Rows and columns of C, and terms of each sum.
 */
export function matmulVariant(
  adapter: AdapterKind,
  { m, n, k }: { m: number; n: number; k: number },
): MatmulVariant {
  if (adapter === "gpu") return { operands: "workgroup", tile: WORKGROUP_TILE };
  const longest = Math.max(m, n), most = Math.max(imageTexels(longest, k), imageTexels(k, longest));
  // Nothing to pack, or nothing to do, or more than an image holds, whichever way the operands are stored.
  if (adapter !== "llvmpipe" || m * n * k === 0 || most > MOST_TEXELS) {
    return { operands: "buffers", tile: DEFAULT_TILE };
  }
  return { operands: "images", tile: n <= 16 ? NARROW_IMAGE_TILE : IMAGE_TILE };
}
