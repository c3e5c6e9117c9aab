/**
 * Stands in for JSR's `@std/cli`: the part of it that fanin uses, which is the parser of arguments.
 *
 * @module
 */
export * from "./parse_args.ts";
