/**
 * A diagnosis as a page of its own.
 *
 * @module
 */
import type { Verdict } from "../diagnose/comparison.ts";
import type { Diagnosis, Finding } from "../diagnose/report_data.ts";
import type { WeightView } from "../diagnose/weight_view.ts";
import { DIAGNOSIS_HEAD, diagnosisCells } from "./diagnose_table.ts";
import { counted, list } from "./format.ts";
import { escape, Html, html } from "./html.ts";
import { momentChart } from "./moment_chart.ts";
import { figureHtml, page, tableHtml } from "./page.ts";
import { updateChart } from "./update_chart.ts";
import { updatesFigure, watchFigures, watchSection } from "./watch_section.ts";
import type { WatchedTraining } from "./watch_table.ts";
import { weightFigures } from "./weight_figures.ts";

/** What the page says of a network besides the diagnosis. */
export interface DiagnosisSetting {
  /** What was diagnosed: a file, or widths with their initialiser. */
  readonly source: string;
  /** The adapter's name. */
  readonly adapter: string;
  /** The activation. */
  readonly activation: string;
  /** What it was measured on. */
  readonly inputs: string;
  /** What makes the first step of which the updates are measured. */
  readonly optimizer: string;
  /** Tensors that were left out. */
  readonly notUnderstood: readonly string[];
}

/** What the page shows beside the diagnosis. */
export interface DiagnosisDetails {
  /** The weight matrices, from the input on; none unless given. */
  readonly weights?: readonly WeightView[];
  /** A training that was watched, where there was one. */
  readonly watched?: WatchedTraining;
}

const WORDS: Record<Verdict, string> = {
  ok: "Nothing keeps this network from learning",
  warn: "This network may not learn well",
  fail: "This network cannot learn as it is",
};

/**
 * The diagnosis as one HTML document that needs nothing else: no network, no other file, no script.
 *
 * @param diagnosis What was found.
 * @param setting Of which network.
 * @param details What else is shown.
 */
export async function diagnosePage(
  diagnosis: Diagnosis,
  setting: DiagnosisSetting,
  { weights = [], watched }: DiagnosisDetails = {},
): Promise<string> {
  const { verdict, findings, layers } = diagnosis;
  const { source, adapter, activation, inputs, optimizer, notUnderstood } = setting;
  const rows = layers.map((layer, i) => diagnosisCells(layer, i === layers.length - 1));
  const columns = DIAGNOSIS_HEAD.map((head, i) => ({ head, number: i > 1 }));
  const left = notUnderstood.length === 0
    ? ""
    : html`<p class="note">Not understood, and left out: ${notUnderstood.join("; ")}</p>`;
  const body = html`<main>
<header>
<p class="eyebrow">fanin diagnose</p>
<h1 class="${verdict}">${WORDS[verdict]}</h1>
<p class="lead">${summary(diagnosis)}</p>
<p class="setting">${source} · ${activation} · measured on ${inputs} · ${adapter}</p>
</header>
${findings.length === 0 ? "" : html`<ul class="cards" role="list">${findings.map(card)}</ul>`}
<section class="figures" aria-label="Charts">
${
    figureHtml(
      "Signal through the layers",
      "Root mean square of each layer's output before its activation. " + LEGEND,
      [{ svg: momentChart(layers, "secondMoment", "RMS of z (log scale)") }],
    )
  }
${
    figureHtml(
      "Gradient through the layers",
      "Root mean square of the loss's gradient at each layer. " + LEGEND,
      [{ svg: momentChart(layers, "gradientMoment", "RMS of the gradient (log scale)") }],
    )
  }
${figureHtml("Update to weight, layer by layer", updateCaption(optimizer), [{ svg: updateChart(layers) }])}
${watched === undefined ? "" : [updatesFigure(watched), ...watchFigures(watched)]}
${await weightFigures(weights)}
</section>
<section class="tables">
<h2>Layer by layer</h2>
${tableHtml("Layer by layer", columns, rows)}
${left}
${watched === undefined ? "" : watchSection(watched)}
</section>
</main>`;
  return page(`Diagnosis: ${source}`, body);
}

const LEGEND = "Zeros and numbers that are not finite have no point. " +
  "Pale bars: where theory, given the neighbouring layer as measured, expects a sampled network, but for one in a million. " +
  "Where the initialiser is known, theory stands beside the measurement.";

function updateCaption(optimizer: string): string {
  return `How far the first step of ${optimizer} on the measured rows moves each layer's weights, as a part of their length. ` +
    "About 0.001 is healthy; a first step may be longer than those that follow. Weights that are 0, or stay as they are, have no point.";
}

function summary({ findings, rows }: Diagnosis): string {
  const count = (severity: Finding["severity"]) =>
    findings.filter((finding) => finding.severity === severity).length;
  const parts = [
    ...count("fail") > 0 ? [counted(count("fail"), "failure")] : [],
    ...count("warn") > 0 ? [counted(count("warn"), "warning")] : [],
  ];
  const found = parts.length === 0 ? "no clones, and a signal in order both ways" : list(parts);
  return `Measured on ${counted(rows, "row")}: ${found}.`;
}

function card({ code, severity, layer, message, remedy }: Finding): Html {
  return html`
    <li class="card">
      <h2><span class="verdict ${severity}">${severity}</span> ${code}, layer ${layer}</h2>
      <p class="sentence">${message}.</p>
      <p class="sentence">${whole(remedy)}</p>
    </li>
  `;
}

/** A text in which no option of a command is broken between two lines. */
function whole(text: string): Html {
  const parts = text.split(/(--[a-z][a-z-]*)/);
  return new Html(
    parts.map((part, i) => i % 2 === 0 ? escape(part) : `<span class="option">${part}</span>`).join(""),
  );
}
