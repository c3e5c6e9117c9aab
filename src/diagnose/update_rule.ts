/**
 * Judging the first step: whether an optimiser moves the weights by far too much, or by far too little.
 *
 * @module
 */
import { type Evidence, finding, round } from "./evidence.ts";
import type { Finding } from "./report_data.ts";

/** CS231n's notes call this healthy. */
const HEALTHY = 1e-3;

/**
 * Above this the first step is longer than the weights, and little of what was drawn is left: three decades above what is healthy. A
 * tenth of it would be a false alarm: the digits are learnt best by Adam with first steps of 0.05 to 0.4.
 */
const LARGE = 1;

/**
 * Below this it takes a million steps in one direction to come as far as the weights are long, and each of them is some ten units in the
 * last place of float32: three decades below what is healthy. Momentum and an agreeable gradient may make later steps ten times as long.
 */
const SMALL = 1e-6;

/** A first step need not come nearer than this: Adam's is longer than those that follow, by a factor of 3 to 10. */
const FIRST = 0.1;

/** The layers whose weights the first step moves out of range: one finding for too far, and for too little of a network not yet trained. */
export function updates({ signal, layers, initializer, optimizer }: Evidence): Finding[] {
  if (optimizer === undefined) return [];
  const moved = layers.map(({ name, updateRatio }, i) => {
    const { norm, gradientNorm } = signal.parameters[2 * i];
    const isMoving = norm !== null && norm > 0 && gradientNorm !== null && gradientNorm > 0;
    // The weights are there and so is the gradient: what has no ratio went out of float32's range.
    return { name, ratio: isMoving ? updateRatio ?? Infinity : null };
  });
  const most = largest(moved), least = largest(moved.map((one) => ({ ...one, ratio: inverse(one.ratio) })));
  const found: Finding[] = [];
  if (most.ratio > LARGE) {
    const length = most.ratio === Infinity
      ? "out of float32's range"
      : `by ${round(most.ratio)} times their length`;
    found.push(finding("update-ratio", "warn", most.name, [
      `layer ${most.name}: the first step of ${optimizer} moves its weights ${length}, so that little of what was drawn is left`,
      `lower --lr${
        most.ratio === Infinity ? "" : `, ${round(most.ratio / FIRST)} times or more`
      }: an update of about ${HEALTHY} of the weights is healthy, and up to ${FIRST} in the first step`,
    ]));
  }
  // A trained network has small gradients, as it should.
  if (least.ratio > 1 / SMALL && initializer !== undefined) {
    const ratio = 1 / least.ratio;
    found.push(finding("update-ratio", "warn", least.name, [
      `layer ${least.name}: the first step of ${optimizer} moves its weights by ${
        round(ratio)
      } of their length, so that they hardly move`,
      `raise --lr${
        ratio === 0 ? "" : `, ${round(HEALTHY / ratio)} times or so`
      }: an update of about ${HEALTHY} of the weights is healthy`,
    ]));
  }
  return found;
}

interface MovedLayer {
  readonly name: string;
  readonly ratio: number | null;
}

/** The layer with the largest ratio; 0 where none has one. */
function largest(layers: readonly MovedLayer[]): { name: string; ratio: number } {
  return layers.reduce<{ name: string; ratio: number }>(
    (most, { name, ratio }) => ratio !== null && ratio > most.ratio ? { name, ratio } : most,
    { name: "", ratio: 0 },
  );
}

function inverse(ratio: number | null): number | null {
  return ratio === null ? null : 1 / ratio;
}
