/**
 * The runners as single JavaScript files, for runtimes that know no TypeScript.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { build, stop } from "esbuild";

const bundles = new Map<string, Promise<string>>();

/**
 * Bundles one of this folder's files with all that it imports; once in a process.
 *
 * @param file Its name.
 * @param platform For which kind of runtime.
 * @returns The text of an ES module.
 */
export function bundle(file: string, platform: "browser" | "node"): Promise<string> {
  const name = `${platform} ${file}`, known = bundles.get(name) ?? make(file, platform);
  bundles.set(name, known);
  return known;
}

async function make(file: string, platform: "browser" | "node"): Promise<string> {
  try {
    const { outputFiles } = await build({
      entryPoints: [fromFileUrl(new URL(file, import.meta.url))],
      bundle: true,
      write: false,
      platform,
      format: "esm",
      target: "es2022", // lowers `using`
      logLevel: "silent",
    });
    return outputFiles[0].text;
  } finally {
    await stop(); // its process would outlive the tests
  }
}
