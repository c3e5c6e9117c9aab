/**
 * `deno task playground`: serves a page on which two initialisations are trained side by side, on the GPU of whoever looks at it.
 *
 *     deno task playground                # serves it to this machine, and prints the address
 *     deno task playground --out DIR      # writes it into a folder: one file, which any web server can serve
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { join } from "@std/path";
import { makePage } from "./site.ts";

/** Where the page is served unless `--port` says otherwise. */
const PORT = 4321;

/** Serves the page to this machine alone. WebGPU needs a secure context, which this address is without encryption. */
export function servePage(page: string, port: number): Deno.HttpServer<Deno.NetAddr> {
  const headers = { "content-type": "text/html; charset=utf-8" };
  return Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    return pathname === "/" ? new Response(page, { headers }) : new Response(null, { status: 404 });
  });
}

/** At the port, or where another program has it, at a free one. */
function serveNear(page: string, port: number): Deno.HttpServer<Deno.NetAddr> {
  try {
    return servePage(page, port);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return servePage(page, 0);
    throw error;
  }
}

async function main(args: string[]): Promise<number> {
  const { out, port = `${PORT}`, _: rest } = parseArgs(args, { string: ["out", "port"] });
  if (rest.length > 0 || !/^\d{1,5}$/.test(port) || Number(port) > 65535 || out === "") {
    console.error("error: this takes --port N (0 to 65535) or --out DIR, and nothing else");
    return 2;
  }
  const page = await makePage();
  if (out !== undefined) {
    await Deno.mkdir(out, { recursive: true });
    await Deno.writeTextFile(join(out, "index.html"), page);
    console.log(`wrote ${join(out, "index.html")}, ${Math.round(page.length / 1024)} KiB`);
    return 0;
  }
  const { addr, finished } = serveNear(page, Number(port));
  console.log(`http://127.0.0.1:${addr.port}/ (Ctrl+C ends it)`);
  await finished;
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
