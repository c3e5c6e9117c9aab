/**
 * The sizes that every kernel is tried on: none, one, and both sides of each power of two that a tile or a
 * workgroup may have.
 *
 * @module
 */

/** The sizes of one dimension. */
// deno-fmt-ignore
export const ODD_SIZES: readonly number[] = [
  0, 1, 2, 3, 5, 7, 8, 9, 13, 16, 17, 31, 33, 63, 64, 65, 127, 129,
];

/** The sizes of a matrix product: C is `[m, n]`, with sums of k terms. */
export interface Triple {
  /** Rows of C. */
  readonly m: number;
  /** Columns of C. */
  readonly n: number;
  /** Terms of each sum. */
  readonly k: number;
}

// With a stride that shares no factor with the number of sizes, a walk meets every size exactly once.
const WALKS = [
  { stride: { m: 1, n: 1, k: 1 }, offset: { n: 0, k: 0 } },
  { stride: { m: 1, n: 5, k: 7 }, offset: { n: 4, k: 9 } },
  { stride: { m: 1, n: 7, k: 11 }, offset: { n: 11, k: 2 } },
  { stride: { m: 1, n: 13, k: 17 }, offset: { n: 7, k: 15 } },
] as const;

/**
 * Triples of {@linkcode ODD_SIZES} in which every size takes every position at least four times: a covering
 * of the 5832 triples of the full cube by 72 at most. The first 18 are the cubes m = n = k. Always the same,
 * in the same order, none twice.
 */
export function matmulTriples(): Triple[] {
  const size = (index: number): number => ODD_SIZES[index % ODD_SIZES.length];
  const triples = new Map<string, Triple>();
  for (const { stride, offset } of WALKS) {
    for (let i = 0; i < ODD_SIZES.length; i++) {
      const triple = {
        m: size(i * stride.m),
        n: size(i * stride.n + offset.n),
        k: size(i * stride.k + offset.k),
      };
      triples.set(`${triple.m},${triple.n},${triple.k}`, triple);
    }
  }
  return [...triples.values()];
}
