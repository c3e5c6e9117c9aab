/**
 * A comparison as a page of its own.
 *
 * @module
 */

import type { ComparedRun, Comparison } from "../diagnose/comparison.ts";
import { swatch } from "./charts.ts";
import { compareCommand } from "./compare_command.ts";
import { figures } from "./compare_figures.ts";
import { count, counted, distinct, figure, list, NOTHING, percent, seconds, span } from "./format.ts";
import { Html, html } from "./html.ts";
import { type Column, page, tableHtml } from "./page.ts";
import { seedsSection } from "./seeds_section.ts";
import { seedsName } from "./seeds_words.ts";
import { verdictHtml } from "./verdict_mark.ts";
import { VERDICT_NOTE, WATCH_HEAD, watchCells } from "./symmetry_words.ts";

/**
 * The comparison as one HTML document that needs nothing else: no network, no other file, no script.
 *
 * @param c The comparison.
 */
export function comparePage(c: Comparison): string {
  const body = html`<main>
<header>
<p class="eyebrow">fanin compare</p>
<h1>Which initialisation can learn?</h1>
<p class="lead">${summary(c)}</p>
<p class="setting">${setting(c)}</p>
</header>
<ul class="cards" role="list">
${c.runs.map((run, i) => card(run, i, c))}
</ul>
${c.seeds === undefined ? "" : [seedsSection({ ...c, seeds: c.seeds }), firstSeed(c)]}
<section class="figures" aria-label="Charts">
${figures(c)}
</section>
<section class="tables">
<h2>All figures</h2>
<p class="note">Neurons and ReLUs: one figure a hidden layer. RMS: first layer→last layer, before training
and after it.</p>
${overview(c)}
<details><summary>Epoch by epoch</summary>${epochTable(c)}</details>
<details><summary>Layer by layer</summary>${layerTable(c)}</details>
${symmetryTable(c)}
</section>
${footer(c)}
</main>`;
  return page(`Initialisations compared: ${list(c.runs.map((run) => run.init))}`, body);
}

/** What the rest of the page is about, where there are several seeds. */
function firstSeed({ seed }: Comparison): Html {
  return html`
    <div class="first">
      <h2>One run, from the start to the end</h2>
      <p class="note">The cards above and all that follows are of seed ${seed}, the first.</p>
    </div>
  `;
}

/** Two sentences: who can learn, and who cannot. */
function summary(c: Comparison): Html {
  const [ok, warn, fail] = (["ok", "warn", "fail"] as const).map((v) =>
    c.runs.filter((run) => run.verdict === v)
  );
  const reach = html`after ${counted(c.epochs, "epoch")} ${
    ok.length === 1 ? "it classifies" : "they classify"
  } ${list(ok.map((run) => percent(run.finalAccuracy)))} of the ${count(c.testRows)} test rows correctly`;
  const first = ok.length > 0
    ? html`${names(ok)} can learn: ${reach}.`
    : html`None of these initialisations has shown that it can learn.`;
  const parts = [
    ...(fail.length > 0 ? [html`${names(fail)} cannot learn`] : []),
    ...(warn.length > 0 ? [html`${names(warn)} may not learn`] : []),
  ];
  if (parts.length === 0) return html`${first} None of them failed.`;
  return html`${first} ${parts[0]}${parts.length > 1 ? html`, and ${parts[1]}` : ""}.`;
}

function names(runs: ComparedRun[]): Html {
  return new Html(list(runs.map((run) => name(run).text)));
}

/** An initialiser's name, which may be broken after its punctuation. */
function name(run: ComparedRun): Html {
  const parts = run.init.split(/(?<=[_:,])/).map((part) => html`${part}`.text);
  return html`<code>${new Html(parts.join("<wbr>"))}</code>`;
}

function setting(c: Comparison): Html {
  const parts = [
    c.adapter,
    `${c.data}: ${count(c.trainRows)} rows to train on, ${count(c.testRows)} to test`,
    `layers ${c.layers.join("-")}`,
    counted(c.parameters, "parameter"),
    c.optimizer,
    `batch ${count(c.batch)}`,
    counted(c.epochs, "epoch"),
    c.seeds === undefined ? `seed ${c.seed}` : seedsName(c.seeds),
    `generator ${c.generator}`,
  ];
  // Each part keeps together where the line is broken.
  return html`${parts.map((part, i) => html`<span>${part}${i < parts.length - 1 ? " ·" : ""}</span>`)}`;
}

function swatchHtml(index: number): Html {
  return html`<span class="swatch">${new Html(swatch(index))}</span>`;
}

