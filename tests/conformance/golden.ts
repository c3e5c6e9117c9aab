/**
 * Answers of other systems, from `tests/golden/`.
 *
 * @module
 */
import { sha256 } from "./run.ts";

/**
 * The SHA-256 that a golden file gives for a row.
 *
 * @param at The file and a JSON pointer into it, to a hash or to the 32-bit words themselves: "philox_streams.json#/streams/0/u32".
 */
export async function goldenSha256(at: string): Promise<string> {
  const [file, pointer] = at.split("#");
  let found: unknown = JSON.parse(await Deno.readTextFile(new URL(`../golden/${file}`, import.meta.url)));
  for (const name of pointer.split("/").slice(1)) found = (found as Record<string, unknown>)[name];
  if (typeof found === "string") return found;
  if (Array.isArray(found)) return await sha256(Uint32Array.from(found as number[]));
  throw new Error(`${at} leads to neither a hash nor words`);
}
