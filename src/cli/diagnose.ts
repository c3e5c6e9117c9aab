/**
 * `fanin diagnose`: judges a checkpoint, or a network that is not trained yet.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import { networkOfFile } from "../diagnose/file_network.ts";
import { arraysOfNetwork } from "../diagnose/named_array.ts";
import { normalBatch } from "../diagnose/normal_batch.ts";
import type { Diagnosis } from "../diagnose/report_data.ts";
import { diagnose as judge, type DiagnoseOptions } from "../diagnose/verdict.ts";
import { viewWeights } from "../diagnose/weight_view.ts";
import { ArgumentError, ShapeError } from "../gpu/errors.ts";
import { Gpu } from "../gpu/gpu.ts";
import type { Initializer } from "../init/initializer.ts";
import { INITIALIZER_NAMES, initializerByName } from "../init/names.ts";
import { layersManifest } from "../init/recipes.ts";
import { remake } from "../init/remake.ts";
import { Mlp } from "../nn/mlp.ts";
import { diagnoseTable } from "../report/diagnose_table.ts";
import { counted, plain, shorten } from "../report/format.ts";
import { type WatchedTraining, watchTable } from "../report/watch_table.ts";
import { parseSafetensors } from "../tensor/safetensors.ts";
import { hasColor, printJson, printResult, say } from "./console.ts";
import { DATA_OPTIONS, loadSplit } from "./data_source.ts";
import { assertWritable, naming, readBytes, writeWhole } from "./files.ts";
import {
  COMMON,
  helpText,
  type Options,
  type OptionSpecs,
  parseOptions,
  seedValue,
  wholeNumbers,
} from "./options.ts";
import { chosenActivation, chosenKey, chosenOptimizer, TRAINING_OPTIONS } from "./training_options.ts";
import { chosenWatch, watch, WATCH_OPTIONS } from "./watch_options.ts";

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
  ...WATCH_OPTIONS,
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
  /** All rows, to train on. */
  readonly all: Dataset;
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
  const optimizer = chosenOptimizer(options), inputs = await chosenInputs(options, subject.widths);
  const training = chosenWatch(options, optimizer, inputs.all);
  using gpu = await Gpu.open();
  using network = new Mlp(gpu, subject.widths, activation);
  await subject.fill(gpu, network);
  const { names, initializer, source, notUnderstood } = subject, { classes, features, labels } = inputs;
  const known: DiagnoseOptions = { names, initializer, classes, optimizer };
  const diagnosis = await judge(gpu, network, { features, labels }, known);
  const weights = options.out === undefined ? undefined : await arraysOfNetwork(network);
  const watched = training && await watch(gpu, network, inputs.all, training, diagnosis.layers);
  const setting = {
    adapter: gpu.adapter.name,
    source,
    activation,
    inputs: inputs.text,
    optimizer: `${optimizer}`,
    notUnderstood,
  };
  if (options.out !== undefined) {
    const { diagnosePage } = await import("../report/diagnose_page.ts");
    const views = viewWeights(weights!, diagnosis.layers.map(({ name }) => name), initializer);
    const text = await diagnosePage(diagnosis, setting, { weights: views, watched });
    await writeWhole(options.out, [new TextEncoder().encode(text)]);
  }
  if (options.json) printJson({ ...setting, ...diagnosis, ...watched && { watch: watched.report } });
  else {
    const how = `${activation}, measured on ${inputs.text}, updates in the first step of ${optimizer}`;
    printResult(textOf(diagnosis, subject, how, watched));
  }
  if (options.out !== undefined) say(`report: ${options.out}`);
  return 0;
}

function textOf(
  diagnosis: Diagnosis,
  { source, notUnderstood }: Subject,
  how: string,
  watched: WatchedTraining | undefined,
): string {
  const others = notUnderstood.length === 0 ? [] : [
    "",
    `not understood, and left out: ${shorten(notUnderstood.map(plain).join("; "), 600)}`,
  ];
  const seen = watched === undefined ? [] : ["", watchTable(watched)];
  const table = diagnoseTable(diagnosis, { color: hasColor() });
  return [plain(source), how, "", table, ...others, ...seen].join("\n");
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
  return await fileSubject(path, options);
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

async function fileSubject(path: string, { init }: Chosen): Promise<Subject> {
  const named = init === undefined ? undefined : initializerByName(init), bytes = await readBytes(path);
  const { widths, names, initializer, notUnderstood, write } = naming(
    path,
    () => networkOfFile(parseSafetensors(bytes)),
  );
  return {
    source: `${path}: layers ${widths.join("-")}`,
    widths,
    names,
    initializer: named ?? initializer,
    notUnderstood,
    fill: (_, network) => write(network),
  };
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

function firstRows(dataset: Dataset): Inputs {
  const { name, features, labels, rows, columns, classes } = dataset;
  const count = Math.min(ROWS, rows);
  return {
    text: `${counted(count, "row")} of ${name}`,
    features: features.slice(0, count * columns) as Float32Array<ArrayBuffer>,
    labels: labels.slice(0, count) as Uint32Array<ArrayBuffer>,
    classes,
    all: dataset,
  };
}

function normalInputs(inputs: number, outputs: number): Inputs {
  const batch = normalBatch(inputs, outputs, ROWS), text = "standard normal numbers with labels in turn";
  const all = { name: text, ...batch, rows: ROWS, columns: inputs, classes: outputs };
  return { text: `${ROWS} rows of ${text}`, ...batch, classes: outputs, all };
}
