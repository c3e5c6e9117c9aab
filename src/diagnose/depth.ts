/**
 * How deep a signal reaches, and what is measured beside what is predicted.
 *
 * @module
 */
import type { SignalMeasurement } from "./moments.ts";
import { type Band, type Prediction, ratioBand } from "./prediction.ts";

/** What a layer has to say of its signal: measured or predicted. */
export interface LayerSignal {
  /** The layer's parameter name without `.weight`. */
  readonly name: string;
  /** Mean z². */
  readonly secondMoment: number | null;
  /** Mean cosine of two rows after the activation. */
  readonly cosine: number | null;
}

/** How deep the signal reaches. */
export interface SignalDepth {
  /** Number of layers, from the input on, that it reaches in good order. */
  readonly layers: number;
  /** The first layer that it does not reach; `null` where it reaches all. */
  readonly lostAt: string | null;
  /** What becomes of it there. */
  readonly cause: "vanished" | "exploded" | "collapsed" | "not finite" | null;
}

/** What still counts as a signal. */
export interface DepthOptions {
  /** Largest factor by which E[z²] may differ from the first layer's; 1e6 unless given: a thousand in amplitude. */
  readonly factor?: number;
  /** Largest mean cosine of two rows: above it all inputs have become one; 0.999 unless given, an angle of 2.6 degrees. */
  readonly cosine?: number;
}

/**
 * The depth to which a signal reaches: until its scale leaves a range about the first layer's, or all inputs point in one direction.
 * The second is seen by no variance: PyTorch's default with its biases keeps the scale at 0.4/n for ever, and every input becomes one.
 *
 * @param layers From the input on, measured or predicted; ends at the first that is unknown in both respects.
 * @param options What still counts.
 */
export function signalDepth(
  layers: readonly LayerSignal[],
  { factor = 1e6, cosine: most = 0.999 }: DepthOptions = {},
): SignalDepth {
  const first = layers[0]?.secondMoment ?? null;
  for (const [i, { name, secondMoment, cosine }] of layers.entries()) {
    const lost = (cause: SignalDepth["cause"]): SignalDepth => ({ layers: i, lostAt: name, cause });
    if (secondMoment === null) return lost("not finite");
    if (secondMoment === 0 || secondMoment * factor < first!) return lost("vanished");
    if (secondMoment > first! * factor) return lost("exploded");
    if (cosine !== null && cosine > most) return lost("collapsed");
  }
  return { layers: layers.length, lostAt: null, cause: null };
}

/** One ratio of second moments between neighbouring layers. */
export interface ComparedRatio {
  /** What was measured. */
  readonly measured: number | null;
  /** Where it should lie. */
  readonly band: Band | null;
  /** Whether it does; `null` where either is unknown. */
  readonly within: boolean | null;
}

/** One layer, measured beside predicted. */
export interface ComparedLayer {
  /** The layer's parameter name without `.weight`. */
  readonly name: string;
  /** E[z²] over the layer below's; `null` for the first. */
  readonly forward: ComparedRatio | null;
  /** E[(∂loss/∂z)²] over the layer above's; `null` for the last. */
  readonly backward: ComparedRatio | null;
  /** Mean cosine of two rows after the activation. */
  readonly cosine: { readonly measured: number | null; readonly predicted: number | null };
}

/**
 * A measurement beside its prediction, layer by layer.
 *
 * @param prediction For as many rows as were measured.
 * @param measured The same network.
 * @param level Probability of each layer's band; 0.999 unless given.
 */
export function besidePrediction(
  prediction: Prediction,
  measured: SignalMeasurement,
  level = 0.999,
): ComparedLayer[] {
  const last = measured.layers.length - 1;
  return measured.layers.map((layer, i) => ({
    name: layer.name,
    forward: i === 0 ? null : compared(layer.forwardRatio, ratioBand(prediction, "forward", i - 1, i, level)),
    backward: i === last
      ? null
      : compared(layer.backwardRatio, ratioBand(prediction, "backward", i, i + 1, level)),
    cosine: { measured: layer.cosine, predicted: prediction.layers[i].cosine },
  }));
}

function compared(measured: number | null, band: Band | null): ComparedRatio {
  const within = measured === null || band === null ? null : band.low <= measured && measured <= band.high;
  return { measured, band, within };
}
