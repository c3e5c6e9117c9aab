/**
 * `deno task publish:check`: would this package be accepted for publication? Runs `deno publish --dry-run` on a copy.
 *
 * The copy is needed because Deno refuses to publish a package that holds its own linked packages: here `links/` stands
 * beside the package instead of inside it.
 *
 * @module
 */
import { dirname, fromFileUrl, join, relative, toFileUrl } from "@std/path";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** Folders that are never part of the package, where there is no git to say so. */
const SKIPPED = new Set([".git", "node_modules", "coverage"]);

interface Outcome {
  status: number;
  output: string;
}

async function run(program: string, args: string[], cwd: string): Promise<Outcome> {
  const result = await new Deno.Command(program, { args, cwd, stdin: "null" }).output();
  const text = new TextDecoder();
  return { status: result.code, output: text.decode(result.stdout) + text.decode(result.stderr) };
}

/** The files that git tracks or would track, relative to the root. */
async function files(): Promise<string[]> {
  const listed = await gitFiles();
  const all = listed ?? [...walk(ROOT)].map((path) => relative(ROOT, path));
  return all.filter(isFile);
}

/** What git says, or null without git or outside a repository. */
async function gitFiles(): Promise<string[] | null> {
  try {
    const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const { status, output } = await run("git", args, ROOT);
    return status === 0 ? output.split("\0").filter(Boolean) : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function* walk(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = join(folder, entry.name);
    if (entry.isFile) yield path;
    else if (entry.isDirectory && !SKIPPED.has(entry.name)) yield* walk(path);
  }
}

/** Whether it is still there: git also lists what was deleted and not committed. */
function isFile(path: string): boolean {
  try {
    return Deno.statSync(join(ROOT, path)).isFile;
  } catch {
    return false;
  }
}

function copy(path: string, to: string): void {
  Deno.mkdirSync(dirname(to), { recursive: true });
  Deno.copyFileSync(join(ROOT, path), to);
}

/** The copy: the package in `pkg/`, the linked packages in `links/`. */
async function stage(folder: string): Promise<string> {
  const pkg = join(folder, "pkg");
  for (const path of await files()) {
    const linked = path.replaceAll("\\", "/").startsWith("links/");
    copy(path, linked ? join(folder, path) : join(pkg, path));
  }
  moveLinks(join(pkg, "deno.json"));
  return pkg;
}

/** Makes the `links` of a deno.json point one folder further up. */
function moveLinks(path: string): void {
  const config: { links?: string[] } = JSON.parse(Deno.readTextFileSync(path));
  config.links = config.links?.map((link) => link.replace(/^\.\//, "../"));
  Deno.writeTextFileSync(path, JSON.stringify(config, null, 2));
}

/** What a dry run said of the package in a folder. */
export interface DryRun extends Outcome {
  /** The files that would be published, by their paths in the package, sorted. */
  files: string[];
}

/**
 * Runs `deno publish --dry-run`, which refuses slow types, on a staged copy.
 *
 * @param use What is done with the copy before it is removed.
 */
export async function dryRun<T>(use: (pkg: string, said: DryRun) => T | Promise<T>): Promise<T> {
  const folder = Deno.makeTempDirSync({ prefix: "fanin-publish-" });
  try {
    const pkg = await stage(folder);
    const said = await run(Deno.execPath(), ["publish", "--dry-run", "--allow-dirty"], pkg);
    const prefix = `${toFileUrl(Deno.realPathSync(pkg))}/`;
    const files = [...said.output.matchAll(/^ +(file:\S+) \(/gm)].map(([, url]) => url.replace(prefix, ""));
    return await use(pkg, { ...said, files: files.toSorted() });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Runs the check; the exit status. */
async function main(): Promise<number> {
  return await dryRun((_, { status, output }) => {
    console.error(status === 0 ? "publish: the dry run passed" : output.trimEnd());
    if (Deno.args.includes("--verbose") && status === 0) console.error(output.trimEnd());
    return status;
  });
}

if (import.meta.main) Deno.exit(await main());
