/**
 * Which variant of the matrix product serves an adapter and a shape best. Every variant gives the same bits on one adapter.
 *
 * @module
 */
import type { AdapterKind } from "./adapter.ts";
import { imageTexels, MOST_TEXELS } from "./image.ts";
import { uniformFours } from "./kernel.ts";
import { DEFAULT_TILE } from "./matmul.ts";
import { HUGE_IMAGE_TILE, IMAGE_TILE, LARGE_IMAGE_TILE } from "./matmul_image.ts";
import { type MatmulForm, type MatmulSizes, type MatmulTile, tileName } from "./matmul_tile.ts";
import { FEW, smallLength, uniformTile } from "./matmul_uniform.ts";
import { WORKGROUP_TILE } from "./matmul_workgroup.ts";

/** A variant of the matrix product. */
export interface MatmulVariant {
  /**
   * Where the operands are read from: buffers (`matmul`), images that they are packed into first (`matmulImage`), workgroup memory
   * (`matmulWorkgroup`), or the small one from a uniform buffer (`matmulUniform`; `matmul` where it is too large for one).
   */
  readonly operands: "buffers" | "images" | "workgroup" | "uniform";
  /** How the work is cut. */
  readonly tile: MatmulTile;
}

/** For results of few columns: the lanes that would have none take rows. */
const NARROW_IMAGE_TILE: MatmulTile = { rows: 8, columns: 4, groupRows: 2, groupColumns: 4 };

/** Up to so many multiplications, packing an operand takes longer than reading it from its buffer as it lies. */
const WORTH_PACKING = 2 ** 20;

/** Up to so many multiplications, copying operands takes longer than reading one from its buffer and the other from a uniform. */
const WORTH_COPYING = 2 ** 23;

/** From so many multiplications on, a larger tile is worth compiling: it takes up to a quarter less time, and twice as long to compile. */
const WORTH_COMPILING = 2 ** 23;

/** From so many on, the largest is, with others or not: it saves 10 to 20 ms of 100 each time, and takes half a second more to compile. */
const WORTH_ANYWAY = 1e9;

/** From so many on, it is for a product that stands alone: it saves 4 to 20 percent in the forms `nt` and `tn`; 5 in `nn`, not enough. */
const WORTH_ALONE: Readonly<Record<MatmulForm, number>> = { nn: WORTH_ANYWAY, nt: 2 ** 25, tn: 2 ** 25 };

/**
 * The variant that does best.
 *
 * @param adapter What the kernel runs on.
 * @param form Which operands are stored transposed.
 * @param sizes Rows and columns of C, and terms of each sum.
 * @param alone Whether no other product will read its operands, or is compiled with it: packing and a kernel of its own are then for this
 *   one alone.
 */
export function matmulVariant(
  adapter: AdapterKind,
  form: MatmulForm,
  sizes: MatmulSizes,
  alone = true,
): MatmulVariant {
  if (adapter === "gpu") return { operands: "workgroup", tile: WORKGROUP_TILE };
  const { m, n, k } = sizes;
  // Nothing to pack, or nothing to do, or more than an image holds.
  if (adapter !== "llvmpipe" || m * n * k === 0 || !imagesHold(sizes)) {
    return { operands: "buffers", tile: DEFAULT_TILE };
  }
  if (alone && isFew(form, sizes) && uniformFours(smallLength(form, sizes)) !== undefined) {
    return { operands: "uniform", tile: uniformTile(form, sizes) };
  }
  if (alone && m * n * k <= WORTH_PACKING && needsPacking(form, sizes)) {
    return { operands: "buffers", tile: DEFAULT_TILE };
  }
  return { operands: "images", tile: imageTile(form, sizes, alone) };
}

/** Whether images hold the operands of a product, whichever way they are stored. */
export function imagesHold({ m, n, k }: MatmulSizes): boolean {
  const longest = Math.max(m, n);
  return Math.max(imageTexels(longest, k), imageTexels(k, longest)) <= MOST_TEXELS;
}

function imageTile(form: MatmulForm, { m, n, k }: MatmulSizes, alone: boolean): MatmulTile {
  if (n <= 16) return NARROW_IMAGE_TILE;
  const work = m * n * k;
  if (work >= (alone ? WORTH_ALONE[form] : WORTH_ANYWAY)) return HUGE_IMAGE_TILE;
  return !alone || work < WORTH_COMPILING ? IMAGE_TILE : LARGE_IMAGE_TILE[form];
}

/** Smaller and larger blocks than the usual one, and fewer invocations for as large a one: which does best depends on the GPU. */
const GPU_TILES: readonly MatmulTile[] = [
  WORKGROUP_TILE,
  { rows: 4, columns: 4, groupRows: 8, groupColumns: 8 },
  { rows: 8, columns: 4, groupRows: 8, groupColumns: 16 },
  { rows: 2, columns: 2, groupRows: 16, groupColumns: 16 },
];

/** Fewer results an invocation than {@linkcode DEFAULT_TILE}. */
const SMALLER_TILE: MatmulTile = { rows: 4, columns: 4, groupRows: 1, groupColumns: 8 };

/**
 * The variants that are worth timing on an adapter, for one that is to be measured: the one that `matmulVariant` chooses comes first.
 *
 * @param adapter What the kernel runs on.
 * @param form Which operands are stored transposed.
 * @param sizes Rows and columns of C, and terms of each sum.
 */
export function matmulCandidates(
  adapter: AdapterKind,
  form: MatmulForm,
  sizes: MatmulSizes,
): readonly MatmulVariant[] {
  const usual = matmulVariant(adapter, form, sizes);
  const of = (operands: "buffers" | "images" | "workgroup", tiles: readonly MatmulTile[]): MatmulVariant[] =>
    tiles.map((tile) => ({ operands, tile }));
  const others = [
    ...adapter === "gpu" ? of("workgroup", GPU_TILES) : [],
    ...usual.operands === "images" ? of("images", [IMAGE_TILE, LARGE_IMAGE_TILE[form], HUGE_IMAGE_TILE]) : [],
    ...of("buffers", [DEFAULT_TILE, SMALLER_TILE]),
  ];
  const isUsual = ({ operands, tile }: MatmulVariant) =>
    operands === usual.operands && tileName(tile) === tileName(usual.tile);
  return [usual, ...others.filter((one) => !isUsual(one))];
}

/** Whether rows or columns of C or the terms of its sums are so few, as the form has it, that an operand is best bound as a uniform. */
function isFew(form: MatmulForm, { m, n, k }: MatmulSizes): boolean {
  if (form === "nt") return n <= FEW;
  return (form === "tn" ? m : k) <= FEW && m * n * k <= WORTH_COPYING;
}

/** Whether the rows of an operand, as it is stored, are no whole texels: a dispatch packs it then, where others are copied. */
function needsPacking(form: MatmulForm, { m, n, k }: MatmulSizes): boolean {
  return (form === "tn" ? m : k) % 4 !== 0 || (form === "nt" ? k : n) % 4 !== 0;
}
