/**
 * What training keeps in the device's memory, as text.
 *
 * @module
 */
import type { MemoryReport } from "../bench/memory.ts";
import { aligned } from "./bench_table.ts";
import { count, NOTHING } from "./format.ts";

/**
 * A line a part.
 *
 * @param report What was counted.
 */
export function memoryTable({ training, parts, bytes }: MemoryReport): string {
  const head = ["part", "buffers", "bytes", "4 bytes a number"];
  const cells = parts.map(({ part, buffers, bytes, expected }) => [
    part,
    count(buffers),
    count(bytes),
    expected === null ? NOTHING : count(expected),
  ]);
  const buffers = parts.reduce((sum, part) => sum + part.buffers, 0);
  return [training, ...aligned([head, ...cells, ["all", count(buffers), count(bytes), ""]], 1)].join("\n");
}
