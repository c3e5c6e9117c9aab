/**
 * The fixture from several seeds: the same stories, each with an end that varies.
 *
 * @module
 */

import type { Comparison, SeedStudy } from "../../src/diagnose/comparison.ts";
import { studySeeds } from "../../src/diagnose/seed_study.ts";

/** A comparison as if it had been made from several seeds. */
export function studied(c: Comparison, seeds: number): Comparison & { seeds: SeedStudy } {
  const results = Array.from(
    { length: seeds },
    (_, s) =>
      c.runs.map(({ init, verdict, finalLoss, finalAccuracy, seconds }, i) => ({
        seed: `${42 + s}`,
        init,
        verdict,
        // Sines that are out of step: ends that neither repeat nor agree.
        finalLoss: finalLoss === null
          ? null
          : finalLoss * (1 + 0.08 * Math.sin(3 * s) + 0.05 * Math.sin(5 * s + i)),
        finalAccuracy: Math.min(1, finalAccuracy * (1 + 0.01 * Math.sin(7 * s + i))),
        seconds,
      })),
  ).flat();
  return { ...c, seeds: studySeeds(results, c.runs.map((run) => run.init)) };
}
