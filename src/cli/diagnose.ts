/**
 * `fanin diagnose`: judges a checkpoint, or a network that is not trained yet.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import { arraysOfFile, type NamedArray } from "../diagnose/named_array.ts";
import type { Diagnosis } from "../diagnose/report_data.ts";
import { diagnose as judge, type DiagnoseOptions } from "../diagnose/verdict.ts";
import { ArgumentError, FormatError, InputError, ShapeError } from "../gpu/errors.ts";
import { Gpu } from "../gpu/gpu.ts";
import type { Initializer } from "../init/initializer.ts";
import { INITIALIZER_NAMES, initializerByName } from "../init/names.ts";
import { parseManifest } from "../init/parse_manifest.ts";
import { layersManifest } from "../init/recipes.ts";
import { remake } from "../init/remake.ts";
import { Mlp } from "../nn/mlp.ts";
import { drawOnHost } from "../random/draw.ts";
import { key } from "../random/key.ts";
import { diagnoseTable } from "../report/diagnose_table.ts";
import { counted, plain, shorten } from "../report/format.ts";
import { quote } from "../tensor/quote.ts";
import { parseSafetensors, type Safetensors } from "../tensor/safetensors.ts";
import { hasColor, printJson, printResult, say } from "./console.ts";
import { DATA_OPTIONS, loadSplit } from "./data_source.ts";
import { assertWritable, readBytes, writeWhole } from "./files.ts";
import {
  COMMON,
  helpText,
  type Options,
  type OptionSpecs,
  parseOptions,
  seedValue,
  wholeNumbers,
} from "./options.ts";
import { chosenActivation, chosenKey, TRAINING_OPTIONS } from "./training_options.ts";

const { "test-fraction": _, ...DATA } = DATA_OPTIONS;

const OPTIONS = {
  layers: { kind: "text", value: "N,N,…", help: "a network not trained yet, from inputs to outputs" },
  init: {
    kind: "text",
    value: "NAME",
    help: `what it is drawn from, torch_linear unless given: ${
      INITIALIZER_NAMES.join(", ")
    }; numbers after a colon: normal:1`,
  },
  generator: {
    kind: "text",
    value: "NAME",
    help: "philox unless given; threefry, threefry_original, mt19937: PyTorch's",
  },
  seed: { kind: "text", value: "N", help: "seed of the weights; 0 unless given" },
  activation: TRAINING_OPTIONS.activation,
  ...DATA,
  data: {
    kind: "text",
    value: "NAME",
    help:
      "inputs to measure on: digits, iris or normal; unless given, those of the two that fit, else normal",
  },
  out: { kind: "text", value: "FILE.html", help: "a report" },
  ...COMMON,
} as const satisfies OptionSpecs;

const USAGE = "fanin diagnose FILE.safetensors [options], or fanin diagnose --layers N,N,… [options]";
const SUMMARY =
  "Judges the weights of a file, or of a network not trained yet: whether it can learn, and if not, why.";

/** Rows of inputs that are drawn: as many as the diagnosis measures. */
const ROWS = 256;

type Chosen = Options<typeof OPTIONS>;

/** A network to be judged, on the host or only described. */
interface Subject {
  /** What it is, in words. */
  readonly source: string;
  readonly widths: readonly number[];
  /** The layers' names in the findings. */
  readonly names?: readonly string[];
  readonly initializer?: Initializer;
  /** Tensors that are no part of it, and why. */
  readonly notUnderstood: readonly string[];
  /** Gives the network its parameters. */
  readonly fill: (gpu: Gpu, network: Mlp) => Promise<void> | void;
}

/** What the network is measured on. */
interface Inputs {
  /** In words. */
  readonly text: string;
  readonly features: Float32Array<ArrayBuffer>;
  readonly labels: Uint32Array<ArrayBuffer>;
  readonly classes: number;
}

/**
 * Judges a network and prints what was found.
 *
 * @param args The arguments after the command's name.
 * @returns The exit status: 0 whatever the verdict, since the diagnosis is done.
 */
