/**
 * The results of `compare --seeds`: a file that is replaced as a whole after every run, so that a comparison that ended early goes
 * on where it was.
 *
 * @module
 */
import type { SeedRun } from "../diagnose/seeds.ts";
import { ArgumentError, FileError, FormatError } from "../gpu/errors.ts";
import { createHash } from "node:crypto";
import { firstDifference, type Settings } from "./checkpoint_file.ts";
import { readBytes, writeWhole } from "./files.ts";

/** What the file says it is. */
const FORMAT = "fanin compare --seeds";

/** What is in the file, beside a hash of it. */
interface Results {
  readonly format: typeof FORMAT;
  readonly settings: Settings;
  readonly runs: readonly SeedRun[];
}

/**
 * Reads the runs that an earlier call has kept.
 *
 * The file holds a SHA-256 of its own content: results are believed as they were written or not at all.
 *
 * @param path Where.
 * @param settings What each run depends on now, beside its seed and its initialisation.
 * @returns The runs; none where there is no such file.
 * @throws {FileError} when it cannot be read. {@linkcode FormatError} when it holds no results, or is damaged.
 * @throws {ArgumentError} when they were made with other settings.
 */
export async function readResults(path: string, settings: Settings): Promise<readonly SeedRun[]> {
  const bytes = await readBytes(path).catch((error) => {
    if (error instanceof FileError && error.cause instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (bytes === undefined) return [];
  const { settings: there, runs } = resultsOf(path, new TextDecoder().decode(bytes));
  const difference = firstDifference(there, settings);
  if (difference === undefined) return runs;
  throw new ArgumentError(
    `${path} was made with ${difference}`,
    "compare with the options that it was made with, or name another file: --results FILE.json",
  );
}

/**
 * Writes the runs so far.
 *
 * @param path Where to.
 * @param settings What each depends on.
 * @param runs All runs, those that were read among them.
 * @throws {FileError} when it cannot be written; the file before is as it was.
 */
export async function writeResults(
  path: string,
  settings: Settings,
  runs: readonly SeedRun[],
): Promise<void> {
  const results: Results = { format: FORMAT, settings, runs };
  const text = JSON.stringify({ ...results, sha256: hashOf(results) });
  await writeWhole(path, [new TextEncoder().encode(`${text}\n`)]);
}

/** What hashes to what the file says was written by {@linkcode writeResults}, and has its shape. */
function resultsOf(path: string, text: string): Results {
  try {
    const { sha256, ...results } = JSON.parse(text);
    if (results.format === FORMAT && sha256 === hashOf(results)) return results;
  } catch {
    // no JSON, or none of an object
  }
  throw new FormatError(
    `${path} is damaged, or holds no results of compare --seeds`,
    "remove it to begin again, or name another file: --results FILE.json",
  );
}

function hashOf(results: unknown): string {
  return createHash("sha256").update(JSON.stringify(results)).digest("hex");
}
