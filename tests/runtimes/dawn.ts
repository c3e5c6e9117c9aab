/**
 * Node and Bun with Dawn, as npm packages bring it. Each job has a folder of its own, in which npm installs the packages.
 *
 * @module
 */
import { join } from "@std/path";
import { bundle } from "./bundle.ts";
import { NotHere, type Run } from "./implementation.ts";
import type { JobName, Report } from "./jobs.ts";
import { findProgram, findSwiftShader, output } from "./machine.ts";

/**
 * Versions of the packages. They stand in no import of `deno.json`, since Deno cannot run them and whoever runs the tests should not
 * have to fetch them.
 */
const VERSIONS = { bun: "1.4.5", "bun-webgpu": "0.1.7", webgpu: "0.6.2" } as const;

/**
 * Does a job in the machine's Node, with npm's `webgpu`.
 *
 * @param job The job's name.
 * @throws {NotHere} when Node, the package or an adapter is missing.
 */
export async function inNode<J extends JobName>(job: J): Promise<Run<J>> {
  const node = findProgram("node");
  if (node === undefined) throw new NotHere("no node on PATH; install Node 20 or later");
  return await withPackages(["webgpu"], async (folder) => {
    return await runBundle("Node", node, "in_node.ts", "webgpu", job, folder);
  });
}

/**
 * Does a job in Bun with `bun-webgpu`, both from npm.
 *
 * @param job The job's name.
 * @throws {NotHere} when the packages, SwiftShader or an adapter is missing.
 */
export async function inBun<J extends JobName>(job: J): Promise<Run<J>> {
  // Without a driver that suits it bun-webgpu gives a device that computes nothing, and says nothing.
  swiftShader();
  return await withPackages(["bun", "bun-webgpu"], async (folder) => {
    return await runBundle("Bun", bunOf(folder), "in_bun.ts", "bun-webgpu", job, folder);
  });
}

/** Variables that choose SwiftShader's driver: Dawn needs a newer Mesa than Debian 12's. */
export function swiftShader(): Record<string, string> {
  const manifest = findSwiftShader();
  if (manifest === undefined) {
    throw new NotHere("no SwiftShader; install Chromium, which brings it (Debian: apt-get install chromium)");
  }
  return { VK_DRIVER_FILES: manifest };
}

async function runBundle<J extends JobName>(
  name: string,
  program: string,
  runner: string,
  dawn: keyof typeof VERSIONS,
  job: J,
  folder: string,
): Promise<Run<J>> {
  const env = findSwiftShader() === undefined ? {} : swiftShader(), file = join(folder, "bundle.mjs");
  await Deno.writeTextFile(file, await bundle(runner, "node"));
  const version = (await output(program, ["--version"])).trim().replace(/^v/, "");
  const report: Report<J> = JSON.parse(await output(program, [file, job], env, folder));
  return { runtime: `${name} ${version}, ${dawn} ${VERSIONS[dawn]}`, ...report };
}

async function withPackages<T>(
  names: readonly (keyof typeof VERSIONS)[],
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "fanin-dawn-" });
  try {
    const dependencies = Object.fromEntries(names.map((name) => [name, VERSIONS[name]]));
    await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
    await install(folder, Object.entries(dependencies).map((pair) => pair.join("@")).join(", "));
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** npm passes over an optional package that is missing, as one of `bun-webgpu`'s is; Deno does not. */
async function install(folder: string, what: string): Promise<void> {
  const npm = findProgram("npm");
  if (npm === undefined) throw new NotHere("no npm on PATH; install Node, which brings it");
  try {
    await output(npm, ["install", "--ignore-scripts", "--no-audit", "--no-fund"], {}, folder);
  } catch (error) {
    throw new NotHere(`npm's ${what} could not be installed (${String(error).split("\n")[0]})`);
  }
}

/** The program lies in a package for each platform; an install script, which is not run here, would move it to `bun`. */
function bunOf(folder: string): string {
  const arch = Deno.build.arch === "aarch64" ? "aarch64" : "x64", windows = Deno.build.os === "windows";
  const platform = `bun-${Deno.build.os}-${arch}`;
  return join(folder, `node_modules/@oven/${platform}/bin`, windows ? "bun.exe" : "bun");
}
