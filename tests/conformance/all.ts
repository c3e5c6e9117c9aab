/**
 * `deno task test:conformance`: runs the table on every implementation that the machine has, and says which it had.
 *
 * `--json` prints one JSON document on standard output instead of lines. Exit status 1 when an implementation that ran gives other
 * bytes, or none ran on a GPU's driver at all.
 *
 * @module
 */
import { NotHere, type Run } from "../runtimes/implementation.ts";
import { IMPLEMENTATIONS } from "../runtimes/implementations.ts";
import { describe } from "./row.ts";
import { runConformance } from "./run.ts";
import { TABLE } from "./table.ts";

/** One way to draw the table. */
interface Drawer {
  readonly name: string;
  run(): Promise<Run<"conformance">>;
}

const DRAWERS: readonly Drawer[] = [
  { name: "host twin", run: hostTwin },
  ...IMPLEMENTATIONS.map(({ name, run }) => ({ name, run: () => run("conformance") })),
];

async function hostTwin(): Promise<Run<"conformance">> {
  return { runtime: `Deno ${Deno.version.deno}`, adapter: "none", result: await runConformance(null, TABLE) };
}

/** What became of one implementation. */
interface Verdict {
  /** Its name. */
  name: string;
  /** `failed` where it gave other bytes, or broke. */
  status: "same" | "failed" | "not here";
  /** Runtime and version, where it ran. */
  runtime?: string;
  /** The adapter in words, where it ran. */
  adapter?: string;
  /** Rows with the table's bytes. */
  rowsOk: number;
  /** Rows of the table. */
  rows: number;
  /** How long it took, starting included. */
  seconds: number;
  /** The rows with other bytes, in words. */
  mismatches: string[];
  /** Why it is not here, or what broke. */
  reason?: string;
}

async function judge({ name, run }: Drawer): Promise<Verdict> {
  const begin = performance.now(), common = { name, rows: TABLE.length };
  const seconds = (): number => Math.round((performance.now() - begin) / 100) / 10;
  try {
    return { ...common, ...verdictOf(await run()), seconds: seconds() };
  } catch (error) {
    const status = error instanceof NotHere ? "not here" : "failed";
    const reason = error instanceof Error ? error.message : String(error);
    return { ...common, status, rowsOk: 0, mismatches: [], reason, seconds: seconds() };
  }
}

function verdictOf(
  { runtime, adapter, result }: Run<"conformance">,
): Pick<Verdict, "status" | "runtime" | "adapter" | "rowsOk" | "mismatches"> {
  const rowsOk = result.filter(({ ok }) => ok).length;
  const mismatches = result.filter(({ ok }) => !ok).map(({ row }) => describe(TABLE[row]));
  return { status: rowsOk === TABLE.length ? "same" : "failed", runtime, adapter, rowsOk, mismatches };
}

/** A verdict as one line, and a line for each row that differs. */
function lines(v: Verdict): string {
  const name = v.name.padEnd(Math.max(...DRAWERS.map((d) => d.name.length)));
  if (v.reason !== undefined) return `${name}  ${v.status}: ${v.reason}`;
  const head = `${name}  ${v.rowsOk}/${v.rows} rows  ${v.seconds.toFixed(1)} s  ${v.adapter}  (${v.runtime})`;
  return [head, ...v.mismatches.map((row) => `  differs: ${row}`)].join("\n");
}

function closing(verdicts: readonly Verdict[]): string {
  const count = (status: Verdict["status"]): number => verdicts.filter((v) => v.status === status).length;
  return `${count("same")} with the same bits, ${count("failed")} failed, ${count("not here")} not here`;
}

/** Whether nothing differs, and more than the host has been asked. */
function isProof(verdicts: readonly Verdict[]): boolean {
  return verdicts.every((v) => v.status !== "failed") &&
    verdicts.filter((v) => v.status === "same").length > 1;
}

if (import.meta.main) {
  const json = Deno.args.includes("--json"), verdicts: Verdict[] = [];
  for (const drawer of DRAWERS) {
    verdicts.push(await judge(drawer));
    if (!json) console.log(lines(verdicts[verdicts.length - 1]));
  }
  console.log(json ? JSON.stringify({ rows: TABLE.length, implementations: verdicts }) : closing(verdicts));
  Deno.exit(isProof(verdicts) ? 0 : 1);
}
