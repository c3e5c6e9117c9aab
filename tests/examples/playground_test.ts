import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as fc from "fast-check";
import {
  checkFields,
  DEFAULTS,
  type Fields,
  readLink,
  writeLink,
} from "../../examples/playground/settings.ts";
import { makePage } from "../../examples/playground/site.ts";

const names = Object.keys(DEFAULTS) as (keyof Fields)[];

Deno.test("playground: a link says what the form held, whatever was typed", () => {
  const fields = fc.record(Object.fromEntries(names.map((name) => [name, fc.string()]))) as fc.Arbitrary<
    Fields
  >;
  fc.assert(fc.property(fields, fc.boolean(), (fields, train) => {
    assertEquals(readLink(`#${writeLink({ fields, train })}`), { fields, train });
  }));
});

Deno.test("playground: a link that lacks fields, or has others, means the first texts", () => {
  for (const hash of ["", "#", "#nothing=1&__proto__=2", "#%"]) {
    assertEquals(readLink(hash), { fields: { ...DEFAULTS }, train: false });
  }
  assertEquals(readLink("#seed=7&train=1"), { fields: { ...DEFAULTS, seed: "7" }, train: true });
});

Deno.test("playground: fields are read, or refused with a sentence for each", () => {
  const read = checkFields({ ...DEFAULTS, layers: "16, 8", seed: "18446744073709551615" });
  assert("settings" in read);
  assertEquals([read.settings.hidden, read.settings.seed], [[16, 8], 2n ** 64n - 1n]);
  const wrong: Partial<Fields> = {
    data: "faces",
    layers: "16,-8",
    activation: "swish",
    seed: "1.5",
    a: "nobody",
    b: "normal:x",
    epochs: "0",
    lr: "NaN",
  };
  for (const [name, text] of Object.entries(wrong)) {
    const result = checkFields({ ...DEFAULTS, [name]: text });
    assert("problems" in result, `${name} = ${text}`);
    assertEquals(Object.keys(result.problems), [name]);
    assert(result.problems[name as keyof Fields]!.length > 10, JSON.stringify(result.problems));
  }
  const all = checkFields({ ...DEFAULTS, ...wrong });
  assert("problems" in all && Object.keys(all.problems).length === names.length);
});

Deno.test("playground: one file that asks for nothing from anywhere", async () => {
  const page = await makePage();
  assertStringIncludes(page, "default-src 'none'");
  const markup = page.replace(/(<script[^>]*>)[^]*?<\/script>/g, "$1");
  const sources = [...markup.matchAll(/\s(?:src|href)="([^"]*)"/g)].map(([, url]) => url);
  assertEquals(sources.filter((url) => !url.startsWith("data:") && !url.startsWith("#")), []);
});
