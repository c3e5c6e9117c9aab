/**
 * Inputs for a diagnosis where no data is at hand.
 *
 * @module
 */
import { drawOnHost } from "../random/draw.ts";
import { key } from "../random/key.ts";

/** Rows that {@linkcode normalBatch} draws: as many as `diagnose` measures. */
const ROWS = 256;

/**
 * Rows of standard normal numbers, always the same ones, with labels in turn: what `fanin diagnose --data normal` measures on.
 *
 * @param inputs Numbers in a row, 1 or more.
 * @param outputs Labels go from 0 to this, exclusive; 1 or more.
 * @param rows How many rows, 1 or more; 256 unless given, as many as `diagnose` measures.
 * @throws {ArgumentError} when there cannot be as many numbers.
 */
export function normalBatch(
  inputs: number,
  outputs: number,
  rows: number = ROWS,
): { features: Float32Array<ArrayBuffer>; labels: Uint32Array<ArrayBuffer> } {
  const normal = { kind: "normal", mean: 0, std: 1 } as const;
  const features = drawOnHost(key(0).stream("inputs"), normal, { count: rows * inputs });
  return {
    features: features as Float32Array<ArrayBuffer>,
    labels: Uint32Array.from({ length: rows }, (_, row) => row % outputs),
  };
}
