/**
 * The package as somebody else has it: a project from scratch, in a temporary folder, with nothing but the files that publishing lists.
 *
 * It type-checks under `strict` in Deno and, but for the command line, outside of it: with TypeScript 6, whose library `dom` knows
 * WebGPU, and with TypeScript 5.9 and `@webgpu/types`, and there with no more of ECMAScript than Node 20 has.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname, fromFileUrl, join } from "@std/path";
import { dryRun } from "../.ci/publish_check.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));

interface Config {
  exports: Record<string, string>;
  imports: Record<string, string>;
}

const config: Config = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));

/** What the consumer calls an entry: "@fanin/fanin/gpu". */
const ENTRIES = Object.entries(config.exports).map(([entry, path]) => ({
  name: entry.replace(/^\./, "@fanin/fanin"),
  path: path.replace(/^\./, "./fanin"),
}));

/** Where the consumer has the packages of others: npm's as they are, the linked ones as folders. */
const PACKAGES = Object.fromEntries(
  Object.entries(config.imports).map(([name, where]) =>
    where.startsWith("jsr:")
      ? [name, join(ROOT, `links/${name.slice("@std/".length)}/mod.ts`)]
      : [name, where]
  ),
);

let project: Promise<{ folder: string; files: string[] }> | undefined;

/** The project, made when it is first asked for. */
function consumer(): Promise<{ folder: string; files: string[] }> {
  return project ??= dryRun((pkg, { status, output, files }) => {
    assertEquals(status, 0, output);
    const folder = Deno.makeTempDirSync({ prefix: "fanin-consumer-" });
    for (const file of files) copy(join(pkg, file), join(folder, "fanin", file));
    copy(join(ROOT, "deno.lock"), join(folder, "deno.lock"));
    const own = Object.fromEntries(ENTRIES.map(({ name, path }) => [name, path]));
    write(folder, "deno.json", {
      imports: own,
      scopes: { "./fanin/": { ...PACKAGES, ...own } },
      compilerOptions: { strict: true },
    });
    return { folder, files };
  });
}

Deno.test.afterAll(async () => {
  const made = await project?.catch(() => undefined);
  if (made !== undefined) Deno.removeSync(made.folder, { recursive: true });
});

function copy(from: string, to: string): void {
  Deno.mkdirSync(dirname(to), { recursive: true });
  Deno.copyFileSync(from, to);
}

function write(folder: string, name: string, content: string | object): void {
  Deno.writeTextFileSync(
    join(folder, name),
    typeof content === "string" ? content : JSON.stringify(content, null, 2),
  );
}

/** Runs Deno in the project; its output, both kinds together. */
async function deno(args: string[], cwd: string): Promise<{ code: number; text: string }> {
  const env = { NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd, env }).output();
  const text = new TextDecoder();
  return { code, text: text.decode(stdout) + text.decode(stderr) };
}

/** A program that uses some of every entry but the command line, and names a type of each. */
const PROGRAM = `
import { VERSION } from "@fanin/fanin";
import { type Dataset, checkDataset } from "@fanin/fanin/data";
import { type Diagnosis, diagnose, distinctNeurons } from "@fanin/fanin/diagnose";
import { type AdapterSummary, Gpu } from "@fanin/fanin/gpu";
import { type Initializer, torchLinear } from "@fanin/fanin/init";
import { type Kernel, fill } from "@fanin/fanin/kernels";
import { Mlp, type Parameter } from "@fanin/fanin/nn";
import { type Key, drawOnHost, key } from "@fanin/fanin/random";
import { type Shape, Tensor, encodeSafetensors } from "@fanin/fanin/tensor";
import { DeviceData, type Optimizer, sgd, Trainer } from "@fanin/fanin/train";

const features = new Float32Array([0, 0, 0, 1, 1, 0, 1, 1]), labels = new Uint32Array([0, 1, 1, 0]);
const xor: Dataset = { name: "xor", features, labels, rows: 4, columns: 2, classes: 2 };
checkDataset(xor);
const init: Initializer = torchLinear(), seed: Key = key(0), optimizer: Optimizer = sgd({ lr: 0.5, momentum: 0.9 });
const kernel: Kernel<"out", "n" | "value"> = fill, shape: Shape = [2, 3];

using gpu = await Gpu.open();
const adapter: AdapterSummary = gpu.adapter;
using tensor = Tensor.make(gpu, "ones", "f32", shape);
using program = await gpu.record("fill", (r) => r.dispatch(kernel, { out: tensor.buffer }, { n: 6, value: 1 }));
program.submit();
using data = new DeviceData(gpu, xor);
using network = new Mlp(gpu, [2, 8, 2]);
const parameters: readonly Parameter[] = network.parameters;
await network.initialize(init, seed);
const first = (await network.read()).get("0.weight")!;
const again = drawOnHost(seed.stream("0.weight"), { kind: "bounded", bound: Math.SQRT1_2 }, { count: 16 });
using trainer = await Trainer.make(gpu, network, data, { optimizer, batch: 4 });
let loss = 0;
for (let epoch = 0; epoch < 50; epoch++) [loss] = await trainer.epoch();
const { verdict }: Diagnosis = await diagnose(gpu, network, { features, labels });
const file = encodeSafetensors([["ones", { dtype: "F32", shape: [...shape], data: await tensor.read() }]]);
console.log(JSON.stringify({
  version: VERSION, named: adapter.name.length > 0, parameters: parameters.length, sameBits: first.join() === again.join(),
  learned: loss < 0.2, distinct: distinctNeurons(await network.read()), verdict, ones: [...await tensor.read()],
  chunks: file.length,
}));
`;

