/**
 * The version of the package, for the files that it writes.
 *
 * @module
 */

/** As in `deno.json`; a test holds them together. */
export const VERSION = "0.1.0";
