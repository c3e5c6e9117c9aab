/**
 * What several seeds say: how one initialisation's ends are spread, and whether two differ or only had luck.
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import type {
  Measure,
  SeedDifference,
  SeedOutcome,
  SeedResult,
  SeedSpread,
  SeedStudy,
} from "./comparison.ts";
import { boxOf, type MeanInterval, pairedInterval } from "./paired.ts";
import { seedSentence } from "./seed_sentence.ts";

/** How sure the intervals of all pairs of a measure are together. */
const CONFIDENCE = 0.95;

/**
 * Spreads and paired differences of runs over seeds.
 *
 * Pairs are made by seed, not by place. The intervals are Student's for the mean of paired differences, each as sure as
 * 1 − 0.05 / (number of pairs): by Bonferroni's inequality (Dunn, 1961, Journal of the American Statistical Association 56) all
 * of a measure hold together with 95%, so that the best looking of many pairs is not taken for more than it is.
 *
 * @param results One entry a seed and initialisation, in any order.
 * @param inits The initialisers' names, in the order of the report.
 * @throws {ArgumentError} when a seed lacks an initialisation.
 */
export function studySeeds(results: readonly SeedResult[], inits: readonly string[]): SeedStudy {
  const seeds = [...new Set(results.map((result) => result.seed))];
  const bySeed = inits.map((init) => seeds.map((seed) => resultOf(results, seed, init)));
  const pairs = inits.flatMap((_, i) => inits.slice(i + 1).map((_, j) => [bySeed[i], bySeed[i + 1 + j]]));
  const confidence = 1 - (1 - CONFIDENCE) / pairs.length;
  const measures: Measure[] = seeds.length < 2 ? [] : ["loss", "accuracy"];
  return {
    seeds,
    confidence: CONFIDENCE,
    results: seeds.flatMap((_, s) => bySeed.map((ofInit) => ofInit[s])),
    spread: bySeed.map(spreadOf),
    differences: measures.flatMap((measure) =>
      pairs.map(([a, b]) => differenceOf(measure, a, b, confidence))
    ),
  };
}

function resultOf(results: readonly SeedResult[], seed: string, init: string): SeedResult {
  const found = results.find((result) => result.seed === seed && result.init === init);
  if (found === undefined) {
    throw new ArgumentError(`${init} has no result from seed ${seed}`, "train every initialisation from it");
  }
  return found;
}

function spreadOf(results: readonly SeedResult[]): SeedSpread {
  const values = (measure: Measure) => results.map((r) => valueOf(r, measure)).filter((x) => x !== null);
  return {
    init: results[0].init,
    ok: results.filter((result) => result.verdict === "ok").length,
    exploded: results.length - values("loss").length,
    loss: boxOf(values("loss")) ?? null,
    accuracy: boxOf(values("accuracy")) ?? null,
  };
}

function differenceOf(
  measure: Measure,
  a: readonly SeedResult[],
  b: readonly SeedResult[],
  confidence: number,
): SeedDifference {
  const pairs = a.map((result, s) => [valueOf(result, measure), valueOf(b[s], measure)] as const);
  const finite = pairs.filter((pair): pair is [number, number] => pair.every((x) => x !== null));
  const found = pairedInterval(finite.map(([x]) => x), finite.map(([, y]) => y), confidence);
  const difference: Omit<SeedDifference, "sentence"> = {
    measure,
    a: a[0].init,
    b: b[0].init,
    seeds: finite.length,
    mean: found?.mean ?? null,
    interval: found === undefined ? null : [found.low, found.high],
    outcome: outcomeOf(found),
  };
  return { ...difference, sentence: seedSentence(difference, a.length) };
}

/** A value that can be compared; `null` where the run has exploded. */
function valueOf({ finalLoss, finalAccuracy }: SeedResult, measure: Measure): number | null {
  return measure === "loss" ? finalLoss : finalAccuracy;
}

function outcomeOf(found: MeanInterval | undefined): SeedOutcome {
  if (found === undefined) return "unknown";
  if (found.low === found.high) return "same";
  return found.high < 0 ? "lower" : found.low > 0 ? "higher" : "unclear";
}
