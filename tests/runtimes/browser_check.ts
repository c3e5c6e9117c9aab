/**
 * `deno task test:browser`: the library, bundled, in headless Chromium, on its main thread and in a dedicated worker: the conformance
 * table, training and diagnosis, beside what Deno does here.
 *
 * @module
 */
import { inChromium, type Thread } from "./chromium.ts";
import { assertDiagnosis, assertTable, assertTraining } from "./same.ts";

for (const thread of ["page", "worker"] as Thread[]) {
  Deno.test(`Chromium, ${thread}: every row of the conformance table`, async () => {
    assertTable((await inChromium(thread, "conformance")).result);
  });

  Deno.test(`Chromium, ${thread}: training from the same bits to the same losses`, async () => {
    await assertTraining((await inChromium(thread, "training")).result);
  });

  Deno.test(`Chromium, ${thread}: the same diagnosis`, async () => {
    await assertDiagnosis((await inChromium(thread, "diagnosis")).result);
  });
}
