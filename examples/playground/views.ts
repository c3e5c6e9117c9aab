/// <reference lib="dom" />
/**
 * The session on the page: cards, charts, pictures.
 *
 * @module
 */
import type { WeightView } from "@fanin/fanin/diagnose";
import { lossChart, swatch } from "../../src/report/charts.ts";
import { count, counted, figure, percent } from "../../src/report/format.ts";
import { Html, html } from "../../src/report/html.ts";
import { momentChart } from "../../src/report/moment_chart.ts";
import { distinctChart } from "../../src/report/symmetry_charts.ts";
import { verdictHtml } from "../../src/report/verdict_mark.ts";
import { weightPicture } from "../../src/report/weight_picture.ts";
import { byId } from "./form.ts";
import { paintTiles, seesImages } from "./tiles.ts";
import type { Side } from "./protocol.ts";
import { asComparison, type RunState, type Session } from "./session.ts";
import { cloneSentence, outcome, promise, sentence, verdictOf } from "./words.ts";

const SIDES: readonly Side[] = [0, 1];

/** What a card says before anything is trained. */
const EMPTY =
  "Not trained yet: press Train to draw its first weights, judge them, and see what becomes of them.";

/** The lines' looks beside the names of the sides. */
export function showSwatches(): void {
  for (const side of SIDES) {
    document.querySelector(`.choice[data-side="${side}"] .swatch`)!.innerHTML = swatch(side);
  }
}

/** The cards of two initialisers that are not trained yet. */
export function showEmpty(inits: readonly [string, string]): void {
  for (const side of SIDES) {
    put(cardOf(side), html`${head(side, inits[side])}<p class="empty">${EMPTY}</p>`.text);
  }
  byId("results").hidden = true;
}

/** The frame of a session: what changes later is put into it piece by piece, so that a screen reader is told of no more. */
export function showFrame({ runs }: Session): void {
  for (const side of SIDES) {
    const card = html`${head(side, runs[side].init)}<dl class="numbers"></dl>
<div class="words" aria-live="polite" hidden></div>`;
    put(cardOf(side), card.text);
  }
  for (const id of ["shared", "depth", "weights"]) byId(id).replaceChildren();
  for (const id of ["depth", "weights"]) {
    byId(id).append(...SIDES.map((side) => column(side, runs[side].init)));
  }
  byId("results").hidden = true;
}

/** All that the session knows. */
export function showSession(session: Session): void {
  for (const side of SIDES) showCard(session, side);
  if (session.runs.every(({ diagnosis, error }) => diagnosis === undefined && error === undefined)) return;
  byId("results").hidden = session.runs.every(({ diagnosis }) => diagnosis === undefined);
  showCharts(session);
  for (const side of SIDES) showDepth(session, side);
}

/** The weights of one side, which are large: only when they are new. */
export async function showWeights({ runs }: Session, side: Side): Promise<void> {
  const { weights } = runs[side], place = columnOf("weights", side);
  if (weights.length === 0) return;
  const pictures = await Promise.all(weights.map(weightPicture));
  if (runs[side].weights !== weights) return; // newer ones are on their way
  const figures = weights.map((view, i) =>
    figureOf(`Layer ${view.name}: ${count(view.outputs)} × ${count(view.inputs)}`, pictures[i])
  );
  const tiles = seesImages(weights[0]) ? [tileFigure(weights[0])] : [];
  place.replaceChildren(place.firstElementChild!, ...tiles, ...figures);
}

function figureOf(title: string, svg: string): HTMLElement {
  const element = document.createElement("div");
  element.innerHTML = chart(title, svg).text;
  return element.firstElementChild as HTMLElement;
}

function tileFigure(view: WeightView): HTMLElement {
  const element = figureOf(`Layer ${view.name}: its first neurons as images`, ""),
    canvas = document.createElement("canvas");
  element.append(canvas);
  paintTiles(canvas, view);
  return element;
}

function cardOf(side: Side): HTMLElement {
  return document.querySelector<HTMLElement>(`.card[data-side="${side}"]`)!;
}

function head(side: Side, init: string): Html {
  return html`<header><h3 class="who" id="name-${side}"><span class="swatch">${new Html(
    swatch(side),
  )}</span>${"AB"[side]}:
<code>${init}</code></h3><span class="judged" aria-live="polite"></span></header>`;
}

