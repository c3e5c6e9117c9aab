/**
 * The chart of the updates of a diagnosis: how far a first step moves each layer's weights.
 *
 * @module
 */
import type { DiagnosedLayer } from "../diagnose/report_data.ts";
import { HEALTHY } from "../diagnose/update_rule.ts";
import { logAxis } from "./axis.ts";
import { figure, NOTHING } from "./format.ts";
import { layerAxis } from "./layer_axis.ts";
import { linePanel } from "./panel.ts";
import { look } from "./series.ts";

/** Decades around the healthy ratio that the axis shows at least. */
const DECADES = 1;

/**
 * The ratios of updates to weights by layer, beside the one that is healthy, as the text of an `<svg>`.
 *
 * @param layers What is shown.
 */
export function updateChart(layers: readonly DiagnosedLayer[]): string {
  const ratios = layers.map(({ updateRatio }) => updateRatio);
  const powers = ratios.filter((ratio) => ratio !== null && ratio > 0).map((ratio) => Math.log10(ratio!));
  const healthy = Math.log10(HEALTHY);
  const low = Math.floor(powers.reduce((a, b) => Math.min(a, b), healthy - DECADES));
  const high = Math.ceil(powers.reduce((a, b) => Math.max(a, b), healthy + DECADES));
  const points = ratios.map((ratio, x) => ({ x, y: ratio !== null && ratio > 0 ? Math.log10(ratio) : NaN }));
  const told = layers.map(({ name, updateRatio }) =>
    `${name} ${updateRatio === null ? NOTHING : figure(updateRatio)}`
  );
  return linePanel({
    label: `Line chart of the ratio of update to weight by layer: ${told.join(", ")}`,
    x: layerAxis(layers),
    y: logAxis("|update| / |weight| (log scale)", 10 ** low, 10 ** high),
    lines: [{ name: "measured", look: look(0), points }],
    levels: [{ y: healthy, text: "healthy: about 0.001" }],
    markers: true,
  });
}
