/**
 * Damaged files for every reader: `deno run -A tests/faults/fuzz.ts [cases]`, 100,000 for each unless given.
 *
 * Every case must end in a result or in a typed error of one line, in less than a second, with buffers of at most twice the file's size and 4 KiB.
 *
 * @module
 */
import * as fc from "fast-check";
import { bytesAllocated } from "./allocation.ts";
import { damaged, endsInResultOrInputError } from "./hostile.ts";
import { type Reader, readers } from "./readers.ts";

/** What became of the cases of one reader. */
export interface Fuzzed {
  /** How many there were, and how many were read all the same. */
  cases: number;
  read: number;
  /** The longest, in milliseconds. */
  slowest: number;
  /** The most bytes of buffers that one asked for, beside the size of its file. */
  largest: { allocated: number; file: number };
}

/** A case may ask for so many times its file's bytes, and for this much beside: readers have tables and small buffers of their own. */
const TIMES = 2, BESIDE = 4096;

/**
 * Runs one reader.
 *
 * @param reader Which.
 * @param cases How many cases.
 * @param seed Of the cases.
 * @throws what a reader throws beside its typed errors, and `Error` where it is slow or asks for too much.
 */
export function fuzz(reader: Reader, cases: number, seed: number): Fuzzed {
  const result: Fuzzed = { cases, read: 0, slowest: 0, largest: { allocated: 0, file: 1 } };
  // One sample at a time would build its arbitrary anew; all at once would hold every case.
  for (let done = 0; done < cases; done += 1000) {
    const numRuns = Math.min(1000, cases - done);
    for (const bytes of fc.sample(damaged(reader.files), { numRuns, seed: seed + done })) {
      one(reader, bytes, result);
    }
  }
  return result;
}

function one(reader: Reader, bytes: Uint8Array<ArrayBuffer>, result: Fuzzed): void {
  const began = performance.now();
  const allocated = bytesAllocated(() => {
    if (endsInResultOrInputError(() => reader.read(bytes))) result.read++;
  });
  const milliseconds = performance.now() - began;
  result.slowest = Math.max(result.slowest, milliseconds);
  if (allocated * result.largest.file > result.largest.allocated * bytes.length) {
    result.largest = { allocated, file: bytes.length };
  }
  if (milliseconds > 1000) throw new Error(`${milliseconds} ms for ${bytes.length} bytes`);
  if (allocated > TIMES * bytes.length + BESIDE) {
    const begin = new TextDecoder().decode(bytes.subarray(0, 200));
    throw new Error(`${allocated} bytes of buffers for a file of ${bytes.length}: ${JSON.stringify(begin)}…`);
  }
}

if (import.meta.main) {
  const cases = Number(Deno.args[0] ?? 100_000);
  for (const [name, reader] of Object.entries(await readers())) {
    const { read, slowest, largest } = fuzz(reader, cases, 1);
    console.log(
      `${name}: ${cases} cases, ${read} read, ${cases - read} refused in a line, slowest ${
        slowest.toFixed(1)
      } ms, ` +
        `buffers at most ${largest.allocated} bytes for a file of ${largest.file}`,
    );
  }
}
