/**
 * Stands in for JSR's `@std/path`: the part of it that fanin uses, with the same names, signatures and results, made of
 * Deno's own `node:path` and `node:url`.
 *
 * @module
 */
import nodePath from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** What stands between the parts of a path: `\` on Windows, `/` elsewhere. */
export const SEPARATOR: "/" | "\\" = nodePath.sep;

/** What stands between the paths of a list: `;` on Windows, `:` elsewhere. */
export const DELIMITER: ":" | ";" = nodePath.delimiter;

/** The path as text; a `file:` address is turned into the path that it names. */
function toPath(path: string | URL): string {
  return path instanceof URL ? fromFileUrl(path) : path;
}

/** The path that a `file:` address names. */
export function fromFileUrl(url: string | URL): string {
  const address = url instanceof URL ? url : new URL(url);
  if (address.protocol !== "file:") {
    throw new TypeError(`URL must be a file URL: received "${address.protocol}"`);
  }
  return fileURLToPath(address);
}

/** The `file:` address of an absolute path. */
export function toFileUrl(path: string): URL {
  if (!isAbsolute(path)) throw new TypeError(`Path must be absolute: received "${path}"`);
  return pathToFileURL(path);
}

/** The parts joined with the separator, without `.`, `..` and doubled separators where they can be resolved. */
export function join(path: string | URL, ...paths: string[]): string {
  return nodePath.join(toPath(path), ...paths);
}

/** The path up to its last part. */
export function dirname(path: string | URL): string {
  return nodePath.dirname(toPath(path));
}

/** The last part of the path, without the suffix where it ends so. */
export function basename(path: string | URL, suffix = ""): string {
  return nodePath.basename(toPath(path), suffix);
}

/** The extension with its dot, or the empty string. */
export function extname(path: string | URL): string {
  return nodePath.extname(toPath(path));
}

/** The segments, from right to left, made into one absolute path. */
export function resolve(...pathSegments: string[]): string {
  return nodePath.resolve(...pathSegments);
}

/** How to come from one path to the other. */
export function relative(from: string, to: string): string {
  return nodePath.relative(from, to);
}

/** The path without `.`, `..` and doubled separators where they can be resolved. */
export function normalize(path: string | URL): string {
  return nodePath.normalize(toPath(path));
}

/** Whether the path starts from the root. */
export function isAbsolute(path: string): boolean {
  return nodePath.isAbsolute(path);
}
