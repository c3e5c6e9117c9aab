/**
 * The page as one file that needs no network: markup, style, scripts and data.
 *
 * @module
 */
import { split, standardize, takeRows } from "@fanin/fanin/data";
import { key, permutation } from "@fanin/fanin/random";
import { loadDigits } from "../../src/data/digits.ts";
import { loadIris } from "../../src/data/iris.ts";
import { SCHEMES_CSS } from "../../src/report/page.ts";
import { bundle } from "./bundle.ts";
import { pack, type PackedData } from "./packed_data.ts";

/** Digits that the page carries: enough to learn from, few enough to send. */
const DIGITS = 2500;

/** The part of each data set that is held back for the test. */
const HELD_BACK = 0.2;

/** Scripts from this file alone, and nothing from anywhere else. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' blob:; worker-src blob:; " +
  "img-src data:";

/** Makes the page: the text of its HTML file. */
export async function makePage(): Promise<string> {
  const here = (name: string) => new URL(name, import.meta.url),
    read = (name: string) => Deno.readTextFile(here(name));
  const instead = { linkedom: here("browser_window.ts") };
  const options = { platform: "browser", minify: true, instead } as const;
  const page = await bundle(here("page.ts"), options), worker = await bundle(here("worker.ts"), options);
  const head = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<style>${SCHEMES_CSS}
${await read("style.css")}</style>`;
  const scripts = `<script type="application/json" id="data-sets">${JSON.stringify(await dataSets())}</script>
<script type="text/plain" id="worker">${inScript(worker)}</script>
<script type="module">${inScript(page)}</script>`;
  return (await read("index.html")).replace("<!-- head -->", () => head).replace(
    "<!-- scripts -->",
    () => scripts,
  );
}

/** A script's text must not end its element; in JavaScript these marks stand in strings and patterns alone. */
function inScript(code: string): string {
  return code.replace(/<\/(?=script)/gi, "<\\/").replaceAll("<!--", "<\\!--");
}

async function dataSets(): Promise<Record<string, PackedData>> {
  const order = (n: number) => permutation(key(0).stream("split"), n), digits = await loadDigits();
  const some = takeRows(digits, Array.from({ length: DIGITS }, (_, i) => i * digits.rows / DIGITS));
  return {
    digits: await pack(split(some, HELD_BACK, order), 32, 255),
    iris: await pack(standardize(split(await loadIris(), HELD_BACK, order)), 8, 0),
  };
}