Deno.test("publishing lists what belongs and nothing else, without slow types", async () => {
  const { files } = await consumer();
  const strays = files.filter((file) =>
    !/^(mod\.ts|deno\.json|README\.md|CHANGELOG\.md|LICENSE|(src|kernels)\/[a-z0-9_/]+\.ts|src\/diagnose\/THRESHOLDS\.md)$/
      .test(file)
  );
  assertEquals(strays, []);
  for (const { path } of ENTRIES) {
    assert(files.includes(path.replace("./fanin/", "")), `${path} is not published`);
  }
  for (const file of ["LICENSE", "README.md", "CHANGELOG.md"]) assert(files.includes(file), file);
});

Deno.test("a project in Deno type-checks under strict, draws, trains and diagnoses", async () => {
  const { folder } = await consumer();
  write(folder, "main.ts", PROGRAM);
  write(folder, "entries.ts", ENTRIES.map(({ name }) => `await import("${name}");`).join("\n"));
  const { code, text } = await deno(["check", "main.ts", "entries.ts"], folder);
  assertEquals(code, 0, text);
  assertEquals((await deno(["run", "-A", "entries.ts"], folder)).code, 0);
  const ran = await deno(["run", "-A", "--no-check", "main.ts"], folder);
  const { distinct, ...rest } = JSON.parse(
    ran.text.split("\n").find((line) => line.startsWith("{")) ?? ran.text,
  );
  const { version } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  assertEquals(rest, {
    version,
    named: true,
    parameters: 4,
    sameBits: true,
    learned: true,
    verdict: rest.verdict,
    ones: [1, 1, 1, 1, 1, 1],
    chunks: 2,
  });
  assertEquals(distinct, [8]);
  assertMatch(rest.verdict, /^(ok|warn)$/);
});

/** Compilers, with what a project has to tell them. */
const COMPILERS = [
  { compiler: "typescript", lib: ["esnext", "dom"], types: [] },
  { compiler: "typescript-5", lib: ["esnext", "dom"], types: ["@webgpu/types"] },
  // Node 20: ECMAScript 2023 and well-formed strings; `using` is compiled away, `Symbol.dispose` is there.
  {
    compiler: "typescript-5",
    lib: ["es2023", "es2024.string", "esnext.disposable", "dom"],
    types: ["@webgpu/types"],
  },
];

for (const { compiler, lib, types } of COMPILERS) {
  const specifier = config.imports[compiler], title = `${specifier}, ${[...lib, ...types].join(" ")}`;
  Deno.test(`a project outside Deno type-checks under strict: ${title}`, async () => {
    const { folder } = await consumer();
    write(folder, "main.ts", PROGRAM);
    const entries = ENTRIES.filter(({ name }) => !name.endsWith("/cli"));
    write(folder, "entries.ts", entries.map(({ name }, i) => `export * as e${i} from "${name}";`).join("\n"));
    write(folder, "tsconfig.json", {
      compilerOptions: {
        strict: true,
        noEmit: true,
        target: "es2022",
        module: "esnext",
        moduleResolution: "bundler",
        allowImportingTsExtensions: true,
        lib,
        types: types.map((name) => join(installed(name), "dist/index.d.ts")),
        paths: Object.fromEntries(entries.map(({ name, path }) => [name, [path]])),
      },
      files: ["main.ts", "entries.ts"],
    });
    const { code, text } = await deno(["run", "-A", `${specifier}/tsc`, "-p", folder], ROOT);
    assertEquals({ code, text }, { code: 0, text: "" });
  });
}

/** The folder of an npm package in Deno's cache. */
function installed(name: string): string {
  return dirname(fromFileUrl(import.meta.resolve(`${name}/package.json`)));
}
