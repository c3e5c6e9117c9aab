/**
 * What there is on this machine: programs, drivers, and processes of them.
 *
 * @module
 */
import { basename, join } from "@std/path";
import { NotHere } from "./implementation.ts";

/** Folders in which a Chromium keeps the Vulkan driver that it falls back on. */
const SWIFTSHADER_FOLDERS = [
  "/usr/lib/chromium",
  "/usr/lib/chromium-browser",
  "/usr/lib64/chromium-browser",
  "/opt/google/chrome",
  "/opt/chromium.org/chromium",
];

/** Longest that one implementation may take. */
const PATIENCE_MS = 300_000;

/** Where Deno puts a stand-in of its own for a Node that is missing, in front of PATH. */
const DENO_AS_NODE = "node_compat_bin";

/** A program's path; the first of the names that is on PATH. */
export function findProgram(...names: string[]): string | undefined {
  const windows = Deno.build.os === "windows";
  const folders = (Deno.env.get("PATH") ?? "").split(windows ? ";" : ":").filter((folder) =>
    folder !== "" && basename(folder) !== DENO_AS_NODE
  );
  return names.flatMap((name) => folders.map((folder) => join(folder, windows ? `${name}.exe` : name)))
    .find(isFile);
}

/** The manifest of SwiftShader's Vulkan driver, or undefined. */
export function findSwiftShader(): string | undefined {
  return SWIFTSHADER_FOLDERS.map((folder) => `${folder}/vk_swiftshader_icd.json`).find(isFile);
}

/**
 * Runs a program to its end.
 *
 * @param program Its path.
 * @param args Its arguments.
 * @param env Variables beside those of this process.
 * @param cwd Where.
 * @returns Its standard output.
 * @throws {NotHere} when it finds no adapter.
 */
export async function output(
  program: string,
  args: string[],
  env: Record<string, string> = {},
  cwd?: string,
): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const result = await new Deno.Command(program, { args, env, cwd, stdin: "null", signal }).output();
  const text = new TextDecoder(), errors = text.decode(result.stderr);
  if (result.success) return text.decode(result.stdout);
  if (errors.includes("NoAdapterError")) throw new NotHere("no WebGPU adapter answers");
  throw new Error(`${program} ended with status ${result.code}: ${errors.trim().slice(-2000)}`);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