export async function diagnose(args: string[]): Promise<number> {
  const options = parseOptions(args, OPTIONS, 1);
  if (options.help) {
    printResult(helpText(USAGE, SUMMARY, OPTIONS));
    return 0;
  }
  if (options.out !== undefined) await assertWritable(options.out);
  const activation = chosenActivation(options), subject = await chosenSubject(options);
  const inputs = await chosenInputs(options, subject.widths);
  using gpu = await Gpu.open();
  using network = new Mlp(gpu, subject.widths, activation);
  await subject.fill(gpu, network);
  const { names, initializer } = subject, { classes } = inputs;
  const known: DiagnoseOptions = { names, initializer, classes };
  const diagnosis = await judge(gpu, network, { features: inputs.features, labels: inputs.labels }, known);
  const { source, notUnderstood } = subject, adapter = gpu.adapter.name;
  const setting = { adapter, source, activation, inputs: inputs.text, notUnderstood };
  if (options.out !== undefined) {
    const { diagnosePage } = await import("../report/diagnose_page.ts");
    await writeWhole(options.out, [new TextEncoder().encode(diagnosePage(diagnosis, setting))]);
  }
  if (options.json) printJson({ ...setting, ...diagnosis });
  else printResult(textOf(diagnosis, subject, `${activation}, measured on ${inputs.text}`));
  if (options.out !== undefined) say(`report: ${options.out}`);
  return 0;
}

function textOf(diagnosis: Diagnosis, { source, notUnderstood }: Subject, how: string): string {
  const others = notUnderstood.length === 0 ? [] : [
    "",
    `not understood, and left out: ${shorten(notUnderstood.map(plain).join("; "), 600)}`,
  ];
  return [plain(source), how, "", diagnoseTable(diagnosis, { color: hasColor() }), ...others].join("\n");
}

async function chosenSubject(options: Chosen): Promise<Subject> {
  const { layers, _: [path] } = options;
  if ((path === undefined) === (layers === undefined)) {
    throw new ArgumentError(
      path === undefined ? "nothing to diagnose" : "a file and --layers at once",
      "name a FILE.safetensors, or give --layers 784,128,10 --init NAME",
    );
  }
  if (layers !== undefined) return untrained(wholeNumbers("--layers", layers), options);
  const given = (["generator", "seed"] as const).find((name) => options[name] !== undefined);
  if (given !== undefined) {
    throw new ArgumentError(`--${given} with a file`, "leave it out: the weights are the file's");
  }
  const bytes = await readBytes(path);
  try {
    return fileSubject(path, parseSafetensors(bytes), options);
  } catch (error) {
    if (!(error instanceof InputError) || error.message.startsWith(path)) throw error;
    throw new FormatError(`${path}: ${error.message.slice(0, -`; ${error.remedy}`.length)}`, error.remedy, {
      cause: error,
    });
  }
}

/** A network as `train` or `init` would begin with. */
function untrained(
  widths: number[],
  { init = "torch_linear", generator = "philox", seed = "0" }: Chosen,
): Subject {
  const initializer = initializerByName(init);
  const source = `layers ${widths.join("-")} from ${initializer}, ${generator}(${seed})`;
  const described = { source, widths, initializer, notUnderstood: [] };
  if (generator !== "mt19937") {
    const seeded = chosenKey({ generator, seed });
    return { ...described, fill: (_, network) => network.initialize(initializer, seeded) };
  }
  const manifest = layersManifest(widths, initializer, generator, seedValue(seed));
  return {
    ...described,
    fill: async (gpu, network) => {
      const whole = new Map(
        network.parameters.map(({ name, tensor }) => [name, new Float32Array(tensor.size)]),
      );
      for await (const { name, offset, values } of remake(gpu, manifest)) {
        whole.get(name)!.set(values, offset);
      }
      for (const [name, values] of whole) network.write(name, values);
    },
  };
}

/** A linear layer of a file. */
interface FileLayer {
  readonly name: string;
  readonly weight: NamedArray;
  readonly bias: NamedArray | undefined;
}

function fileSubject(path: string, file: Safetensors, { init }: Chosen): Subject {
  const { layers, others } = linearLayers(file);
  if (layers.length === 0) {
    throw new FormatError(
      `${path} has no linear layer: ${others.length === 0 ? "it is empty" : shorten(others.join("; "), 300)}`,
      "name float32 weights [out, in] as PyTorch's Sequential does: 0.weight, 0.bias, 2.weight",
    );
  }
  const broken = layers.findIndex(({ weight }, i) =>
    i > 0 && weight.shape[1] !== layers[i - 1].weight.shape[0]
  );
  if (broken > 0) {
    const [below, above] = layers.slice(broken - 1, broken + 1);
    throw new ShapeError(
      `${path}: layer ${below.name} gives ${below.weight.shape[0]} numbers and layer ${above.name} takes ${
        above.weight.shape[1]
      }`,
      "give a file whose linear layers follow one another by the numbers in their names",
    );
  }
  const widths = [layers[0].weight.shape[1], ...layers.map(({ weight }) => weight.shape[0])];
  return {
    source: `${path}: layers ${widths.join("-")}`,
    widths,
    names: layers.map(({ name }) => name),
    initializer: init === undefined ? writtenInitializer(file) : initializerByName(init),
    notUnderstood: others,
    fill: (_, network) => writeLayers(network, layers),
  };
}

