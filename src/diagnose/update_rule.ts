/**
 * Judging the first step: whether an optimiser moves the weights by far too much, or by far too little.
 *
 * @module
 */
import type { Optimizer } from "../train/optimizer.ts";
import { type Evidence, finding, round } from "./evidence.ts";
import type { Finding } from "./report_data.ts";

/** CS231n's notes call this healthy. */
export const HEALTHY = 1e-3;

/**
 * Above this the first step is longer than the weights, and little of what was drawn is left: three decades above what is healthy. A
 * tenth of it would be a false alarm: Adam learns the digits best with first steps of 0.02 to 0.4. SGD with momentum may fail from 0.01
 * on, which its first step does not tell: see tests/diagnose/LEARNING_RATES.md.
 */
const LARGE = 1;

/**
 * Below this it takes a million steps in one direction to come as far as the weights are long, and each of them is some ten units in the
 * last place of float32: three decades below what is healthy. Momentum and an agreeable gradient may make later steps ten times as long.
 */
const SMALL = 1e-6;

/** Where a remedy puts the first step: there all networks of LEARNING_RATES.md learn, whether by SGD or by Adam. */
const BEGIN = 3e-3;

/** What a remedy says of it. */
const AIM =
  `an update of about ${HEALTHY} of the weights is healthy, and a first step of ${BEGIN} a place to begin`;

/** Learning rates that people begin with. */
const USUAL: Readonly<Record<string, number>> = { sgd: 0.05, adam: 1e-3, adamw: 1e-3 };

/** The layers whose weights the first step moves out of range: one finding for too far, and for too little of a network not yet trained. */
export function updates({ signal, layers, initializer, optimizer }: Evidence): Finding[] {
  if (optimizer === undefined) return [];
  const moved = layers.map(({ name, updateRatio }, i) => {
    const { norm, gradientNorm } = signal.parameters[2 * i];
    const isMoving = norm !== null && norm > 0 && gradientNorm !== null && gradientNorm > 0;
    // The weights are there and so is the gradient: what has no ratio went out of float32's range.
    return { name, ratio: isMoving ? updateRatio ?? Infinity : null };
  });
  const most = extreme(moved, (ratio, other) => ratio > other);
  const least = extreme(moved, (ratio, other) => ratio < other);
  return [
    ...most && most.ratio > LARGE ? [tooFar(most, optimizer)] : [],
    // A trained network has small gradients, as it should.
    ...least && least.ratio < SMALL && initializer !== undefined ? [tooLittle(least, optimizer)] : [],
  ];
}

function tooFar({ name, ratio }: MovedLayer, optimizer: Optimizer): Finding {
  const isLost = ratio === Infinity;
  const length = isLost ? "out of float32's range" : `by ${round(ratio)} times their length`;
  return finding("update-ratio", isLost ? "fail" : "warn", name, [
    `layer ${name}: the first step of ${optimizer} moves its weights ${length}, so that little of what was drawn is left`,
    `lower the learning rate: ${command(optimizer, isLost ? null : BEGIN / ratio)}; ${AIM}`,
  ]);
}

function tooLittle({ name, ratio }: MovedLayer, optimizer: Optimizer): Finding {
  return finding("update-ratio", "warn", name, [
    `layer ${name}: the first step of ${optimizer} moves its weights by ${
      round(ratio)
    } of their length, so that they hardly move`,
    `raise the learning rate: ${command(optimizer, ratio === 0 ? null : BEGIN / ratio)}; ${AIM}`,
  ]);
}

/** The optimiser with another learning rate, as it is typed; the usual one where it is not known how far the present one is off. */
function command({ name, lr }: Optimizer, factor: number | null): string {
  const other = factor === null ? USUAL[name] ?? lr : lr * factor;
  return `fanin train --optimizer ${name} --lr ${Number(other.toPrecision(1))}`;
}

interface MovedLayer {
  readonly name: string;
  readonly ratio: number;
}

/** The layer whose ratio is further than every other one's; nothing where none has one. */
function extreme(
  layers: readonly { readonly name: string; readonly ratio: number | null }[],
  isFurther: (ratio: number, other: number) => boolean,
): MovedLayer | undefined {
  return layers.reduce<MovedLayer | undefined>(
    (found, { name, ratio }) =>
      ratio !== null && (found === undefined || isFurther(ratio, found.ratio)) ? { name, ratio } : found,
    undefined,
  );
}
