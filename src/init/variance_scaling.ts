/**
 * The family of `jax.nn.initializers` and Keras, in JAX's spelling and with JAX's float32 arithmetic, so that with the generator
 * `threefry` the numbers are JAX's.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import type { Distribution } from "../random/distribution.ts";
import { type FanMode, fanOf, fansOf } from "./fans.ts";
import { define, type Initializer, ZERO } from "./initializer.ts";

/** What {@linkcode varianceScaling} draws from. */
export type ScaledShape = "uniform" | "normal" | "truncated_normal";

/** The names of {@linkcode ScaledShape}. */
export const SCALED_SHAPES: readonly ScaledShape[] = ["uniform", "normal", "truncated_normal"];

/** Standard deviation of a standard normal that is cut at ±2: what the truncated draw is divided by. */
const TRUNCATED_STD = Math.fround(0.87962566103423978);

const { fround } = Math;

/**
 * Weights with variance scale / fan, biases 0: `jax.nn.initializers.variance_scaling` and Keras's `VarianceScaling`.
 *
 * `uniform` is U[-b, b) with b = sqrt(3 · variance); `normal` is N(0, variance); `truncated_normal` is a normal cut at two standard
 * deviations, widened by 1 / 0.87962566 so that the variance is met after the cut.
 *
 * @param scale Above 0.
 * @param mode Which fan.
 * @param distribution Which shape.
 * @throws {ArgumentError} when a name is unknown or the scale is not above 0.
 */
export function varianceScaling(
  scale = 1,
  mode: FanMode = "fan_in",
  distribution: ScaledShape = "truncated_normal",
): Initializer {
  const defaults = { scale: 1, mode: "fan_in", distribution: "truncated_normal" };
  return scaling("variance_scaling", scale, mode, distribution, { scale, mode, distribution }, defaults);
}

/** Variance 1 / fanIn, uniform: `jax.nn.initializers.lecun_uniform`. LeCun et al., "Efficient backprop", 1998, section 4.6. */
export function lecunUniform(): Initializer {
  return scaling("lecun_uniform", 1, "fan_in", "uniform");
}

/** Variance 1 / fanIn, truncated normal: `jax.nn.initializers.lecun_normal`. LeCun et al., 1998, section 4.6. */
export function lecunNormal(): Initializer {
  return scaling("lecun_normal", 1, "fan_in", "truncated_normal");
}

/** Variance 2 / (fanIn + fanOut), uniform: `jax.nn.initializers.glorot_uniform`. Glorot and Bengio, 2010, equation 16. */
export function glorotUniform(): Initializer {
  return scaling("glorot_uniform", 1, "fan_avg", "uniform");
}

/** Variance 2 / (fanIn + fanOut), truncated normal: `jax.nn.initializers.glorot_normal`. Glorot and Bengio, 2010, equation 12. */
export function glorotNormal(): Initializer {
  return scaling("glorot_normal", 1, "fan_avg", "truncated_normal");
}

/** Variance 2 / fanIn, uniform: `jax.nn.initializers.he_uniform`. He et al., 2015, equation 10. */
export function heUniform(): Initializer {
  return scaling("he_uniform", 2, "fan_in", "uniform");
}

/** Variance 2 / fanIn, truncated normal: `jax.nn.initializers.he_normal`. He et al., 2015, equation 10. */
export function heNormal(): Initializer {
  return scaling("he_normal", 2, "fan_in", "truncated_normal");
}

function scaling(
  name: string,
  scale: number,
  mode: FanMode,
  distribution: ScaledShape,
  options = {},
  defaults = {},
): Initializer {
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new ArgumentError(`scale ${scale}`, "give a number above 0");
  }
  if (!SCALED_SHAPES.includes(distribution)) {
    throw new ArgumentError(
      `unknown distribution "${distribution}"`,
      `use one of ${SCALED_SHAPES.join(", ")}`,
    );
  }
  fanOf({ fanIn: 1, fanOut: 1 }, mode); // an unknown mode is refused here
  return define({
    name,
    options,
    defaults,
    weight: (shape, { layout }) => scaledTo(fround(scale / fanOf(fansOf(shape, layout), mode)), distribution),
  });
}

/** JAX keeps the variance in float32 and rounds every step after it. */
function scaledTo(variance: number, distribution: ScaledShape): Distribution {
  if (!Number.isFinite(variance)) return ZERO; // no inputs, no elements
  if (distribution === "uniform") return { kind: "bounded", bound: fround(Math.sqrt(fround(3 * variance))) };
  const std = fround(Math.sqrt(variance));
  if (distribution === "normal") return { kind: "normal", mean: 0, std };
  const widened = fround(std / TRUNCATED_STD);
  return { kind: "truncated_normal", mean: 0, std: widened, low: -2 * widened, high: 2 * widened };
}
