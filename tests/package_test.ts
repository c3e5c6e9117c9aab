/**
 * What holds for the package as a whole: its public face, and which file may know of which.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, fromFileUrl, join } from "@std/path";
import { VERSION } from "../src/version.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));

interface Config {
  version: string;
  exports: Record<string, string>;
}

const config: Config = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));

/** The floors of the house from the top: a file may import from its own floor and from those to the right. */
const FLOORS = [
  "cli",
  "report",
  "bench",
  "diagnose",
  "train",
  "nn",
  "init",
  "random",
  "data",
  "tensor",
  "gpu",
  "kernels",
];

/** The floors that may use packages of others. */
const WITH_PACKAGES = ["cli", "report", "data"];

/** A file of the package, by its path from the root, without its comments. */
interface Source {
  path: string;
  code: string;
}

function sources(folder: string): Source[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return sources(path);
    return name.endsWith(".ts")
      ? [{ path, code: withoutComments(Deno.readTextFileSync(join(ROOT, path))) }]
      : [];
  });
}

/** As `deno fmt` lays them out, comments are lines that begin with a mark, or end a line of code. */
function withoutComments(text: string): string {
  return text.split("\n").filter((line) => !/^\s*(\/\/|\/\*|\*)/.test(line)).map((line) =>
    line.replace(/ \/\/ .*$/, "")
  ).join("\n");
}

/** What a file imports: static, for its effects, for its types, or on demand. */
function importsOf({ code }: Source): string[] {
  const statics = code.matchAll(/^(?:import|export|\}).*\bfrom "([^"]+)";/gm),
    bare = code.matchAll(/^import "([^"]+)";/gm);
  const onDemand = code.matchAll(/\bimport\("([^"]+)"\)/g);
  return [...statics, ...bare, ...onDemand].map((match) => match[1]);
}

/** "src/gpu/errors.ts" is on "gpu", "kernels/fill.ts" on "kernels"; the version, a text, is on none. */
function floorOf(path: string): string | undefined {
  if (path === "src/version.ts") return undefined;
  const [first, second] = path.split("/"), floor = first === "src" ? second : first;
  assert(FLOORS.includes(floor), `${path} is on no floor of the house`);
  return floor;
}

const ALL = [...sources("src"), ...sources("kernels")];

Deno.test("the version is that of deno.json", () => {
  assertEquals(VERSION, config.version);
});

