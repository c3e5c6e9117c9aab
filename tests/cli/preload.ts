/**
 * Loaded ahead of every test by `deno task test`, so that the drivers do not talk into the report.
 *
 * @module
 */
import { quietDriver } from "../../src/cli/quiet.ts";

quietDriver();
