/**
 * What the main job claims on the real digits, with the command's defaults but fewer epochs.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadSplit } from "../../src/cli/data_source.ts";
import { parseOptions } from "../../src/cli/options.ts";
import {
  chosenActivation,
  chosenHidden,
  chosenKey,
  chosenOptimizer,
  TRAINING_OPTIONS,
} from "../../src/cli/training_options.ts";
import { compareInitializers } from "../../src/diagnose/compare.ts";
import { Gpu } from "../../src/gpu/gpu.ts";
import { initializersByName } from "../../src/init/names.ts";
import { faninHere } from "./run.ts";

const INITS = "zeros,ones,normal:1,torch_linear,kaiming_normal";

/** Enough for the claims; the command trains 5. */
const EPOCHS = 3;

Deno.test("digits: constant weights cannot learn, unscaled ones explode, scaled ones reach 90%", async () => {
  const help = await faninHere(["compare", "--help"]);
  assertStringIncludes(help.stdout, `(default ${INITS})`);

  const options = parseOptions([], TRAINING_OPTIONS), data = await loadSplit(options);
  const hidden = chosenHidden(options, data);
  assertEquals([data.train.rows, data.test.rows, ...hidden], [8000, 2000, 128, 64]);
  using gpu = await Gpu.open();
  const { runs } = await compareInitializers(gpu, data, {
    ...options,
    inits: initializersByName(INITS),
    hidden,
    optimizer: chosenOptimizer(options),
    key: chosenKey(options),
    activation: chosenActivation(options),
    epochs: EPOCHS,
  });
  const [zeros, ones, normal, torch, kaiming] = runs;
  assertEquals(runs.map((run) => run.verdict), ["fail", "fail", "fail", "ok", "ok"]);
  for (const run of [zeros, ones]) {
    for (const epoch of run.epochs) assertEquals(epoch.distinctNeurons, [1, 1], run.init);
    assertStringIncludes(run.sentence, "one neuron copied");
  }
  assert(Math.abs(zeros.finalLoss! - Math.log(10)) < 0.02, `zeros: loss ${zeros.finalLoss}`);
  assert(normal.epochs[0].loss! > 100, `normal:1 begins at loss ${normal.epochs[0].loss}`);
  assert(normal.scalesBefore.at(-1)!.activation! > 100, JSON.stringify(normal.scalesBefore));
  assertStringIncludes(normal.sentence, "explodes");
  for (const run of [torch, kaiming]) {
    assert(run.finalAccuracy >= 0.9, `${run.init}: test accuracy ${run.finalAccuracy}`);
    assertEquals(run.distinctNeurons, [128, 64], run.init);
  }
});
