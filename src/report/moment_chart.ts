/**
 * The chart of a diagnosis: the scale of the signal or of the gradient, layer by layer, beside theory.
 *
 * @module
 */
import type { DiagnosedLayer } from "../diagnose/report_data.ts";
import { type Axis, logAxis } from "./axis.ts";
import { figure } from "./format.ts";
import { layerAxis } from "./layer_axis.ts";
import { type Line, linePanel, type Reach } from "./panel.ts";
import { look } from "./series.ts";

/** Decades that an axis shows at least, so that a level signal looks level. */
const DECADES = 2;

/**
 * Measured beside predicted, layer by layer, as the text of an `<svg>`.
 *
 * @param layers What is shown.
 * @param moment Of which of a layer's means the root is drawn.
 * @param title The vertical axis.
 * @param others Layers of another network, which the axis has room for as well: for charts side by side.
 */
export function momentChart(
  layers: readonly DiagnosedLayer[],
  moment: "secondMoment" | "gradientMoment",
  title: string,
  others: readonly DiagnosedLayer[] = [],
): string {
  const measured = layers.map((layer) => layer[moment]);
  const predicted = layers.map(({ predicted }) => predicted?.[moment] ?? null);
  const line = (name: string, index: number, values: (number | null)[]): Line => ({
    name,
    look: look(index),
    points: values.map((value, x) => ({ x, y: isPositive(value) ? Math.log10(value) / 2 : NaN })),
  });
  const lines = [line("measured", 0, measured)];
  if (predicted.some(isPositive)) lines.push(line("predicted", 1, predicted));
  const told = layers.map(({ name }, i) =>
    `${name} ${figure(measured[i] === null ? null : Math.sqrt(measured[i]))}`
  );
  return linePanel({
    label: `Line chart of the ${title.replace(" (log scale)", "")} by layer: ${told.join(", ")}`,
    x: layerAxis(layers),
    y: momentAxis(title, [
      ...[...layers, ...others].flatMap((l) => [l[moment], l.predicted?.[moment] ?? null]),
      ...[layers, others].flatMap((some) => reachesOf(some, moment)).flatMap((
        r,
      ) => [100 ** r.low, 100 ** r.high]),
    ]),
    lines,
    reaches: reachesOf(layers, moment),
    markers: true,
  });
}

/** Where theory expects each layer from what its neighbour was measured at: the one below forward, the one above backward. */
function reachesOf(layers: readonly DiagnosedLayer[], moment: "secondMoment" | "gradientMoment"): Reach[] {
  return layers.flatMap(({ predicted }, x) => {
    const [neighbour, band] = moment === "secondMoment"
      ? [layers[x - 1], predicted?.forwardBand]
      : [layers[x + 1], predicted?.backwardBand];
    const from = neighbour?.[moment] ?? null;
    if (!isPositive(from) || !band) return [];
    return [{ x, low: Math.log10(from * band.low) / 2, high: Math.log10(from * band.high) / 2 }];
  });
}

function momentAxis(title: string, values: readonly (number | null)[]): Axis {
  const powers = values.filter(isPositive).map((value) => Math.log10(value) / 2);
  const low = Math.floor(powers.reduce((a, b) => Math.min(a, b), powers[0] ?? 0));
  const high = Math.ceil(powers.reduce((a, b) => Math.max(a, b), low + DECADES));
  return logAxis(title, 10 ** low, 10 ** high);
}

function isPositive(value: number | null): value is number {
  return value !== null && value > 0;
}