Deno.test("every entry of the package can be imported and says what it is", async () => {
  for (const [entry, path] of Object.entries(config.exports)) {
    assert(Object.keys(await import(join(ROOT, path))).length > 0, `${entry} exports nothing`);
    const [head] = Deno.readTextFileSync(join(ROOT, path)).split("*/");
    assert(
      head.startsWith("/**\n") && head.includes("@module"),
      `${entry} does not begin with its documentation`,
    );
    assert(/@example .+\n \* ```ts\n/.test(head), `${entry} has no example`); // which `deno test --doc` runs
  }
});

Deno.test("every public name is documented and typed", async () => {
  const args = ["doc", "--lint", ...Object.values(config.exports)];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  assert(success, new TextDecoder().decode(stderr));
});

Deno.test("importing the library needs no package, no permission, no Deno and no GPU", async () => {
  const script = `
    const touched = [];
    const names = Object.getOwnPropertyNames(globalThis).filter((name) => name.startsWith("GPU"));
    for (const name of ["Deno", "navigator", "process", "document", ...names]) {
      Object.defineProperty(globalThis, name, { get() { touched.push(name); }, configurable: true });
    }
    const entries = [await import(${JSON.stringify(new URL("../mod.ts", import.meta.url))}),
      await import(${JSON.stringify(new URL("../kernels/mod.ts", import.meta.url))})];
    console.log(JSON.stringify({ watched: names.length, touched, exports: entries.map((e) => Object.keys(e).length > 10) }));`;
  // Without deno.json no name of a package leads anywhere.
  const args = ["run", "--no-prompt", "--no-config", "--no-remote", "--no-npm", "--ext=js", "-"];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped", stderr: "piped" })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { stdout, stderr } = await child.output(), text = new TextDecoder();
  assertEquals(text.decode(stderr), "");
  const { watched, touched, exports } = JSON.parse(text.decode(stdout));
  assert(watched > 5);
  assertEquals({ touched, exports }, { touched: [], exports: [true, true] });
});

/** The configurations with dependencies of development: the project's, and that of the libraries it is measured beside. */
const CONFIGS = ["", "bench/peers/libraries"];

interface Lock {
  specifiers: Record<string, string>;
  npm: Record<string, { integrity: string }>;
}

Deno.test("dependencies of development are pinned to one version each, and all that they draw in by its hash", () => {
  for (const folder of CONFIGS) {
    const read = (name: string) => JSON.parse(Deno.readTextFileSync(join(ROOT, folder, name)));
    const imports: string[] = Object.values(read("deno.json").imports), lock: Lock = read("deno.lock");
    const links = imports.filter((target) => target.startsWith("jsr:@std/")); // kept in `links`
    assertEquals(links.length, folder === "" ? 3 : 0);
    for (const target of imports.filter((target) => !links.includes(target))) {
      assertMatch(target, /^npm:(@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+$/);
      assert(target in lock.specifiers, `${target} is not in ${folder}/deno.lock`);
    }
    for (const [name, { integrity }] of Object.entries(lock.npm)) assertMatch(integrity, /^sha512-/, name);
  }
});

Deno.test("imports point downwards only", () => {
  const upwards: string[] = [];
  for (const source of ALL) {
    const from = floorOf(source.path);
    for (const specifier of importsOf(source).filter((name) => name.startsWith("."))) {
      const to = floorOf(join(dirname(source.path), specifier));
      const isAllowed = to === undefined || from !== undefined && FLOORS.indexOf(to) >= FLOORS.indexOf(from);
      if (!isAllowed) upwards.push(`${source.path} imports ${specifier}`);
    }
  }
  assertEquals(upwards, []);
});

Deno.test("kernels import nothing but kernels, and only some floors import packages", () => {
  for (const source of ALL) {
    const floor = floorOf(source.path) ?? "", specifiers = importsOf(source);
    if (floor === "kernels") {
      assertEquals(specifiers.filter((name) => !name.startsWith("./")), [], source.path);
    }
    const packages = specifiers.filter((name) => !name.startsWith("."));
    if (!WITH_PACKAGES.includes(floor)) assertEquals(packages, [], source.path);
  }
});

Deno.test("only the command line uses Deno, and only the floor gpu calls WebGPU", () => {
  for (const { path, code } of ALL) {
    const floor = floorOf(path) ?? "";
    if (floor !== "cli") assert(!/\bDeno\s*[?.[]/.test(code), `${path} uses Deno`);
    if (floor === "gpu") continue;
    const call = /\.(create(Buffer|BindGroup|CommandEncoder|ShaderModule|ComputePipeline)\w*|requestDevice)\(/
      .exec(code);
    assertEquals(call?.[0], undefined, path);
  }
});

Deno.test("the library has nothing that browsers, classic scripts or Node 20 lack", () => {
  for (const source of ALL.filter(({ path }) => floorOf(path) !== "cli")) {
    const { path, code } = source;
    const lacking = /\bimport\.meta\b|\b(Map|Object)\.groupBy\b|\bPromise\.(try|withResolvers)\b/.exec(code);
    assertEquals(lacking?.[0], undefined, path);
    const usesStack = /\bnew DisposableStack\b/.test(code);
    if (usesStack && !path.endsWith("disposable_stack.ts")) {
      assert(
        importsOf(source).some((name) => name.endsWith("/disposable_stack.ts")),
        `${path}: DisposableStack`,
      );
    }
  }
});

Deno.test("the test of the imports sees them", () => {
  const seen = ALL.flatMap((source) => importsOf(source).map((specifier) => `${source.path} ${specifier}`));
  for (
    const one of [
      "src/nn/mlp.ts ../tensor/tensor.ts",
      "src/nn/mlp.ts ../gpu/gpu.ts",
      "src/cli/main.ts ./compare.ts",
      "src/diagnose/mod.ts ./compare.ts",
      "src/data/digits.ts mnist",
    ]
  ) assert(seen.includes(one), one);
  assertStringIncludes(ALL.find(({ path }) => path === "src/cli/main.ts")!.code, "Deno.exit(");
});