function writeLayers(network: Mlp, layers: readonly FileLayer[]): void {
  layers.forEach(({ weight, bias }, i) => {
    const { name } = network.layers[i];
    network.write(`${name}.weight`, new Float32Array(weight.data));
    if (bias !== undefined) network.write(`${name}.bias`, new Float32Array(bias.data));
  });
}

/** The layers by the numbers in their names, and every other tensor with the reason why it is none of theirs. */
function linearLayers(file: Safetensors): { layers: FileLayer[]; others: string[] } {
  const arrays = new Map(arraysOfFile(file).map((array) => [array.name, array])), used = new Set<string>();
  const layers: FileLayer[] = [];
  for (const [name, weight] of arrays) {
    const number = /^(\d{1,9})\.weight$/.exec(name)?.[1];
    if (number === undefined || weight.shape.length !== 2 || weight.data.length === 0) continue;
    const bias = arrays.get(`${number}.bias`), fits = bias?.shape.join() === `${weight.shape[0]}`;
    layers.push({ name: number, weight, bias: fits ? bias : undefined });
    used.add(name);
    if (fits) used.add(`${number}.bias`);
  }
  // What a checkpoint of `train` holds beside the weights is understood, and no layer.
  const beside = Object.hasOwn(file.metadata, "checkpoint") ? /^(optimizer\.|epoch\.losses$)/ : /^$/;
  const others = [...file.tensors].filter(([name]) => !used.has(name) && !beside.test(name)).map((
    [name, { dtype, shape }],
  ) => `${quote(name)} ${dtype} [${shape}]`);
  return { layers: layers.sort((a, b) => Number(a.name) - Number(b.name)), others };
}

/** The initialiser that `fanin init` wrote into the file, where it is one for all parameters. */
function writtenInitializer({ metadata: { fanin } }: Safetensors): Initializer | undefined {
  // `train` writes its version there, and its weights are no initialisation any more.
  if (fanin === undefined || !fanin.startsWith("{")) return undefined;
  try {
    const inits = new Set(parseManifest(fanin).tensors.map(({ init }) => init));
    return inits.size === 1 ? initializerByName([...inits][0]) : undefined;
  } catch (error) {
    // A later version's recipe: the weights can be judged without it.
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Data whose rows the network takes; standard normal numbers where there are none. */
async function chosenInputs(options: Chosen, widths: readonly number[]): Promise<Inputs> {
  const inputs = widths[0], outputs = widths[widths.length - 1];
  const { data, features, labels, csv } = options;
  const isNamed = [data, features, labels, csv].some((source) => source !== undefined);
  const source = isNamed
    ? data
    : inputs === 784 && outputs === 10
    ? "digits"
    : inputs === 4 && outputs === 3
    ? "iris"
    : "normal";
  if (source === "normal" && [features, labels, csv].every((file) => file === undefined)) {
    return normalInputs(inputs, outputs);
  }
  const { train } = await loadSplit({ data: source, features, labels, csv, "test-fraction": 0 });
  if (train.columns !== inputs || train.classes > outputs) {
    throw new ShapeError(
      `${train.name} with ${train.columns} columns and ${train.classes} classes does not fit layers ${
        widths.join("-")
      }`,
      "name other data, or --data normal",
    );
  }
  return firstRows(train);
}

function firstRows({ name, features, labels, rows, columns, classes }: Dataset): Inputs {
  const count = Math.min(ROWS, rows);
  return {
    text: `${counted(count, "row")} of ${name}`,
    features: features.slice(0, count * columns) as Float32Array<ArrayBuffer>,
    labels: labels.slice(0, count) as Uint32Array<ArrayBuffer>,
    classes,
  };
}

function normalInputs(inputs: number, outputs: number): Inputs {
  const drawn = drawOnHost(key(0).stream("inputs"), { kind: "normal", mean: 0, std: 1 }, {
    count: ROWS * inputs,
  });
  return {
    text: `${ROWS} rows of standard normal numbers with labels in turn`,
    features: drawn as Float32Array<ArrayBuffer>,
    labels: Uint32Array.from({ length: ROWS }, (_, row) => row % outputs),
    classes: outputs,
  };
}
