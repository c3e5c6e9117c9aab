/**
 * `deno task test:dawn`: the library, bundled, in Node with npm's `webgpu` and in Bun with `bun-webgpu`: training and diagnosis,
 * beside what Deno does here. The conformance table is `deno task test:conformance`'s.
 *
 * @module
 */
import { inBun, inNode } from "./dawn.ts";
import { assertDiagnosis, assertTraining } from "./same.ts";

for (const [name, run] of [["Node", inNode], ["Bun", inBun]] as const) {
  Deno.test(`${name}: training from the same bits to the same losses`, async () => {
    await assertTraining((await run("training")).result);
  });

  Deno.test(`${name}: the same diagnosis`, async () => {
    await assertDiagnosis((await run("diagnosis")).result);
  });
}
