/**
 * `fanin compare`: the main job.
 *
 * @module
 */
import { resolve } from "@std/path";
import type { Split } from "../data/split.ts";
import { compareInitializers, type CompareOptions } from "../diagnose/compare.ts";
import type { Comparison } from "../diagnose/comparison.ts";
import { compareSeeds, knownRun } from "../diagnose/seeds.ts";
import { ArgumentError } from "../gpu/errors.ts";
import { Gpu } from "../gpu/gpu.ts";
import { INITIALIZER_NAMES, initializersByName } from "../init/names.ts";
import type { Key } from "../random/key.ts";
import { comparePage } from "../report/compare_page.ts";
import { compareTable } from "../report/compare_table.ts";
import { counted, figure, percent } from "../report/format.ts";
import { VERSION } from "../version.ts";
import { dataHash, type Settings } from "./checkpoint_file.ts";
import { hasColor, printJson, printResult, say, showProgress } from "./console.ts";
import { loadSplit } from "./data_source.ts";
import { assertWritable, removeLeftovers, writeWhole } from "./files.ts";
import { COMMON, helpText, type Options, type OptionSpecs, parseOptions, seedValue } from "./options.ts";
import { readResults, writeResults } from "./results_file.ts";
import {
  chosenActivation,
  chosenHidden,
  chosenKey,
  chosenOptimizer,
  TRAINING_OPTIONS,
} from "./training_options.ts";

const OPTIONS = {
  inits: {
    kind: "text",
    value: "NAME,NAME,…",
    help: `initialisations, from ${
      INITIALIZER_NAMES.join(", ")
    }; numbers after a colon: normal:1, uniform:-1,1`,
    default: "zeros,ones,normal:1,torch_linear,kaiming_normal",
  },
  ...TRAINING_OPTIONS,
  seeds: {
    kind: "integer",
    value: "N",
    help: "repeat every initialisation over N seeds, from --seed on, and tell a better end from luck",
    least: 1,
  },
  results: {
    kind: "text",
    value: "FILE.json",
    help: "the runs of --seeds so far: the same command goes on from them; beside the report unless given",
  },
  out: { kind: "text", value: "FILE.html", help: "the report", default: "report.html" },
  ...COMMON,
} as const satisfies OptionSpecs;

/** More seeds than any interval needs. */
const MOST_SEEDS = 10_000;

/** What is compared, made once. */
interface Job {
  readonly options: Options<typeof OPTIONS>;
  readonly data: Split;
  readonly training: CompareOptions;
}

/**
 * Trains the same network from several initialisations, prints a table and writes a report.
 *
 * @param args The arguments after the command's name.
 * @returns The exit status.
 */
export async function compare(args: string[]): Promise<number> {
  const options = parseOptions(args, OPTIONS);
  if (options.help) {
    const summary = "Trains the same network from several initialisations and says which can learn, and why.";
    printResult(helpText("fanin compare [options]", summary, OPTIONS));
    return 0;
  }
  const job = await jobOf(options);
  using gpu = await Gpu.open();
  const comparison = options.seeds === undefined ? await compareOnce(gpu, job) : await compareOver(gpu, job);
  await writeWhole(options.out, [new TextEncoder().encode(comparePage(comparison))]);
  if (options.json) printJson(comparison);
  else printResult(compareTable(comparison, { color: hasColor() }));
  say(`report: ${options.out}`);
  return 0;
}

async function jobOf(options: Job["options"]): Promise<Job> {
  const { batch, epochs, shuffle } = options;
  const training = {
    inits: initializersByName(options.inits),
    optimizer: chosenOptimizer(options),
    key: chosenKey(options),
    activation: chosenActivation(options),
    batch,
    epochs,
    shuffle,
  };
  chosenKeys(options); // wrong seeds are found before the data is loaded
  await checkFiles(options);
  const data = await loadSplit(options), hidden = chosenHidden(options, data);
  if (data.test.rows === 0) {
    throw new ArgumentError(
      `--test-fraction ${options["test-fraction"]} holds back no row of ${data.train.name} to test on`,
      "give a larger one, such as 0.2",
    );
  }
  return { options, data, training: { ...training, hidden } };
}