function showCard({ runs, widths, testRows }: Session, side: Side): void {
  const run = runs[side], card = cardOf(side), classes = widths.at(-1) ?? 2;
  const verdict = verdictOf(run, classes);
  put(card.querySelector(".judged")!, verdict === undefined ? "" : verdictHtml(verdict).text);
  put(card.querySelector(".numbers")!, numbers(run, widths).text);
  const words = card.querySelector<HTMLElement>(".words")!, text = story(run, classes, testRows).text.trim();
  words.hidden = text === "";
  put(words, text);
}

function numbers({ epochs }: RunState, widths: readonly number[]): Html {
  const last = epochs.at(-1);
  if (last === undefined) return html``;
  const distinct = last.distinctNeurons.map((n, i) => `${count(n)}/${count(widths[i + 1])}`).join("  ");
  return html`
    <div>
      <dt>Loss</dt>
      <dd class="loss">${figure(last.loss)}</dd>
    </div>
    <div>
      <dt>Unseen rows right</dt>
      <dd class="accuracy">${percent(last.testAccuracy)}</dd>
    </div>
    <div>
      <dt>Distinct neurons</dt>
      <dd class="distinct">${distinct}</dd>
    </div>
  `;
}

function story(run: RunState, classes: number, testRows: number): Html {
  if (run.error !== undefined) return html`<p class="fail">${sentence(run.error)}</p>`;
  const paragraphs = [outcome(run, classes, testRows), promise(run), cloneSentence(run)];
  const [first, ...others] = run.diagnosis?.findings ?? [];
  const remedy = first === undefined ? "" : html`<p class="remedy">Remedy: ${first.remedy}.</p>`;
  const more = others.length === 0 ? "" : html`
    <details>
      <summary>${counted(others.length, "finding")} more</summary>
      <ul>
    ${others.map(({ message }) => html`<li>${sentence(message)}</li>`)}</ul>
    </details>
  `;
  return html`${
    paragraphs.filter((text) => text !== "").map((text) => html`<p>${text}</p>`)
  }${remedy}${more}`;
}

function showCharts(session: Session): void {
  const comparison = asComparison(session), { hidden } = session.settings;
  const charts = [
    chart("Training loss, mini-batch by mini-batch", lossChart(comparison)),
    ...hidden.map((width, i) =>
      chart(`Distinct neurons of ${count(width)} in hidden layer ${i + 1}`, distinctChart(comparison, i))
    ),
  ];
  put(byId("shared"), charts.map(({ text }) => text).join(""));
}

function chart(title: string, svg: string): Html {
  return html`<figure><figcaption><h3>${title}</h3></figcaption>${new Html(svg)}</figure>`;
}

function showDepth({ runs }: Session, side: Side): void {
  const place = columnOf("depth", side), { diagnosis } = runs[side];
  if (diagnosis === undefined || place.childElementCount > 1) return;
  const { layers } = diagnosis, others = runs[1 - side].diagnosis?.layers ?? [];
  const unknown = layers.find(({ predicted }) => predicted?.unknown !== undefined)?.predicted?.unknown;
  const figures = [
    chart("Signal", momentChart(layers, "secondMoment", "RMS of z (log scale)", others)),
    chart("Gradient", momentChart(layers, "gradientMoment", "RMS of the gradient (log scale)", others)),
  ];
  const note = unknown === undefined ? html`` : html`<p class="note">No theory here: ${unknown}.</p>`;
  place.insertAdjacentHTML("beforeend", html`${figures}${note}`.text);
}

function column(side: Side, init: string): HTMLElement {
  const element = document.createElement("div");
  element.className = "column";
  element.dataset.side = `${side}`;
  element.innerHTML =
    html`<h3><span class="swatch">${new Html(swatch(side))}</span>${"AB"[side]}: <code>${init}</code></h3>`
      .text;
  return element;
}

function columnOf(id: string, side: Side): HTMLElement {
  return byId(id).children[side] as HTMLElement;
}

/** Changes an element only where it does change: a live region speaks each time. */
function put(element: Element, text: string): void {
  const known = shown.get(element);
  if (known === text) return;
  shown.set(element, text);
  element.innerHTML = text;
}

const shown = new WeakMap<Element, string>();
