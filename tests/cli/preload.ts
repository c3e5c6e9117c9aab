/**
 * Loaded ahead of every test by `deno task test`, so that the drivers do not talk into the report, and use every core.
 *
 * @module
 */
import { prepareDriver } from "../../src/cli/driver_environment.ts";

prepareDriver();
