/**
 * Runs the conformance table on one implementation, through the public API alone: no `Deno`, no GPU global, so that Deno, a page, a
 * worker and Node can each run it as it is.
 *
 * @module
 */
import type { Gpu, GpuBuffer, HostArray } from "../../src/gpu/mod.ts";
import { drawOnHost, recordDraw, sampler } from "../../src/random/mod.ts";
import { type Case, keyOf, rangeOf, type Row } from "./row.ts";

/** What became of one row. */
export interface Outcome {
  /** Its place in the table. */
  row: number;
  /** SHA-256 of what was drawn, in hexadecimal. */
  sha256: string;
  /** Whether that is the table's. */
  ok: boolean;
}

/** Elements that are drawn with one submit and read with one wait. */
const BATCH = 2 ** 21;

/**
 * Draws every row and compares the hashes.
 *
 * @param gpu The device; null for the host twin.
 * @param rows Which rows.
 */
export async function runConformance(gpu: Gpu | null, rows: readonly Row[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const batch of batches(rows)) {
    const drawn = gpu === null ? batch.map(drawCaseOnHost) : await drawCases(gpu, batch);
    for (const [i, values] of drawn.entries()) {
      const hash = await sha256(values);
      outcomes.push({ row: outcomes.length, sha256: hash, ok: hash === batch[i].sha256 });
    }
  }
  return outcomes;
}

/** A case by the host twin. */
export function drawCaseOnHost(c: Case): HostArray {
  return drawOnHost(keyOf(c), c.distribution, rangeOf(c));
}

/** Cases on a device, with one submit and one wait. */
export async function drawCases(gpu: Gpu, cases: readonly Case[]): Promise<HostArray[]> {
  const buffers: GpuBuffer[] = [];
  try {
    for (const c of cases) {
      buffers.push(gpu.buffer("row", sampler(c.distribution, c.generator).type, c.count));
    }
    using program = await gpu.record("conformance", (recorder) => {
      cases.forEach((c, i) => recordDraw(recorder, keyOf(c), c.distribution, buffers[i], rangeOf(c)));
    });
    program.submit();
    return await gpu.readAll(buffers);
  } finally {
    for (const buffer of buffers) buffer[Symbol.dispose]();
  }
}

/** SHA-256 in hexadecimal. The bytes are little-endian wherever a typed array is: on every machine with WebGPU. */
export async function sha256(values: HostArray): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", values);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The rows in order, in groups of about {@linkcode BATCH} elements. */
function batches(rows: readonly Row[]): Row[][] {
  const groups: Row[][] = [];
  let room = 0;
  for (const row of rows) {
    if (row.count > room || groups.length === 0) {
      groups.push([]);
      room = BATCH;
    }
    groups[groups.length - 1].push(row);
    room -= row.count;
  }
  return groups;
}
