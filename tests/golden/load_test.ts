import { assert, assertEquals } from "@std/assert";
import {
  type Float32Values,
  floatsFromHex,
  loadJaxRandom,
  loadKat,
  loadMlpTrace,
  loadPhiloxStreams,
  loadSignalPropagation,
  loadTorchRngInit,
} from "./load.ts";

const README = await Deno.readTextFile(new URL("README.md", import.meta.url));

const FILES = [...README.matchAll(/^- `(\w+\.json)` \(SHA-256\s+begins\s+`([0-9a-f]{8})`\)/gm)];

Deno.test("README.md describes every file, and the files are as they were made", async () => {
  const names = [...Deno.readDirSync(new URL(".", import.meta.url))].map(({ name }) => name);
  assertEquals(FILES.map(([, name]) => name).sort(), names.filter((name) => name.endsWith(".json")).sort());
  for (const [, name, beginning] of FILES) {
    const bytes = await Deno.readFile(new URL(name, import.meta.url));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    assertEquals(digest.slice(0, 8), beginning, name);
  }
});

/** Visits every object inside a piece of JSON. */
function visit(
  value: unknown,
  path: string,
  found: (object: Record<string, unknown>, path: string) => void,
): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) found(value as Record<string, unknown>, path);
  for (const [key, inner] of Object.entries(value)) visit(inner, `${path}/${key}`, found);
}

for (const load of [loadJaxRandom, loadTorchRngInit]) {
  Deno.test(`${load.name}: values and bit patterns say the same`, () => {
    let count = 0;
    visit(load(), "", (object, path) => {
      if (Array.isArray(object.f32)) {
        const { f32, bits } = object as unknown as Float32Values;
        assertEquals([...new Uint32Array(Float32Array.from(f32).buffer)], bits, path);
        count += 1;
      } else if (Array.isArray(object.f64)) {
        assertEquals([...floatsFromHex(object.hex as string[])], object.f64, path);
        count += 1;
      }
    });
    assert(count > 50, `only ${count} found`);
  });
}

Deno.test("every file holds as many cases as its type says", () => {
  assertEquals(loadKat().vectors.length, 30);
  assertEquals(loadPhiloxStreams().streams.length, 8);
  assertEquals(loadMlpTrace().runs.length, 20);
  assert(loadMlpTrace().runs.every((run) => run.weights.length === 21 && run.losses.length === 21));
  assertEquals(loadSignalPropagation().runs.length, 17);
  assertEquals(loadTorchRngInit().seeds.map(({ seed }) => seed), [0, 1, 42]);
  const { partitionable_True: on, partitionable_False: off } = loadJaxRandom().cases;
  assertEquals([on, off].map((cases) => cases.map(({ seed }) => seed)), [[0, 1, 42], [0, 1, 42]]);
});
