/**
 * The options that `train` and `compare` share: network, optimiser, batches, seed.
 *
 * @module
 */
import type { Split } from "../data/split.ts";
import { ACTIVATION_NAMES, type ActivationName } from "../nn/mod.ts";
import { ArgumentError, ShapeError } from "../gpu/errors.ts";
import { type Key, key } from "../random/key.ts";
import type { GeneratorName } from "../random/mod.ts";
import { adam, adamw, type Optimizer, sgd } from "../train/optimizer.ts";
import { DATA_OPTIONS } from "./data_source.ts";
import { type Options, type OptionSpecs, seedValue, wholeNumbers } from "./options.ts";

/** Names, values and defaults. */
export const TRAINING_OPTIONS = {
  ...DATA_OPTIONS,
  layers: {
    kind: "text",
    value: "N,N,…",
    help: "widths from inputs to outputs; 784,128,64,10 for the digits",
  },
  generator: { kind: "text", value: "NAME", help: "philox or threefry", default: "philox" },
  seed: { kind: "text", value: "N", help: "seed of the weights and of the order of the rows", default: "0" },
  optimizer: { kind: "text", value: "NAME", help: "sgd, adam or adamw", default: "sgd" },
  lr: { kind: "number", value: "X", help: "learning rate; 0.05 for sgd, 0.001 for adam and adamw", least: 0 },
  momentum: { kind: "number", value: "X", help: "momentum of sgd; 0.9 unless given", least: 0 },
  nesterov: { kind: "flag", help: "sgd looks one step ahead" },
  "weight-decay": {
    kind: "number",
    value: "X",
    help: "L2 penalty of sgd and adam, 0 unless given; shrinking of adamw, 0.01",
    least: 0,
  },
  batch: { kind: "integer", value: "N", help: "rows in a mini-batch", default: 64, least: 1 },
  epochs: { kind: "integer", value: "N", help: "times through the data", default: 5, least: 1 },
  shuffle: { kind: "flag", help: "keep the rows in their order", default: true },
  activation: {
    kind: "text",
    value: "NAME",
    help: `${ACTIVATION_NAMES.join(", ")}, after every layer but the last`,
    default: "relu",
  },
} as const satisfies OptionSpecs;

type Training = Options<typeof TRAINING_OPTIONS>;

/**
 * The optimiser that the options name.
 *
 * @throws {ArgumentError} when there is none of that name, or a number is out of range.
 */
export function chosenOptimizer(
  options: Pick<Training, "optimizer" | "lr" | "momentum" | "nesterov" | "weight-decay">,
): Optimizer {
  const { optimizer, lr, momentum, nesterov } = options, weightDecay = options["weight-decay"];
  assertKnown("optimizer", optimizer, ["sgd", "adam", "adamw"]);
  if (optimizer === "sgd") return sgd({ lr: lr ?? 0.05, momentum: momentum ?? 0.9, nesterov, weightDecay });
  if (momentum !== undefined || nesterov) {
    throw new ArgumentError(
      `--momentum and --nesterov with --optimizer ${optimizer}`,
      "leave them out: they are sgd's",
    );
  }
  return (optimizer === "adam" ? adam : adamw)({
    lr: lr ?? 0.001,
    ...weightDecay !== undefined && { weightDecay },
  });
}

/**
 * The key that the options name: the seed of the weights and of the order of the rows.
 *
 * @throws {ArgumentError} when the generator is unknown or the seed is none.
 */
export function chosenKey({ generator, seed }: Pick<Training, "generator" | "seed">): Key {
  assertKnown("generator", generator, ["philox", "threefry", "threefry_original"]);
  return key(seedValue(seed), generator as GeneratorName);
}

/**
 * Widths of the hidden layers: those of `--layers`, which must fit the data, or the data's defaults.
 *
 * @throws {ShapeError} when the first or the last width is not the data's.
 */
export function chosenHidden(options: Training, { train }: Split): number[] {
  if (options.layers === undefined) return train.name === "digits" ? [128, 64] : [16];
  const widths = wholeNumbers("--layers", options.layers);
  const inputs = widths[0], outputs = widths[widths.length - 1];
  if (widths.length < 2 || inputs !== train.columns || outputs !== train.classes) {
    throw new ShapeError(
      `--layers ${options.layers} does not fit ${train.name} with ${train.columns} columns and ${train.classes} classes`,
      `begin with ${train.columns} and end with ${train.classes}: --layers ${train.columns},32,${train.classes}`,
    );
  }
  return widths.slice(1, -1);
}

/**
 * The activation that the options name.
 *
 * @throws {ArgumentError} when there is none of that name.
 */
export function chosenActivation({ activation }: Pick<Training, "activation">): ActivationName {
  assertKnown("activation", activation, ACTIVATION_NAMES);
  return activation as ActivationName;
}

/**
 * Refuses names that a later version may know and this one does not.
 *
 * @throws {ArgumentError} naming the value and the choices.
 */
export function assertKnown(option: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) {
    throw new ArgumentError(`unknown --${option} ${value}`, `use ${known.join(" or ")}`);
  }
}
