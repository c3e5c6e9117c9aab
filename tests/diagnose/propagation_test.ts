import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { signalDepth } from "../../src/diagnose/depth.ts";
import type { Band } from "../../src/diagnose/prediction.ts";
import { standardErrors } from "../../src/diagnose/theory.ts";
import { loadSignalPropagation, type SignalRun } from "../golden/load.ts";
import { testGpu } from "../gpu_fixture.ts";
import { meanBand, measureRun, predictRun, type Propagation } from "./propagation.ts";

/**
 * `FANIN_SIGNAL=all` measures all 17 networks on the file's 512 rows, some five minutes on a software driver. Without it all are
 * predicted, and those below are drawn and measured on 64 rows, for which the bands are made.
 */
const ALL = Deno.env.get("FANIN_SIGNAL") === "all", ROWS = ALL ? 512 : 64;
const COVERING = [
  "relu torch_default",
  "relu torch_default+bias",
  "relu he_uniform",
  "relu normal_1",
  "tanh xavier_uniform",
  "tanh normal_1",
  "linear torch_default",
];

/** Two-sided, for every band: of some 150 comparisons one in seventy runs of other seeds would fail. */
const LEVEL = 1 - 1e-4;

/**
 * float32 rounds an orthogonal matrix to within 1e-6 of one, and 512 products a sum: a relative 1e-6 a layer is no more than that,
 * and next to nothing but for the linear orthogonal network, whose ratio has no other error.
 */
const ROUNDING = 1e-6;

const runs = loadSignalPropagation().runs, nameOf = ({ act, init }: SignalRun) => `${act} ${init}`;

function assertInBand(ratio: number, { low, high }: Band, what: string): void {
  assert(
    low * (1 - ROUNDING) <= ratio && ratio <= high * (1 + ROUNDING),
    `${what}: ${ratio} of ${low} to ${high}`,
  );
}

function assertAsPredicted(
  run: SignalRun,
  { z, dz, cosine }: Omit<Propagation, "effectiveRank">,
  rows: number,
): void {
  const prediction = predictRun(run, rows), name = nameOf(run);
  const mean = (x: number[], from: number, to: number) => (x[to] / x[from]) ** (1 / Math.abs(to - from));
  assertInBand(mean(z, 0, 29), meanBand(prediction, "forward", 29, LEVEL), `${name} forward`);
  assertInBand(mean(z, 0, 5), meanBand(prediction, "forward", 5, LEVEL), `${name} forward, first five`);
  assertInBand(mean(dz, 29, 0), meanBand(prediction, "backward", 29, LEVEL), `${name} backward`);
  const last = prediction.layers[29];
  // Where all rows are one, what is left of the angle is rounding: 1 - (2^-24)².
  assertAlmostEquals(
    cosine,
    last.cosine!,
    standardErrors(LEVEL) * last.cosineError! + 1e-13,
    `${name} cosine`,
  );
  assert(z.every(Number.isFinite) && dz.every(Number.isFinite));
}

Deno.test("PyTorch's 17 networks lie where the prediction says", () => {
  for (const run of runs) {
    const { preact_second_moment: z, grad_second_moment: dz, mean_pairwise_cosine_last: cosine } = run;
    assertAsPredicted(run, { z, dz, cosine }, run.batch);
    // The file's own means are those of its layers, counted as here.
    assertAlmostEquals((z[29] / z[0]) ** (1 / 29) / run.forward_ratio_gmean, 1, 1e-12);
    assertAlmostEquals((z[5] / z[0]) ** (1 / 5) / run.forward_ratio_first5, 1, 1e-12);
    assertAlmostEquals((dz[0] / dz[29]) ** (1 / 29) / run.backward_ratio_gmean, 1, 1e-12);
  }
});

for (const run of runs.filter((run) => ALL || COVERING.includes(nameOf(run)))) {
  Deno.test(`signal of ${nameOf(run)}: drawn by fanin, measured on the device, as predicted`, async () => {
    const measured = await measureRun(await testGpu(), run, ROWS);
    assertAsPredicted(run, measured, ROWS);
    if (ROWS === run.batch) assertRank(run, measured.effectiveRank);
  });
}

/**
 * No theory gives the effective rank of a sampled network; PyTorch's own two seeds of He's network differ by a factor of 1.17, hence
 * 1.17^4 for two networks apart where the angles collapse, as four standard errors of a difference go. Else it averages itself: 10%.
 */
function assertRank(run: SignalRun, rank: number): void {
  const factor = run.act === "relu" ? 1.17 ** 4 : 1.1, ratio = rank / run.erank_last_activation;
  assert(1 / factor < ratio && ratio < factor, `${nameOf(run)}: ${rank} for ${run.erank_last_activation}`);
}

Deno.test("effective rank of 30 linear layers on 512 rows, as PyTorch's", async () => {
  const run = runs.find((run) => nameOf(run) === "linear torch_default")!;
  assertRank(run, (await measureRun(await testGpu(), run, 512)).effectiveRank);
});

Deno.test("PyTorch's default with biases at 30 layers: stable by its variance, one output by its angle", async () => {
  const run = runs.find((run) => nameOf(run) === "relu torch_default+bias")!, rows = 32;
  const { z, cosine } = await measureRun(await testGpu(), run, rows, 1), { layers } = predictRun(run, rows);
  // Ten layers keep the scale within four standard errors of two means over 512 neurons, √(2 · 2/512) each.
  assertAlmostEquals(Math.log(z[29] / z[19]), 0, 4 * Math.sqrt(4 / 512));
  assertAlmostEquals(layers[29].secondMoment! / layers[19].secondMoment!, 1, 1e-12);
  assert(cosine > 0.9999 && layers[29].cosine! > 0.9999, `${cosine}`);
  assertEquals(signalDepth(layers).cause, "collapsed");
});
