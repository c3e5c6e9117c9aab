/**
 * Which adapter a new process would get, and by which interface.
 *
 * @module
 */

/** An adapter, as a process that asks for one sees it. */
export interface FoundAdapter {
  /** What it calls itself. */
  name: string;
  /** The interface that it was asked for by; "any" where the system or the user leaves no choice. */
  by: "Vulkan" | "OpenGL" | "any";
  /** Whether a processor plays the GPU. */
  software: boolean;
}

/** The variable by which Deno is told what to look for. */
export const BACKEND = "DENO_WEBGPU_BACKEND";

/** Asked in a process of its own, since drivers are looked for once in a process. */
const PROBE = `const adapter = await navigator.gpu?.requestAdapter();
if (!adapter) Deno.exit(3);
const { description, vendor, isFallbackAdapter } = adapter.info;
console.log(JSON.stringify({ name: description || vendor || "unnamed", software: isFallbackAdapter === true }));`;

/**
 * Asks for an adapter; on Linux for one by Vulkan first. By OpenGL, Mesa's software driver takes half a minute to compile a kernel
 * with barriers where by Vulkan it takes 0.2 s, and its libraries' last functions race with threads that end.
 *
 * @returns What answers, or null.
 */
export async function findAdapter(): Promise<FoundAdapter | null> {
  if (Deno.build.os !== "linux" || Deno.env.get(BACKEND)) return await ask("any", {});
  return await ask("Vulkan", { [BACKEND]: "vulkan" }) ?? await ask("OpenGL", {});
}

async function ask(by: FoundAdapter["by"], env: Record<string, string>): Promise<FoundAdapter | null> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", PROBE],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output();
  return success ? { ...JSON.parse(new TextDecoder().decode(stdout)), by } : null; // a driver that crashes is none
}
