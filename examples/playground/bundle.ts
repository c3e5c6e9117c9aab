/**
 * TypeScript as one JavaScript file, for runtimes that know no TypeScript: the only caller of the bundler.
 *
 * @module
 */
import { createRequire } from "node:module";
import { fromFileUrl } from "@std/path";
import { build, type Plugin, stop } from "esbuild";

/** How {@linkcode bundle} writes its file. */
export interface BundleOptions {
  /** For which kind of runtime. */
  platform: "browser" | "node";
  /** Whether it is made short instead of readable. */
  minify?: boolean;
  /** Files that stand in for packages, by the package's name. */
  instead?: Readonly<Record<string, URL>>;
}

const ROOT = new URL("../../", import.meta.url);

/**
 * Bundles a file with all that it imports.
 *
 * @param entry Where it is.
 * @param options For what.
 * @returns The text of an ES module.
 */
export async function bundle(
  entry: URL,
  { platform, minify = false, instead = {} }: BundleOptions,
): Promise<string> {
  try {
    const { outputFiles } = await build({
      entryPoints: [fromFileUrl(entry)],
      bundle: true,
      write: false,
      platform,
      minify,
      format: "esm",
      target: "es2022", // lowers `using`
      charset: "utf8",
      legalComments: "none",
      logLevel: "silent",
      plugins: [packages(instead)],
    });
    return outputFiles[0].text;
  } finally {
    await stop(); // its process would outlive its work
  }
}

/** Finds packages where Deno has them; the bundler would look for a folder `node_modules`. */
function packages(instead: Readonly<Record<string, URL>>): Plugin {
  const own = ownEntries();
  return {
    name: "packages",
    setup({ onResolve }) {
      onResolve({ filter: /^[@a-z]/ }, ({ path, importer, kind }) => {
        if (kind === "entry-point" || path.startsWith("node:")) return undefined; // the bundler knows both
        const file = own.get(path) ?? instead[path];
        return { path: file === undefined ? createRequire(importer).resolve(path) : fromFileUrl(file) };
      });
    },
  };
}

/** This package's own entries by the names under which others import them: "@fanin/fanin/gpu". */
function ownEntries(): Map<string, URL> {
  const { name, exports }: { name: string; exports: Record<string, string> } = JSON.parse(
    Deno.readTextFileSync(new URL("deno.json", ROOT)),
  );
  return new Map(
    Object.entries(exports).map(([entry, path]) => [name + entry.slice(1), new URL(path, ROOT)]),
  );
}
