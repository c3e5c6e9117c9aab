/**
 * Prints the conformance table: `deno run -A make_table.ts | deno fmt --ext json - > table.json`.
 *
 * The bytes are the host twin's. No row is printed unless a second source has the same: the file of `tests/golden/` that it names,
 * or the oracle.
 *
 * @module
 */
import { CASES } from "./cases.ts";
import { goldenSha256 } from "./golden.ts";
import { oracle } from "./oracle.ts";
import { type Case, describe, type Row } from "./row.ts";
import { drawCaseOnHost, sha256 } from "./run.ts";

async function answer(c: Case): Promise<Row> {
  const hash = await sha256(drawCaseOnHost(c));
  const second = c.golden === undefined ? await sha256(oracle(c)) : await goldenSha256(c.golden);
  if (hash !== second) throw new Error(`${describe(c)} is ${hash} here and ${second} elsewhere`);
  return { ...c, sha256: hash };
}

if (import.meta.main) {
  const rows: Row[] = [];
  for (const c of CASES) rows.push(await answer(c));
  console.log(JSON.stringify(rows));
}
