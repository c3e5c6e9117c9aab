/**
 * The conformance table, typed.
 *
 * @module
 */
import type { Row } from "./row.ts";
import table from "./table.json" with { type: "json" };

/** Every row, in the file's order. */
export const TABLE: readonly Row[] = table as unknown as readonly Row[];
