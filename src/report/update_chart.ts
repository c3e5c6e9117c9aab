/**
 * The charts of updates: how far steps move each layer's weights, beside how far is healthy.
 *
 * @module
 */
import type { DiagnosedLayer } from "../diagnose/report_data.ts";
import { HEALTHY } from "../diagnose/update_rule.ts";
import type { UpdateReport } from "../diagnose/update_watch.ts";
import { type Axis, logAxis, wholeAxis } from "./axis.ts";
import { figure, list, NOTHING } from "./format.ts";
import { layerAxis } from "./layer_axis.ts";
import { type Level, linePanel } from "./panel.ts";
import { look } from "./series.ts";
import { weightUpdates } from "./updates_words.ts";

/** Decades around the healthy ratio that the axis shows at least. */
const DECADES = 1;

/** Lines of few points have a marker at each. */
const FEW = 12;

type Ratio = number | null;

/**
 * The ratios of a first step by layer, as the text of an `<svg>`.
 *
 * @param layers What is shown.
 */
export function updateChart(layers: readonly DiagnosedLayer[]): string {
  const ratios = layers.map(({ updateRatio }) => updateRatio);
  return linePanel({
    label: `Line chart of the ratio of update to weight by layer: ${
      list(layers.map(({ name }, i) => `${name} ${text(ratios[i])}`))
    }`,
    x: layerAxis(layers),
    y: ratioAxis(ratios),
    lines: [{ name: "measured", look: look(0), points: ratios.map((ratio, x) => ({ x, y: place(ratio) })) }],
    levels: healthy(),
    markers: true,
  });
}

/**
 * The ratios over a training by step, a line a layer.
 *
 * @param report What was seen.
 * @param most Layers that are drawn, the first ones.
 */
export function updatesChart(report: UpdateReport, most: number): string {
  const { steps } = report, layers = weightUpdates(report).slice(0, most);
  const lines = layers.map(({ name, updateRatio }, i) => ({
    name: `layer ${name}`,
    look: look(i),
    points: updateRatio.map((ratio, at) => ({ x: steps[at], y: place(ratio) })),
  }));
  return linePanel({
    label: `Line chart of the ratio of update to weight by step. At the end: ${
      list(layers.map(({ name, updateRatio }) => `${name} ${text(updateRatio.at(-1) ?? null)}`))
    }`,
    x: wholeAxis("Step (mini-batch)", steps.at(-1) ?? 1),
    y: ratioAxis(layers.flatMap(({ updateRatio }) => updateRatio)),
    lines,
    levels: healthy(),
    markers: steps.length <= FEW,
  });
}

function ratioAxis(ratios: readonly Ratio[]): Axis {
  const powers = ratios.map(place).filter(Number.isFinite), middle = Math.log10(HEALTHY);
  const low = Math.floor(powers.reduce((a, b) => Math.min(a, b), middle - DECADES));
  const high = Math.ceil(powers.reduce((a, b) => Math.max(a, b), middle + DECADES));
  return logAxis("|update| / |weight| (log scale)", 10 ** low, 10 ** high);
}

function healthy(): Level[] {
  return [{ y: Math.log10(HEALTHY), text: `healthy: about ${HEALTHY}`, side: "below" }];
}

/** What is 0 or has no ratio has no place. */
function place(ratio: Ratio): number {
  return ratio !== null && ratio > 0 ? Math.log10(ratio) : NaN;
}

function text(ratio: Ratio): string {
  return ratio === null ? NOTHING : figure(ratio);
}