function card(run: ComparedRun, index: number, c: Comparison): Html {
  const neurons = run.distinctNeurons.length === 0 ? "" : html`
    <dl>
      <dt>Distinct neurons</dt>
      <dd>${distinct(run.distinctNeurons, c.layers.slice(1, -1))}</dd>
    </dl>
  `;
  return html`
    <li class="card">
      <div class="who">${swatchHtml(index)}<h2>${name(run)}</h2>${verdictHtml(run.verdict)}</div>
      <div class="score">
        <p class="large">${percent(run.finalAccuracy)}</p>
        <p class="what">test accuracy${c.seeds === undefined ? "" : `, seed ${c.seed}`}</p>
      </div>
      ${neurons}
      <p class="sentence">${run.sentence}</p>
    </li>
  `;
}

function overview(c: Comparison): Html {
  const hidden = c.layers.slice(1, -1);
  const columns: Column[] = [
    { head: "Initialisation" },
    { head: "Verdict" },
    { head: "Final loss", number: true },
    { head: "Test accuracy", number: true },
    { head: "Distinct neurons", number: true },
    { head: "Dead ReLUs by layer", number: true },
    { head: "Activation RMS before", number: true },
    { head: "Activation RMS after", number: true },
    { head: "Gradient RMS before", number: true },
    { head: "Gradient RMS after", number: true },
  ];
  const rows = c.runs.map((run) => [
    name(run),
    verdictHtml(run.verdict),
    figure(run.finalLoss),
    percent(run.finalAccuracy),
    distinct(run.distinctNeurons, hidden),
    hidden.map((_, i) => percent(run.scalesAfter[i]?.dead ?? null)).join(" ") || NOTHING,
    span(run.scalesBefore.map((layer) => layer.activation)),
    span(run.scalesAfter.map((layer) => layer.activation)),
    span(run.scalesBefore.map((layer) => layer.gradient)),
    span(run.scalesAfter.map((layer) => layer.gradient)),
  ]);
  return tableHtml("Every initialisation at the end of training", columns, rows);
}

function epochTable(c: Comparison): Html {
  const columns: Column[] = [
    { head: "Initialisation" },
    { head: "Epoch", number: true },
    { head: "Training loss", number: true },
    { head: "Training accuracy", number: true },
    { head: "Test loss", number: true },
    { head: "Test accuracy", number: true },
    { head: "Distinct neurons", number: true },
  ];
  const rows = c.runs.flatMap((run) =>
    run.epochs.map((epoch) => [
      name(run),
      epoch.epoch,
      figure(epoch.loss),
      percent(epoch.accuracy),
      figure(epoch.testLoss),
      percent(epoch.testAccuracy),
      distinct(epoch.distinctNeurons, c.layers.slice(1, -1)),
    ])
  );
  return tableHtml("Every epoch; 0 is before training", columns, rows);
}

function layerTable(c: Comparison): Html {
  const columns: Column[] = [
    { head: "Initialisation" },
    { head: "Layer" },
    { head: "Neurons", number: true },
    { head: "Activation RMS before", number: true },
    { head: "after", number: true },
    { head: "Gradient RMS before", number: true },
    { head: "after", number: true },
    { head: "Dead ReLUs before", number: true },
    { head: "after", number: true },
  ];
  const dead = (value: number | null | undefined): string =>
    typeof value === "number" ? percent(value) : NOTHING;
  const rows = c.runs.flatMap((run) =>
    run.scalesBefore.map((before, i) => {
      const after = run.scalesAfter[i] ?? { activation: null, gradient: null, dead: null };
      return [
        name(run),
        before.name,
        count(before.width),
        figure(before.activation),
        figure(after.activation),
        figure(before.gradient),
        figure(after.gradient),
        dead(before.dead),
        dead(after.dead),
      ];
    })
  );
  return tableHtml("Every layer, before the first step and after the last", columns, rows);
}

function symmetryTable(c: Comparison): Html {
  const columns: Column[] = [
    { head: "Initialisation" },
    ...WATCH_HEAD.map((head, i) => ({ head, number: i > 0 && i < WATCH_HEAD.length - 1 })),
  ];
  const rows = c.runs.flatMap((run) =>
    (run.symmetry?.layers ?? []).map((layer) => [name(run), ...watchCells(layer)])
  );
  if (rows.length === 0) return html``;
  return html`<details><summary>Symmetry, from the first step to the last</summary>
<p class="note">${VERDICT_NOTE}</p>
${tableHtml("Symmetry over training, layer by layer", columns, rows)}
</details>`;
}

function footer(c: Comparison): Html {
  const times = new Html(
    list(c.runs.map((run) => html`${seconds(run.seconds)} from ${name(run)}`.text)),
  );
  return html`
    <footer>
      <h2>Make it again</h2>
      <p>The same seed draws the same weights, bit for bit, on any adapter.</p>
      <pre><code>${compareCommand(c)}</code></pre>
      <p>Training took ${times}.</p>
    </footer>
  `;
}
