/**
 * `deno task setup`: makes sure that there is a WebGPU adapter, and installs Mesa's software Vulkan driver where there is
 * none and this can be done (as root, on Debian and its relatives). It says nothing where nothing is to be done.
 *
 * @module
 */
import { NoAdapterError } from "../gpu/errors.ts";
import { quietDriver } from "./quiet.ts";

/** The Debian packages that give a machine without a GPU a Vulkan driver. */
const PACKAGES = ["mesa-vulkan-drivers", "libvulkan1"];
const INSTALL = `apt-get install ${PACKAGES.join(" ")}`;

/** Variables that decide which drivers are looked for: the first suspects where an installed one is not found. */
const DRIVER_VARIABLES = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "DENO_WEBGPU_BACKEND"];

/** What the decision depends on. */
export interface Machine {
  /** Whether WebGPU finds an adapter. */
  hasAdapter: boolean;
  /** The operating system, as in `Deno.build.os`. */
  os: typeof Deno.build.os;
  /** Whether it is Debian or one of its relatives. */
  isDebian: boolean;
  /** Whether there is `apt-get`. */
  hasApt: boolean;
  /** Whether the user may install packages. */
  isRoot: boolean;
}

/** What is to be done: nothing, an installation, or something by the user, who is told `remedy`. */
export type SetupPlan = { do: "nothing" } | { do: "install" } | { do: "tell"; remedy: string };

/** What is to be done on such a machine. */
export function setupPlan(machine: Machine): SetupPlan {
  if (machine.hasAdapter) return { do: "nothing" };
  if (machine.os !== "linux") {
    return { do: "tell", remedy: "install the GPU's driver, with support for Vulkan, Metal or D3D12" };
  }
  if (!machine.isDebian || !machine.hasApt) {
    return {
      do: "tell",
      remedy:
        "install a Vulkan driver: a GPU's own or Mesa's software driver (lavapipe), and the Vulkan loader",
    };
  }
  if (!machine.isRoot) {
    return { do: "tell", remedy: `install Mesa's software Vulkan driver as root: ${INSTALL}` };
  }
  return { do: "install" };
}

/** Whether the text of `/etc/os-release` names Debian or one of its relatives. */
export function isDebianLike(osRelease: string): boolean {
  const ids = [...osRelease.matchAll(/^(?:ID|ID_LIKE)=["']?([^"'\n]*)/gm)].flatMap((match) =>
    match[1].split(/\s+/)
  );
  return ids.includes("debian") || ids.includes("ubuntu");
}

/** What a process that has ended left. */
export interface Outcome {
  /** Whether its exit status was 0. */
  success: boolean;
  /** Its standard output and standard error. */
  output: string;
}

/** The machine as `setup` sees and changes it. */
export interface Host {
  /** The adapter's name, or null without one. Asks anew each time. */
  adapter(): Promise<string | null>;
  /** The facts for the decision, except the adapter. */
  facts(): Omit<Machine, "hasAdapter">;
  /** An environment variable. */
  env(name: string): string | undefined;
  /** Runs a program to its end. */
  run(program: string, args: string[]): Promise<Outcome>;
  /** Prints to standard error. */
  say(text: string): void;
}

/**
 * Makes sure that there is an adapter.
 *
 * @param host The machine.
 * @returns The adapter's name.
 * @throws {NoAdapterError} when there is none and none could be installed.
 */
export async function setup(host: Host): Promise<string> {
  const name = await host.adapter();
  const plan = setupPlan({ ...host.facts(), hasAdapter: name !== null });
  if (plan.do === "tell") throw new NoAdapterError("no WebGPU adapter", plan.remedy);
  if (plan.do === "install") await install(host);
  const found = name ?? await host.adapter();
  if (found === null) {
    throw new NoAdapterError("no WebGPU adapter although Mesa's driver is installed", suspects(host));
  }
  return found;
}

/** Installs Mesa's driver, in silence unless it fails. */
async function install(host: Host): Promise<void> {
  host.say(`no WebGPU adapter: installing Mesa's software Vulkan driver (${INSTALL})`);
  // The lists may be missing or old. Where they cannot be fetched, what is there may still do: the install decides.
  const update = await host.run("apt-get", ["update", "-qq"]);
  const result = await host.run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...PACKAGES]);
  if (result.success) return;
  host.say(`${update.output}${result.output}`.trimEnd());
  throw new NoAdapterError(
    "no WebGPU adapter and the installation of Mesa's driver failed",
    `repair it and run: ${INSTALL}`,
  );
}

/** What may keep an installed driver from being found. */
function suspects(host: Host): string {
  const set = DRIVER_VARIABLES.filter((name) => host.env(name));
  if (set.length === 0) return "see what `vulkaninfo` (package vulkan-tools) says";
  return `unset ${set.map((name) => `${name} (${host.env(name)})`).join(", ")}`;
}

/** The program of {@linkcode adapterName}: a process of its own, since drivers are looked for once in a process. */
const PROBE = `const adapter = await navigator.gpu?.requestAdapter();
if (!adapter) Deno.exit(3);
console.log(adapter.info.description || adapter.info.vendor || "unnamed");`;

/** The name of the adapter that a new process gets, or null. */
async function adapterName(): Promise<string | null> {
  const { success, output } = await run(Deno.execPath(), ["eval", "--no-config", PROBE], "null");
  return success ? output.trim() : null; // a driver that crashes is none
}

async function run(program: string, args: string[], stderr: "piped" | "null" = "piped"): Promise<Outcome> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const command = new Deno.Command(program, { args, env, stdin: "null", stdout: "piped", stderr });
  const result = await command.output();
  const text = new TextDecoder();
  const errors = stderr === "piped" ? text.decode(result.stderr) : "";
  return { success: result.success, output: text.decode(result.stdout) + errors };
}

function readText(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The machine that this runs on. */
const thisHost: Host = {
  adapter: adapterName,
  facts: () => ({
    os: Deno.build.os,
    isDebian: readText("/etc/debian_version") !== null || isDebianLike(readText("/etc/os-release") ?? ""),
    hasApt: isFile("/usr/bin/apt-get"),
    isRoot: Deno.uid() === 0,
  }),
  env: (name) => Deno.env.get(name),
  run,
  say: (text) => console.error(text),
};

/** Runs `setup` on this machine; the exit status. */
async function main(verbose: boolean): Promise<number> {
  quietDriver();
  try {
    const name = await setup(thisHost);
    if (verbose) console.error(`WebGPU adapter: ${name}`);
    return 0;
  } catch (error) {
    if (!(error instanceof NoAdapterError)) throw error;
    console.error(verbose ? error : `error: ${error.message}`);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args.includes("--verbose")));
