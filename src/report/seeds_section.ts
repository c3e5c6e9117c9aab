/**
 * A study of seeds as a part of the page.
 *
 * @module
 */

import type { SeedSpread } from "../diagnose/comparison.ts";
import { type Html, html } from "./html.ts";
import { type Column, figureHtml, tableHtml } from "./page.ts";
import { differenceChart, spreadChart, type Studied } from "./seeds_charts.ts";
import { boxTexts, MEASURES, seedsChoice, seedsName, seedsNote, seedsSummary } from "./seeds_words.ts";

const SPREAD_CAPTION = "Box: quartiles and median. Whiskers: the farthest within 1.5 times the box. " +
  "A point is a seed, the first one highest in every row. Figure: the median.";
const DIFFERENCE_CAPTION = "Mean of the first minus the second over the seeds, and its interval. " +
  "Filled: the interval leaves 0 out, so that luck does not explain it. Ring: it may be luck.";

/**
 * The spread of every initialisation's ends, and what tells the pairs apart.
 *
 * @param c The comparison.
 */
export function seedsSection(c: Studied): Html {
  const { seeds: study } = c, several = study.differences.length > 0;
  const spread = MEASURES.map(([measure, title]) =>
    figureHtml(`${title} by initialisation`, SPREAD_CAPTION, [{ svg: spreadChart(c, measure) }])
  );
  const differences = !several
    ? []
    : MEASURES.map(([measure, title]) =>
      figureHtml(`${title}: paired differences`, DIFFERENCE_CAPTION, [{ svg: differenceChart(c, measure) }])
    );
  return html`<section class="seeds" aria-label="Seeds">
<h2>A better minimum, or luck?</h2>
<p class="lead">${several ? seedsChoice(study) || seedsSummary(study) : seedsNote(study)}</p>
<p class="note">${seedsName(study)}: each trains every initialisation on the same rows in the same order.
${several ? `${seedsSummary(study)} ${seedsNote(study)}` : ""}</p>
<div class="figures">
${[...spread, ...differences]}
</div>
${several ? sentences(c) : ""}
${spreadTable(c)}
</section>`;
}

/** Every pair in words, one list a measure. */
function sentences({ seeds }: Studied): Html {
  const lists = MEASURES.map(([measure, title]) => {
    const said = seeds.differences.filter((d) => d.measure === measure);
    return html`
      <div>
        <h3>${title}</h3>
        <ul>${said.map((d) => html`<li class="${d.outcome}">${d.sentence}</li>`)}</ul>
      </div>
    `;
  });
  return html`<div class="pairs">${lists}</div>`;
}

function spreadTable({ seeds }: Studied): Html {
  const number = true;
  const columns: Column[] = [
    { head: "Initialisation" },
    { head: "Can learn", number },
    { head: "Exploded", number },
    ...MEASURES.flatMap(([, title]) => [
      { head: `${title}: median`, number },
      { head: "quartiles", number },
      { head: "whiskers", number },
    ]),
  ];
  const rows = seeds.spread.map(({ init, ok, exploded, loss, accuracy }: SeedSpread) => [
    html`<code>${init}</code>`,
    `${ok} of ${seeds.seeds.length}`,
    `${exploded} of ${seeds.seeds.length}`,
    ...boxTexts("loss", loss),
    ...boxTexts("accuracy", accuracy),
  ]);
  return tableHtml("Every initialisation over all seeds", columns, rows);
}
