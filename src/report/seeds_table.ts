/**
 * A study of seeds as a table for the terminal, and a sentence for every pair.
 *
 * @module
 */

import type { SeedSpread, SeedStudy } from "../diagnose/comparison.ts";
import { plain, wrap } from "./format.ts";
import { ruledTable } from "./ruled_table.ts";
import { boxTexts, MEASURES, seedsName, seedsNote, seedsSummary } from "./seeds_words.ts";

const HEAD = [
  "Init",
  "Can\nlearn",
  "Loss\nmedian",
  "Loss\nquartiles",
  "Loss\nwhiskers",
  "Accuracy\nmedian",
  "Accuracy\nquartiles",
  "Accuracy\nwhiskers",
  "Ex-\nploded",
];
const RIGHT_ALIGNED = new Set([1, 2, 5, 8]);
const WRAPPABLE = [0, 3, 4, 6, 7];

/**
 * One row an initialisation, then a sentence for every pair, then how sure that is.
 *
 * @param study What the seeds say.
 * @param columns The widest line, in columns.
 * @returns Lines.
 */
export function seedsTable(study: SeedStudy, columns: number): string[] {
  const explodes = study.spread.some(({ exploded }) => exploded > 0), shown = explodes ? HEAD.length : -1;
  const rows = study.spread.map((spread) => cells(spread, study.seeds.length).slice(0, shown));
  const layout = { right: RIGHT_ALIGNED, wrappable: WRAPPABLE, columns };
  const pairs = MEASURES.flatMap(([measure, title]) => {
    const said = study.differences.filter((d) => d.measure === measure);
    return said.length === 0 ? [] : [`${title}:`, ...said.flatMap((d) => item(d.sentence, columns)), ""];
  });
  return [
    `Above: seed ${plain(study.seeds[0])}. Below: ${
      plain(seedsName(study))
    }, each with the same rows in the same order for all.`,
    ...ruledTable(HEAD.slice(0, shown), rows, layout),
    "",
    ...pairs,
    ...wrap([seedsSummary(study), seedsNote(study)].join(" ").trim(), columns, " "),
  ];
}

function cells({ init, ok, exploded, loss, accuracy }: SeedSpread, of: number): string[] {
  const boxes = [...boxTexts("loss", loss), ...boxTexts("accuracy", accuracy)];
  return [plain(init), `${ok}/${of}`, ...boxes, `${exploded}/${of}`];
}

/** A sentence, continued under itself. */
function item(sentence: string, columns: number): string[] {
  return wrap(plain(sentence), columns - 2, " ").map((line, i) => (i === 0 ? "· " : "  ") + line);
}
