/**
 * The body of `POST /train`: rows with labels, and how to train on them. It may be anything; nothing is made before it is checked.
 *
 * @module
 */
import {
  ACTIVATION_NAMES,
  type ActivationName,
  adam,
  adamw,
  checkDataset,
  type Dataset,
  FormatError,
  type Initializer,
  initializerByName,
  type Key,
  key,
  type Optimizer,
  sgd,
} from "@fanin/fanin";
import { assertAffordable, refuse } from "./network_limits.ts";
import type { Limits } from "./options.ts";
import { textOf } from "./text.ts";

/** A training job, checked. */
export interface TrainRequest {
  readonly data: Dataset;
  readonly widths: readonly number[];
  readonly activation: ActivationName;
  readonly init: Initializer;
  readonly seed: Key;
  readonly optimizer: Optimizer;
  readonly batch: number;
  readonly epochs: number;
}

const KEYS = [
  ...["features", "labels", "classes", "hidden", "activation", "init", "seed"],
  ...["optimizer", "lr", "momentum", "weightDecay", "batch", "epochs"],
];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a training job.
 *
 * @param body JSON: `features` (rows of numbers), `labels`; and where it is not the default, `classes` (the highest label plus 1),
 *   `hidden` ([16]), `activation` ("relu"), `init` ("torch_linear"), `seed` ("0"), `optimizer` ("sgd"; "adam", "adamw"), `lr`
 *   (0.05; 0.001), `momentum` (sgd: 0.9), `weightDecay`, `batch` (64), `epochs` (5).
 * @param limits What it may cost.
 * @throws {FormatError} when it is something else. {@linkcode ShapeError} {@linkcode ArgumentError} when a value is out of range.
 */
export function parseTrainRequest(body: Uint8Array, limits: Limits): TrainRequest {
  const fields = fieldsOf(textOf(body));
  const data = dataOf(fields, limits), hidden = list(fields.hidden ?? [16], "hidden", isSize);
  const widths = [data.columns, ...hidden, data.classes];
  assertAffordable(widths, limits);
  const batch = size(fields.batch ?? 64, "batch"), epochs = size(fields.epochs ?? 5, "epochs");
  refuse(epochs, limits.epochs, "epochs");
  // Results and gradients of a batch are kept for every layer.
  refuse(Math.min(batch, data.rows) * Math.max(...widths), limits.elements, "numbers of a batch in a layer");
  return {
    data,
    widths,
    activation: oneOf(fields.activation ?? "relu", "activation", ACTIVATION_NAMES),
    init: initializerByName(text(fields.init ?? "torch_linear", "init")),
    seed: key(seedOf(fields.seed ?? "0")),
    optimizer: optimizerOf(fields),
    batch,
    epochs,
  };
}

function fieldsOf(json: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new FormatError("the body is no JSON", "send an object with features and labels", { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrong("the body is no object");
  }
  const unknown = Object.keys(value).find((name) => !KEYS.includes(name));
  if (unknown !== undefined) throw wrong(`unknown key ${shown(unknown)}`, `use some of ${KEYS.join(", ")}`);
  // Of a prototype that somebody has given keys, nothing is taken.
  return Object.assign(Object.create(null), value) as Fields;
}

function dataOf({ features, labels, classes }: Fields, limits: Limits): Dataset {
  const rows = list(features, "features", Array.isArray) as unknown[][];
  const numbers = list(labels, "labels", isLabel);
  refuse(rows.length, limits.rows, "rows");
  const columns = rows[0]?.length ?? 0, values = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    if (row.length !== columns || !row.every((x) => typeof x === "number")) {
      throw wrong(`features: row ${i} is not ${columns} numbers`);
    }
    values.set(row as number[], i * columns);
  });
  const highest = numbers.reduce((a, b) => Math.max(a, b), 0);
  const data = {
    name: "the request",
    features: values,
    labels: Uint32Array.from(numbers),
    rows: rows.length,
    columns,
    classes: classes === undefined ? highest + 1 : size(classes, "classes"),
  };
  checkDataset(data);
  if (data.rows === 0) throw wrong("no rows", "send one or more");
  return data;
}

function optimizerOf({ optimizer = "sgd", lr, momentum, weightDecay }: Fields): Optimizer {
  const name = oneOf(optimizer, "optimizer", ["sgd", "adam", "adamw"]);
  const decay = weightDecay === undefined ? {} : { weightDecay: number(weightDecay, "weightDecay") };
  if (name === "sgd") {
    return sgd({ lr: number(lr ?? 0.05, "lr"), momentum: number(momentum ?? 0.9, "momentum"), ...decay });
  }
  if (momentum !== undefined) throw wrong(`momentum with ${name}`, "leave it out: it is sgd's");
  return (name === "adam" ? adam : adamw)({ lr: number(lr ?? 0.001, "lr"), ...decay });
}

function seedOf(value: unknown): bigint {
  const found = typeof value === "string" && /^(0|-?[1-9]\d{0,19})$/.test(value) ? BigInt(value) : undefined;
  if (found !== undefined && found >= -(2n ** 63n) && found < 2n ** 64n) return found;
  throw wrong(`seed is ${shown(value)}`, "give a whole number of up to 64 bits, in decimal, as a string");
}

function oneOf<T extends string>(value: unknown, what: string, known: readonly T[]): T {
  if (known.includes(value as T)) return value as T;
  throw wrong(`${what} is ${shown(value)}`, `use ${known.join(", ")}`);
}

function list<T>(value: unknown, what: string, isElement: (x: unknown) => x is T): T[] {
  if (Array.isArray(value) && value.every(isElement)) return value;
  throw wrong(`${what} is ${shown(value)}`, "see parseTrainRequest for what it may be");
}

function size(value: unknown, what: string): number {
  if (isSize(value)) return value;
  throw wrong(`${what} is ${shown(value)}`, "give a whole number from 1 on");
}

function number(value: unknown, what: string): number {
  if (typeof value === "number") return value;
  throw wrong(`${what} is ${shown(value)}`, "give a number");
}

function text(value: unknown, what: string): string {
  if (typeof value === "string" && value.length < 100) return value;
  throw wrong(`${what} is ${shown(value)}`, "give a short text");
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isLabel(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? "missing";
  return json.length > 60 ? `${json.slice(0, 60)}…` : json;
}

function wrong(cause: string, remedy = "send an object with features and labels"): FormatError {
  return new FormatError(cause, remedy);
}
