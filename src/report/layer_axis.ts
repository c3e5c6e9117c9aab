/**
 * The axis along which the layers of a network stand.
 *
 * @module
 */
import type { DiagnosedLayer } from "../diagnose/report_data.ts";
import type { Axis } from "./axis.ts";

/** Ticks at most. */
const TICKS = 10;

/**
 * A place for every layer, named by it.
 *
 * @param layers The layers, from the input on.
 */
export function layerAxis(layers: readonly DiagnosedLayer[]): Axis {
  const last = layers.length - 1, every = Math.ceil(layers.length / TICKS);
  const ticks = layers.map((_, i) => i).filter((i) => i % every === 0);
  return {
    label: "Layer, from the input on",
    domain: [-0.1, Math.max(0.02, last)],
    ticks,
    format: (tick) => layers[tick]?.name ?? "",
  };
}
