/**
 * Headless Chromium, driven by Playwright: the only way in which this project opens a browser.
 *
 * @module
 */
import { type Browser, chromium } from "playwright-core";
import { bundle } from "./bundle.ts";
import { NotHere, type Run } from "./implementation.ts";
import type { JobName, Report } from "./jobs.ts";
import { findProgram } from "./machine.ts";

/** Names under which Chromium and its relatives are installed. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** WebGPU on SwiftShader, and no word to anybody but the page's server. */
const FLAGS = [
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

/** The threads of a page that WebGPU runs on. */
export type Thread = "page" | "worker";

/** Files of a small site: path to content type and body. */
export type Site = Readonly<Record<string, readonly [type: string, body: string]>>;

/**
 * The program's path.
 *
 * @throws {NotHere} when there is none on PATH.
 */
export function findChromium(): string {
  const path = findProgram(...PROGRAMS);
  if (path === undefined) {
    throw new NotHere("no Chromium on PATH; install it (Debian: apt-get install chromium)");
  }
  return path;
}

/**
 * Starts the browser; `close` ends it.
 *
 * @throws {NotHere} when there is none on PATH.
 */
export async function openChromium(): Promise<Browser> {
  return await chromium.launch({ executablePath: findChromium(), args: FLAGS });
}

/** Serves files to this machine alone: WebGPU needs a secure context, which 127.0.0.1 is. */
export function serve(site: Site): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const file = site[new URL(request.url).pathname];
    if (file === undefined) return new Response(null, { status: 404 });
    return new Response(file[1], { headers: { "content-type": file[0] } });
  });
}

/**
 * Does a job in a page of a new browser.
 *
 * @param thread On its main thread or in a dedicated worker.
 * @param job The job's name.
 * @throws {NotHere} when there is no Chromium, or it finds no adapter.
 */
export async function inChromium<J extends JobName>(thread: Thread, job: J): Promise<Run<J>> {
  const browser = await openChromium();
  try {
    await using server = serve(await site());
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    const report = await page.evaluate(`runners.${thread}("${job}")`) as Report<J>;
    return { runtime: `Chromium ${browser.version()}`, ...report };
  } catch (error) {
    throw String(error).includes("NoAdapterError") ? new NotHere("no WebGPU adapter answers") : error;
  } finally {
    await browser.close();
  }
}

async function site(): Promise<Site> {
  return {
    "/": ["text/html", `<!doctype html><title>fanin</title><script type="module" src="/page.js"></script>`],
    "/page.js": ["text/javascript", await bundle("in_page.ts", "browser")],
    "/worker.js": ["text/javascript", await bundle("in_worker.ts", "browser")],
  };
}

// Before the tests are: they would say it once each, with a stack.
if (import.meta.main) {
  try {
    findChromium();
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
