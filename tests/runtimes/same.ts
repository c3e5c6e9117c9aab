/**
 * What one runtime has done beside what Deno does on the adapter at hand.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { DiagnosedLayer } from "../../src/diagnose/mod.ts";
import { describe } from "../conformance/row.ts";
import type { Outcome } from "../conformance/run.ts";
import { TABLE } from "../conformance/table.ts";
import { testGpu } from "../gpu_fixture.ts";
import { loadMlpTrace } from "../golden/load.ts";
import { assertClose } from "../oracle/compare.ts";
import { TRACE_BOUND, traceRuns } from "../train/trace.ts";
import { diagnoseAll, type Diagnosed } from "./diagnosis.ts";
import { trainAll, type Trained } from "./training.ts";

/**
 * A mean square of float32 numbers, of which each is a sum of 40 products or less through three layers: 3 · 2 · 40 roundings of 2^-24
 * are 1.4e-5 of the largest, and those of a mean cancel; as they do in the ratio of an update, the root of two such sums' ratio.
 */
const MEAN_BOUND = 1.5e-5;

/** Every row of the table has its bytes. */
export function assertTable(outcomes: readonly Outcome[]): void {
  assertEquals(outcomes.length, TABLE.length);
  assertEquals(outcomes.filter(({ ok }) => !ok).map(({ row }) => describe(TABLE[row])), []);
}

/** The same first weights bit for bit, and losses within 2e-6 of PyTorch's, and of Deno's where PyTorch has none. */
export async function assertTraining(trained: readonly Trained[]): Promise<void> {
  const here = await trainAll(await testGpu()), runs = traceRuns(loadMlpTrace());
  assertEquals(
    trained.map(({ name, initial }) => ({ name, initial })),
    here.map(({ name, initial }) => ({ name, initial })),
  );
  trained.forEach(({ name, losses }, i) => {
    if (i < runs.length) assertClose(losses, runs[i].losses, TRACE_BOUND, `${name} beside PyTorch`);
    assertClose(losses, here[i].losses, TRACE_BOUND, `${name} beside Deno`);
  });
  assert(trained.length > runs.length);
}

/** The same verdicts, findings, clones and dead units, and the same measures but for rounding. */
export async function assertDiagnosis(judged: readonly Diagnosed[]): Promise<void> {
  const here = await diagnoseAll(await testGpu());
  assertEquals(here.map(({ diagnosis }) => diagnosis.verdict), ["fail", "fail", "warn", "ok"]);
  assertEquals(judged.map(exactly), here.map(exactly));
  judged.forEach(({ init, diagnosis }, i) =>
    diagnosis.layers.forEach((layer, l) => {
      const label = `${init}, layer ${layer.name}`;
      assertMeasures(measures(layer), measures(here[i].diagnosis.layers[l]), label);
    })
  );
}

/** What must not depend on rounding. */
function exactly({ init, diagnosis: { verdict, findings, layers } }: Diagnosed): unknown {
  return {
    init,
    verdict,
    findings: findings.map(({ code, severity, layer }) => ({ code, severity, layer })),
    layers: layers.map(({ name, shape, cloneGroups, inputOnlyDuplicates, effectiveWidth, dead }) => (
      { name, shape, cloneGroups, inputOnlyDuplicates, effectiveWidth, dead }
    )),
  };
}

function measures(
  { effectiveRank, secondMoment, gradientMoment, cosine, updateRatio }: DiagnosedLayer,
): (number | null)[] {
  return [effectiveRank, secondMoment, gradientMoment, cosine, updateRatio];
}

function assertMeasures(actual: (number | null)[], expected: (number | null)[], label: string): void {
  assertEquals(actual.map((x) => x === null), expected.map((x) => x === null), label);
  actual.forEach((x, i) => {
    const e = expected[i] ?? 0, off = Math.abs((x ?? 0) - e);
    assert(off <= MEAN_BOUND * Math.abs(e), `${label}: ${x}, not ${e}`);
  });
}
