/**
 * The same distribution for every shape: random without bounds, or within bounds that know nothing of the layer.
 *
 * @module
 */
import { type Distribution, sampler } from "../random/distribution.ts";
import { define, type Initializer, type OptionValue } from "./initializer.ts";

/**
 * Weights from U[low, high), biases 0: `torch.nn.init.uniform_`.
 *
 * @param low Lower bound; 0 unless given, as in PyTorch.
 * @param high Upper bound; 1 unless given.
 * @throws {ArgumentError} when the bounds are not finite or the wrong way round.
 */
export function uniform(low = 0, high = 1): Initializer {
  // Two bounds are read together, so that they are typed together too, or not at all.
  const defaults: Record<string, OptionValue> = low === 0 && high === 1 ? { low, high } : {};
  return same("uniform", { low, high }, defaults, { kind: "uniform", low, high });
}

/**
 * Weights from N(mean, std²), biases 0: `torch.nn.init.normal_`, random without bounds.
 *
 * @param std Standard deviation; 1 unless given, as in PyTorch.
 * @param mean Mean; 0 unless given.
 * @throws {ArgumentError} when they are not finite, or std is negative.
 */
export function normal(std = 1, mean = 0): Initializer {
  return same("normal", { std, mean }, { mean: 0 }, { kind: "normal", mean, std });
}

/**
 * Weights from N(mean, std²) given that they lie in [low, high], biases 0: `torch.nn.init.trunc_normal_`, whose `a` and `b` these
 * bounds are. No value lies outside; none is rejected.
 *
 * @param std Standard deviation before the cut; 1 unless given.
 * @param mean Mean before the cut; 0 unless given.
 * @param low Lower bound; -2 unless given, as in PyTorch.
 * @param high Upper bound; 2 unless given.
 * @throws {ArgumentError} when they are not finite or the wrong way round, or leave less than 2^-12 of the normal.
 */
export function truncNormal(std = 1, mean = 0, low = -2, high = 2): Initializer {
  const options = { std, mean, low, high };
  const filling: Distribution = { kind: "truncated_normal", ...options };
  return same("trunc_normal", options, { std: 1, mean: 0, low: -2, high: 2 }, filling);
}

function same(
  name: string,
  options: Readonly<Record<string, OptionValue>>,
  defaults: Readonly<Record<string, OptionValue>>,
  filling: Distribution,
): Initializer {
  sampler(filling, "philox"); // what cannot be drawn is refused here, not in the middle of a network
  return define({ name, options, defaults, weight: () => filling });
}
