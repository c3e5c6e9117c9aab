/**
 * `fanin init`: initial weights, or the recipe for them, and either made again.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import { Gpu } from "../gpu/gpu.ts";
import { type Manifest, manifestText } from "../init/manifest.ts";
import { parseManifest } from "../init/parse_manifest.ts";
import { needsDevice, remake, type TensorPiece } from "../init/remake.ts";
import { count, counted } from "../report/format.ts";
import { initTable, type TensorSummary } from "../report/init_table.ts";
import { sizeOf } from "../tensor/tensor.ts";
import { printJson, printResult, say, showProgress } from "./console.ts";
import { assertRoom, assertWritable, readText, writeWhole } from "./files.ts";
import { Moments } from "./moments.ts";
import { COMMON, helpText, type Options, type OptionSpecs, parseOptions } from "./options.ts";
import { chosenManifest, fromManifest, RECIPE_OPTIONS } from "./recipe_options.ts";
import { fileSize, isNpy, WeightsFile, writeWeights, writtenTensors } from "./weights_file.ts";

const OPTIONS = {
  ...RECIPE_OPTIONS,
  out: {
    kind: "text",
    value: "FILE",
    help: "where the weights go: .safetensors, or .npy for one tensor; the recipe: .json",
  },
  manifest: { kind: "flag", help: "print the recipe, or write it to --out, instead of the weights" },
  from: {
    kind: "text",
    value: "FILE",
    help: "a .safetensors of this command or a recipe: make it again, and compare, or write it to --out",
  },
  ...COMMON,
} as const satisfies OptionSpecs;

const SUMMARY =
  "Writes initial weights, or shows what they are like. The same seed gives the same bits everywhere.";

/** From this many elements on progress is shown. */
const LONG = 2 ** 22;

/**
 * Makes initial weights and writes, describes or compares them.
 *
 * @param args The arguments after the command's name.
 * @returns The exit status: 1 when a file is not what its recipe makes.
 */
export async function init(args: string[]): Promise<number> {
  const options = parseOptions(args, OPTIONS);
  if (options.help) {
    printResult(helpText("fanin init [options]", SUMMARY, OPTIONS));
    return 0;
  }
  const { from, out } = options;
  using file = from !== undefined && !isRecipe(from) ? await WeightsFile.open(checkedFrom(from)) : undefined;
  const manifest = from === undefined
    ? chosenManifest(options)
    : fromManifest(file?.manifest ?? parseManifest(await readText(from)), options);
  if (options.manifest) return await giveManifest(manifest, out);
  if (out !== undefined) return await write(out, manifest, options);
  if (file !== undefined) {
    if (options.range === undefined) return await compare(file, options);
    throw new ArgumentError("--range with --from and no --out", "give --out: a whole file is compared whole");
  }
  return await describe(manifest, options);
}

/** What is said of the work, however it ends. */
type Chosen = Options<typeof OPTIONS>;

async function giveManifest(manifest: Manifest, out: string | undefined): Promise<number> {
  if (out === undefined) {
    printResult(manifestText(manifest));
    return 0;
  }
  if (!isRecipe(out)) {
    throw new ArgumentError(`--manifest with --out ${out}`, "name a file that ends in .json");
  }
  await assertWritable(out);
  await writeWhole(out, [new TextEncoder().encode(`${manifestText(manifest)}\n`)]);
  say(`recipe: ${out}`);
  return 0;
}

async function write(out: string, manifest: Manifest, { json }: Chosen): Promise<number> {
  assertFormat(out, manifest);
  await assertWritable(out);
  const bytes = fileSize(out, manifest);
  await assertRoom(out, bytes);
  const began = performance.now();
  await working(manifest, (gpu, watch) => writeWeights(out, gpu, manifest, watch));
  const seconds = (performance.now() - began) / 1000;
  if (json) printJson({ out, bytes, seconds, tensors: writtenTensors(manifest), manifest });
  say(`weights: ${out}`);
  return 0;
}

async function compare(file: WeightsFile, { json }: Chosen): Promise<number> {
  const { manifest, path } = file;
  const difference = await working(manifest, (gpu, watch) => file.firstDifference(gpu, watch));
  const equal = difference === undefined;
  if (json) printJson({ equal, ...difference && { difference }, elements: elementsOf(manifest), manifest });
  else {printResult(
      equal ? `${path}: equal, byte for byte, ${made(manifest)}` : `${path}: ${difference.message}`,
    );}
  return equal ? 0 : 1;
}

async function describe(manifest: Manifest, { json }: Chosen): Promise<number> {
  const moments = new Map(manifest.tensors.map(({ name }) => [name, new Moments()]));
  await working(manifest, async (gpu, watch) => {
    for await (const piece of remake(gpu, manifest)) {
      moments.get(piece.name)!.add(piece.values);
      watch(piece);
    }
  });
  const tensors = writtenTensors(manifest).map(({ name, shape }): TensorSummary => {
    const { mean, std, min, max } = moments.get(name)!;
    return { name, shape, mean, std, min, max };
  });
  if (json) printJson({ tensors, manifest });
  else printResult(`${initTable(tensors)}\n${made(manifest)}; --out FILE.safetensors writes it`);
  return 0;
}

/** Does the work with a device where one is needed, and with a progress bar where it takes a while. */
async function working<T>(
  manifest: Manifest,
  work: (gpu: Gpu | undefined, watch: (piece: TensorPiece) => void) => Promise<T>,
): Promise<T> {
  using gpu = needsDevice(manifest) ? await Gpu.open() : undefined;
  const total = elementsOf(manifest);
  using bar = total < LONG ? undefined : showProgress(total);
  return await work(gpu, ({ name, values }) => bar?.tick(values.length, name));
}

function made(manifest: Manifest): string {
  const { tensors, generator, seed } = manifest;
  return `${counted(tensors.length, "tensor")} of ${
    count(elementsOf(manifest))
  } elements from ${generator}(${seed})`;
}

function elementsOf(manifest: Manifest): number {
  return writtenTensors(manifest).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function isRecipe(path: string): boolean {
  return path.toLowerCase().endsWith(".json");
}

function checkedFrom(from: string): string {
  if (from.toLowerCase().endsWith(".safetensors")) return from;
  throw new ArgumentError(
    `--from ${from}`,
    isNpy(from)
      ? "give a .safetensors file or a recipe in .json: npy has no place for one"
      : "give a file that ends in .safetensors or .json",
  );
}

function assertFormat(out: string, { tensors }: Manifest): void {
  if (isRecipe(out)) throw new ArgumentError(`--out ${out}`, "add --manifest to write the recipe");
  if (!isNpy(out) && !out.toLowerCase().endsWith(".safetensors")) {
    throw new ArgumentError(`--out ${out}`, "name a file that ends in .safetensors or .npy");
  }
  if (isNpy(out) && tensors.length > 1) {
    throw new ArgumentError(
      `--out ${out} for ${tensors.length} tensors`,
      "npy holds one: write .safetensors",
    );
  }
}
