/**
 * The npm packages that only the conformance run needs. They are asked for by name at the moment of need: a literal import would
 * have every `deno check` and every lock file fetch them.
 *
 * @module
 */
import { NotHere } from "./implementation.ts";

/** Their versions. */
export const VERSIONS = { esbuild: "0.28.2", "playwright-core": "1.65.1", webgpu: "0.6.2" } as const;

/** What is used of esbuild. */
export interface Esbuild {
  /** Bundles. */
  build(options: Readonly<Record<string, unknown>>): Promise<{ outputFiles: { text: string }[] }>;
  /** Ends its process. */
  stop(): Promise<void>;
}

/** What is used of a page of Playwright's. */
export interface Page {
  /** Opens an address. */
  goto(url: string): Promise<unknown>;
  /** Evaluates an expression; a promise is awaited. */
  evaluate(expression: string): Promise<unknown>;
}

/** What is used of a browser of Playwright's. */
export interface Browser {
  /** Opens a page. */
  newPage(): Promise<Page>;
  /** Its version. */
  version(): string;
  /** Ends it. */
  close(): Promise<void>;
}

/** What is used of Playwright. */
export interface Playwright {
  /** Chromium and its relatives. */
  chromium: { launch(options: { executablePath: string; args: string[] }): Promise<Browser> };
}

/** esbuild, fetched from npm unless it has been before. */
export function esbuild(): Promise<Esbuild> {
  return tool("esbuild") as Promise<Esbuild>;
}

/** Playwright without its browsers, fetched from npm unless it has been before. */
export function playwright(): Promise<Playwright> {
  return tool("playwright-core") as Promise<Playwright>;
}

async function tool(name: keyof typeof VERSIONS): Promise<unknown> {
  const specifier = `npm:${name}@${VERSIONS[name]}`;
  try {
    const loaded = await import(specifier);
    return loaded.default ?? loaded;
  } catch (error) {
    throw new NotHere(`${specifier} could not be loaded (${String(error).split("\n")[0]})`);
  }
}
