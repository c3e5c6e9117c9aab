/**
 * `fanin compare`: the main job.
 *
 * @module
 */
import { compareInitializers } from "../diagnose/compare.ts";
import { ArgumentError } from "../gpu/errors.ts";
import { Gpu } from "../gpu/gpu.ts";
import { INITIALIZER_NAMES, initializersByName } from "../init/names.ts";
import { comparePage } from "../report/compare_page.ts";
import { compareTable } from "../report/compare_table.ts";
import { figure, percent } from "../report/format.ts";
import { hasColor, printJson, printResult, say, showProgress } from "./console.ts";
import { loadSplit } from "./data_source.ts";
import { assertWritable, writeWhole } from "./files.ts";
import { COMMON, helpText, type OptionSpecs, parseOptions } from "./options.ts";
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
  out: { kind: "text", value: "FILE.html", help: "the report", default: "report.html" },
  ...COMMON,
} as const satisfies OptionSpecs;

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
  const inits = initializersByName(options.inits), optimizer = chosenOptimizer(options);
  const { batch, epochs, shuffle } = options,
    seed = chosenKey(options),
    activation = chosenActivation(options);
  await assertWritable(options.out);
  const data = await loadSplit(options), hidden = chosenHidden(options, data);
  if (data.test.rows === 0) {
    throw new ArgumentError(
      `--test-fraction ${options["test-fraction"]} holds back no row of ${data.train.name} to test on`,
      "give a larger one, such as 0.2",
    );
  }

  using gpu = await Gpu.open();
  using bar = showProgress(inits.length * (epochs + 1));
  const comparison = await compareInitializers(gpu, data, {
    inits,
    hidden,
    optimizer,
    batch,
    epochs,
    key: seed,
    activation,
    shuffle,
    onEpoch: (init, { epoch, loss, testAccuracy }) => {
      const now = `${init}: epoch ${epoch} of ${epochs}, loss ${figure(loss)}, test accuracy ${
        percent(testAccuracy)
      }`;
      bar.tick(1, now);
      if (epoch === epochs) bar.line(now);
    },
  });
  await writeWhole(options.out, [new TextEncoder().encode(comparePage(comparison))]);
  if (options.json) printJson(comparison);
  else printResult(compareTable(comparison, { color: hasColor() }));
  say(`report: ${options.out}`);
  return 0;
}
