/**
 * `deno task setup`: makes sure that there is a WebGPU adapter, and installs Mesa's software Vulkan driver where there is
 * none, or only OpenGL played by a processor, and this can be done (as root, on Debian and its relatives). It says nothing where
 * nothing is to be done.
 *
 * @module
 */
import { NoAdapterError } from "../gpu/errors.ts";
import { BACKEND, findAdapter, type FoundAdapter } from "./probe.ts";
import { prepareDriver } from "./driver_environment.ts";

/** The Debian packages that give a machine without a GPU a Vulkan driver. */
const PACKAGES = ["mesa-vulkan-drivers", "libvulkan1"];
const DRIVER = "Mesa's software Vulkan driver";
const INSTALL = `apt-get install ${PACKAGES.join(" ")}`;

/** Variables that decide which drivers are looked for: the first suspects where an installed one is not found. */
const DRIVER_VARIABLES = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES", BACKEND];

/** What the decision depends on. */
export interface Machine {
  /** Whether WebGPU finds an adapter: a good one, one by OpenGL on the processor, which is slow to start, or none. */
  adapter: "good" | "poor" | "none";
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
  if (machine.adapter === "good") return { do: "nothing" };
  if (machine.adapter === "poor") return { do: canInstall(machine) ? "install" : "nothing" };
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
    return { do: "tell", remedy: `install ${DRIVER} as root: ${INSTALL}` };
  }
  return { do: "install" };
}

function canInstall({ os, isDebian, hasApt, isRoot }: Machine): boolean {
  return os === "linux" && isDebian && hasApt && isRoot;
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
  /** The adapter, or null without one. Asks anew each time. */
  adapter(): Promise<FoundAdapter | null>;
  /** The facts for the decision, except the adapter. */
  facts(): Omit<Machine, "adapter">;
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
  const before = await host.adapter();
  const plan = setupPlan({ ...host.facts(), adapter: quality(before) });
  if (plan.do === "tell") throw new NoAdapterError("no WebGPU adapter", plan.remedy);
  if (before && plan.do === "nothing") return before.name;
  host.say(`${before ? "only OpenGL" : "no WebGPU adapter"}: installing ${DRIVER} (${INSTALL})`);
  const failure = await install(host);
  if (failure !== undefined) return withoutIt(host, before, failure);
  const found = await host.adapter();
  if (found) return found.name;
  throw new NoAdapterError("no WebGPU adapter although Mesa's driver is installed", suspects(host));
}

function quality(found: FoundAdapter | null): Machine["adapter"] {
  if (!found) return "none";
  return found.by === "OpenGL" && found.software ? "poor" : "good";
}

/** Installs Mesa's driver, in silence; what `apt-get` said where it failed. */
async function install(host: Host): Promise<string | undefined> {
  // The lists may be missing or old. Where they cannot be fetched, what is there may still do: the install decides.
  const update = await host.run("apt-get", ["update", "-qq"]);
  const result = await host.run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...PACKAGES]);
  return result.success ? undefined : `${update.output}${result.output}`.trimEnd();
}

/** After an installation that failed: OpenGL does too, more slowly. */
function withoutIt(host: Host, before: FoundAdapter | null, failure: string): string {
  if (before) {
    host.say("the installation failed: going on with OpenGL, which takes longer to compile kernels");
    return before.name;
  }
  host.say(failure);
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

async function run(program: string, args: string[]): Promise<Outcome> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  return { success, output: text.decode(stdout) + text.decode(stderr) };
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
  adapter: findAdapter,
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
  prepareDriver();
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
