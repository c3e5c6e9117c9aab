/**
 * `deno task test`: the whole suite, two processes at a time. With arguments, `deno test` with them: paths, `--filter`, `--watch`.
 *
 * One process runs its files one after the other, and waits for drivers, children and compilers meanwhile: two take two thirds of the time
 * on two cores. Every entry of this folder is a part by itself, so that none is forgotten; types are checked once, for all of them.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { BACKEND, findAdapter } from "../../src/cli/probe.ts";
import { closingLine, type Count, type Ended, errors, judged, sum } from "./closing.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** What every process of tests is told. */
const TEST = ["test", "-A", "--preload", "tests/cli/preload.ts"];

/** Those that take longest come first, so that none of them is left over at the end; what is not named comes after them. */
const LONGEST_FIRST = ["tests/cli", "tests/quality", "tests/diagnose", "tests/faults", "tests/kernels"];

/** Those that time what they do, against bounds: nothing runs beside them. */
const ALONE = ["tests/examples"];

/** One process: what it is called, and what Deno is told. */
interface Part {
  name: string;
  args: readonly string[];
}

/** What `deno test --doc` and `deno check --doc` are to look at beside the tests. */
const DOCUMENTED = ["mod.ts", "src", "kernels", ...markdown()];

function markdown(): string[] {
  return [...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) => name.endsWith(".md"));
}

/** Every entry of `tests/` that has tests, and the examples of the documentation. */
function parts(): Part[] {
  const entries = [...Deno.readDirSync(join(ROOT, "tests"))].map(({ name }) => `tests/${name}`).filter(
    hasTests,
  );
  const tests = entries.map((path) => ({ name: path, args: [...TEST, "--no-check", path] }));
  const documentation = { name: "documentation", args: [...TEST, "--no-check", "--doc", ...DOCUMENTED] };
  const place = ({ name }: Part) => (LONGEST_FIRST.indexOf(name) + 1) || Infinity;
  return [...tests, documentation].sort((a, b) => place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0);
}

function hasTests(path: string): boolean {
  if (/_test\.ts$/.test(path)) return true;
  const full = join(ROOT, path);
  return Deno.statSync(full).isDirectory &&
    [...Deno.readDirSync(full)].some(({ name }) => hasTests(`${path}/${name}`));
}

/** Runs Deno to its end, and keeps what it prints. */
async function run(args: readonly string[]): Promise<Ended> {
  const { code, signal, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  return { code, signal, output: text.decode(stdout) + text.decode(stderr) };
}

/** What the parts that have ended came to. */
interface Report {
  counts: Count[];
  /** What is wrong, a text for each part that failed. */
  wrong: string[];
}

/** Runs a part and prints what it printed, whole, when it has ended. */
async function runPart({ name, args }: Part, { counts, wrong }: Report): Promise<void> {
  const start = performance.now(), ended = await run(args), verdict = judged(ended);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`\n# ${name} (${seconds}s)\n${ended.output.trim()}`);
  counts.push(verdict.count);
  if (verdict.count.failed === 0) return;
  wrong.push([`# failed: ${name}`, ...verdict.wrong ? [verdict.wrong] : [], errors(ended.output)].join("\n"));
}

/** Takes parts from a queue until it is empty. */
async function lane(queue: Part[], report: Report): Promise<void> {
  for (let part = queue.shift(); part; part = queue.shift()) await runPart(part, report);
}

/** Runs all parts and says the sum, after all that failed: a log of five minutes is read from its end. */
async function whole(): Promise<number> {
  const start = performance.now(), report: Report = { counts: [], wrong: [] }, all = parts();
  const types = await run(["check", "--doc", ...DOCUMENTED, "tests"]);
  if (types.code !== 0) {
    console.error(types.output);
    return types.code;
  }
  const queue = all.filter(({ name }) => !ALONE.includes(name));
  await Promise.all([lane(queue, report), lane(queue, report)]);
  await lane(all.filter(({ name }) => ALONE.includes(name)), report);
  const count = sum(report.counts);
  for (const text of report.wrong) console.log(`\n${text}`);
  console.log(`\n${closingLine(count, (performance.now() - start) / 1000)}`);
  return count.failed === 0 ? 0 : 1;
}

/** `deno test` as the suite runs it, on what was asked for. */
async function some(args: readonly string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), { args: [...TEST, "--doc", ...args], cwd: ROOT }).spawn();
  return (await child.status).code;
}

// Where Vulkan answers, OpenGL's libraries need not be loaded: their last functions race with the threads of tests that end, and
// now and then a process aborts after its last test has passed.
if ((await findAdapter())?.by === "Vulkan") Deno.env.set(BACKEND, "vulkan");

Deno.exit(Deno.args.length === 0 ? await whole() : await some(Deno.args));
