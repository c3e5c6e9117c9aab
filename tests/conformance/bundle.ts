/**
 * The runners as single JavaScript files, for runtimes that know no TypeScript.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { esbuild } from "./tools.ts";

/**
 * Bundles one of this folder's files with all that it imports.
 *
 * @param file Its name.
 * @param platform For which kind of runtime.
 * @returns The text of an ES module.
 */
export async function bundle(file: string, platform: "browser" | "node"): Promise<string> {
  const { build, stop } = await esbuild();
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
    await stop();
  }
}
