/**
 * Every implementation that the table is run on.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { bundle } from "./bundle.ts";
import { type Implementation, NotHere, type Run } from "./implementation.ts";
import { findProgram, findSwiftShader, output } from "./machine.ts";
import type { Report } from "./report.ts";
import { runConformance } from "./run.ts";
import { TABLE } from "./table.ts";
import { playwright, VERSIONS } from "./tools.ts";

const DENO = `Deno ${Deno.version.deno}`;

/** Names under which Chromium and its relatives are installed. */
const CHROMIUM = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** WebGPU on SwiftShader, and no word to anybody but the page's server. */
const CHROMIUM_FLAGS = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];

/** Variables that choose SwiftShader's driver. */
function swiftShader(): Record<string, string> {
  const manifest = findSwiftShader();
  if (manifest === undefined) throw new NotHere("no SwiftShader: it comes with Debian's package chromium");
  return { VK_DRIVER_FILES: manifest };
}

async function hostTwin(): Promise<Run> {
  return { runtime: DENO, adapter: "none", outcomes: await runConformance(null, TABLE) };
}

async function inDeno(env: Record<string, string>): Promise<Run> {
  const runner = fromFileUrl(new URL("in_deno.ts", import.meta.url));
  const text = await output(Deno.execPath(), ["run", "-A", "--no-lock", runner], env);
  return { runtime: DENO, ...JSON.parse(text) as Report };
}

/** The files of the page, served on this machine alone: WebGPU needs a secure context, which 127.0.0.1 is. */
async function servePage(): Promise<Deno.HttpServer<Deno.NetAddr>> {
  const files: Record<string, [type: string, body: string]> = {
    "/": ["text/html", `<!doctype html><title>conformance</title><script src="/page.js"></script>`],
    "/page.js": ["text/javascript", await bundle("in_page.ts", "browser")],
    "/worker.js": ["text/javascript", await bundle("in_worker.ts", "browser")],
  };
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const file = files[new URL(request.url).pathname];
    if (file === undefined) return new Response(null, { status: 404 });
    return new Response(file[1], { headers: { "content-type": file[0] } });
  });
}

async function inChromium(thread: "page" | "worker"): Promise<Run> {
  const executablePath = findProgram(...CHROMIUM);
  if (executablePath === undefined) throw new NotHere("no Chromium on PATH");
  const { chromium } = await playwright();
  await using server = await servePage();
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    const report = await page.evaluate(`runners.${thread}()`) as Report;
    return { runtime: `Chromium ${browser.version()}`, ...report };
  } catch (error) {
    throw String(error).includes("NoAdapterError") ? new NotHere("no WebGPU adapter answers") : error;
  } finally {
    await browser.close();
  }
}

/** Node or Bun with npm's `webgpu`, installed by Deno into a folder of its own. Its Dawn needs a newer Mesa than Debian 12's. */
async function withDawn(program: string, name: string): Promise<Run> {
  const path = findProgram(program);
  if (path === undefined) throw new NotHere(`no ${program} on PATH`);
  const env = findSwiftShader() === undefined ? {} : swiftShader();
  const version = (await output(path, ["--version"])).trim().replace(/^v/, "");
  const folder = await Deno.makeTempDir({ prefix: "fanin-conformance-" });
  try {
    await installDawn(folder);
    const file = join(folder, "bundle.mjs");
    await Deno.writeTextFile(file, await bundle("in_node.ts", "node"));
    const report: Report = JSON.parse(await output(path, [file], env, folder));
    return { runtime: `${name} ${version}, webgpu ${VERSIONS.webgpu}`, ...report };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function installDawn(folder: string): Promise<void> {
  const manifest = { private: true, dependencies: { webgpu: VERSIONS.webgpu } };
  await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify(manifest));
  try {
    await output(Deno.execPath(), ["install", "--quiet"], {}, folder);
  } catch (error) {
    throw new NotHere(
      `npm:webgpu@${VERSIONS.webgpu} could not be installed (${String(error).split("\n")[0]})`,
    );
  }
}

/** All of them, in the order in which they run. */
export const IMPLEMENTATIONS: readonly Implementation[] = [
  { name: "host twin", run: hostTwin },
  { name: "Deno", run: () => inDeno({}) },
  { name: "Deno, SwiftShader", run: async () => await inDeno(swiftShader()) },
  { name: "Chromium, page", run: () => inChromium("page") },
  { name: "Chromium, worker", run: () => inChromium("worker") },
  { name: "Node, Dawn", run: () => withDawn("node", "Node") },
  { name: "Bun, Dawn", run: () => withDawn("bun", "Bun") },
];
