/**
 * The runners as single JavaScript files, for runtimes that know no TypeScript.
 *
 * @module
 */
import { bundle as bundleFile } from "../../examples/playground/bundle.ts";

const bundles = new Map<string, Promise<string>>();

/**
 * Bundles one of this folder's files with all that it imports; once in a process.
 *
 * @param file Its name.
 * @param platform For which kind of runtime.
 * @returns The text of an ES module.
 */
export function bundle(file: string, platform: "browser" | "node"): Promise<string> {
  const name = `${platform} ${file}`;
  const known = bundles.get(name) ?? bundleFile(new URL(file, import.meta.url), { platform });
  bundles.set(name, known);
  return known;
}