/** What can be said of the files before any work. */
async function checkFiles(options: Job["options"]): Promise<void> {
  await assertWritable(options.out);
  if (options.seeds === undefined) {
    if (options.results === undefined) return;
    throw new ArgumentError(`--results ${options.results} without --seeds`, "say how many: --seeds 10");
  }
  const results = resultsPath(options);
  if (resolve(results) === resolve(options.out)) {
    throw new ArgumentError(`--results ${results} is the report itself`, "name another file");
  }
  await assertWritable(results);
}

/** "report.results.json" beside "report.html". */
function resultsPath({ results, out }: Job["options"]): string {
  return results ?? `${out.replace(/\.html?$/i, "")}.results.json`;
}

/** A key for every seed, from --seed on. */
function chosenKeys({ seed, seeds = 1, generator }: Job["options"]): Key[] {
  const first = BigInt(seedValue(seed)), last = first + BigInt(seeds) - 1n;
  if (seeds > MOST_SEEDS) throw new ArgumentError(`--seeds ${seeds}`, `give ${MOST_SEEDS} or fewer`);
  if (last >= 2n ** 64n) {
    throw new ArgumentError(
      `--seeds ${seeds} from --seed ${seed} on pass 64 bits`,
      "begin with a lower seed",
    );
  }
  return Array.from({ length: seeds }, (_, i) => chosenKey({ generator, seed: `${first + BigInt(i)}` }));
}

async function compareOnce(gpu: Gpu, { data, training }: Job): Promise<Comparison> {
  const { inits, epochs } = training;
  using bar = showProgress(inits.length * (epochs + 1));
  return await compareInitializers(gpu, data, {
    ...training,
    onEpoch: (init, { epoch, loss, testAccuracy }) => {
      const now = `${init}: epoch ${epoch} of ${epochs}, loss ${figure(loss)}, test accuracy ${
        percent(testAccuracy)
      }`;
      bar.tick(1, now);
      if (epoch === epochs) bar.line(now);
    },
  });
}

async function compareOver(gpu: Gpu, { options, data, training }: Job): Promise<Comparison> {
  const { inits, epochs } = training, keys = chosenKeys(options), path = resultsPath(options);
  const settings = settingsOf(gpu, data, training, options.generator);
  const known = await readResults(path, settings), runs = [...known], all = keys.length * inits.length;
  await removeLeftovers(path);
  const there = keys.flatMap((key) => inits.filter((init) => knownRun({ known, keys }, key, init))).length;
  if (there > 0) say(`${path} has ${there} of ${counted(all, "run")}: ${counted(all - there, "run")} to go`);
  using bar = showProgress(all * (epochs + 1));
  bar.tick(there * (epochs + 1));
  const comparison = await compareSeeds(gpu, data, {
    ...training,
    keys,
    known,
    onEpoch: (init, { epoch }, key) => bar.tick(1, `seed ${key.seed}, ${init}: epoch ${epoch} of ${epochs}`),
    onRun: async (run) => {
      const isSame = ({ seed, init }: typeof run) => seed === run.seed && init === run.init;
      runs.splice(0, runs.length, ...runs.filter((other) => !isSame(other)), run);
      await writeResults(path, settings, runs);
      const loss = figure(run.finalLoss), accuracy = percent(run.finalAccuracy);
      bar.line(`seed ${run.seed}, ${run.init}: loss ${loss}, test accuracy ${accuracy}`);
    },
  });
  say(`results: ${path}`);
  return comparison;
}

/** What a run's numbers depend on, beside its seed and its initialisation: more of both can be added to a file. */
function settingsOf(gpu: Gpu, data: Split, training: CompareOptions, generator: string): Settings {
  const { train } = data, { hidden, activation, optimizer, batch, epochs, shuffle } = training;
  return {
    version: VERSION,
    adapter: gpu.adapter.name,
    layers: [train.columns, ...hidden, train.classes].join(),
    activation: `${activation}`,
    generator,
    optimizer: `${optimizer}`,
    batch: `${batch}`,
    epochs: `${epochs}`,
    shuffle: `${shuffle}`,
    data: `${train.name} ${dataHash(data)}`,
  };
}
