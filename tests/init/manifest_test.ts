import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ArgumentError, FormatError, ShapeError } from "../../src/gpu/errors.ts";
import {
  applyByPattern,
  initializerByName,
  layersManifest,
  type Manifest,
  MANIFEST_GENERATORS,
  type ManifestGenerator,
  manifestText,
  needsDevice,
  parseManifest,
  rangeManifest,
  shapeManifest,
} from "../../src/init/mod.ts";
import { Gpu } from "../../src/gpu/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { VERSION } from "../../src/version.ts";
import { testGpu } from "../gpu_fixture.ts";
import { assertBitsEqual } from "../oracle/compare.ts";
import { makeOne, makeWhole } from "./whole.ts";

/** One of each way to make elements. */
const INITS = ["constant:0.5", "uniform:-1,2", "torch_linear", "normal:0.02", "trunc_normal", "orthogonal"];

Deno.test("a network's manifest: PyTorch's names, weight then bias, a few hundred bytes", () => {
  const manifest = layersManifest([784, 512, 10], "torch_linear", "mt19937", -7n);
  const first = { init: "torch_linear", first: true } as const,
    last = {
      init: "torch_linear",
      last: true,
    } as const;
  assertEquals(manifest, {
    fanin: VERSION,
    generator: "mt19937",
    seed: "-7",
    tensors: [
      { name: "0.weight", shape: [512, 784], ...first },
      { name: "0.bias", shape: [512], biasOf: [512, 784], ...first },
      { name: "2.weight", shape: [10, 512], ...last },
      { name: "2.bias", shape: [10], biasOf: [10, 512], ...last },
    ],
  });
  assert(manifestText(manifest).length < 500, manifestText(manifest));
});

Deno.test("shapes are JAX's for JAX's generators, whose one tensor has the key unsplit", async () => {
  const [weight, bias] = layersManifest([3, 5], "lecun_normal", "threefry").tensors;
  assertEquals([weight.shape, bias.shape, bias.biasOf], [[3, 5], [5], [3, 5]]);
  assertEquals(shapeManifest("w", [3, 5], "normal", "threefry").tensors[0].unsplit, true);
  assertEquals(shapeManifest("w", [3, 5], "normal", "philox").tensors[0].unsplit, undefined);
  const made = (name: string, generator: ManifestGenerator) =>
    makeOne(undefined, shapeManifest(name, [3, 5], "normal", generator, 4));
  assertEquals(await made("a", "threefry"), await made("b", "threefry"));
  assertNotEquals(await made("a", "philox"), await made("b", "philox"));
});

const manifests: fc.Arbitrary<Manifest> = fc.record({
  generator: fc.constantFrom(...MANIFEST_GENERATORS),
  seed: fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n),
  init: fc.constantFrom(
    "zeros",
    "normal:0.1",
    "torch_linear",
    "xavier_uniform:1.5",
    "kaiming_normal:fan_out",
  ),
  widths: fc.array(fc.integer({ min: 1, max: 2 ** 15 }), { minLength: 2, maxLength: 5 }),
  name: fc.string({ minLength: 1, unit: "grapheme" }).filter((name) => name !== "__metadata__"),
  one: fc.boolean(),
}).map(({ generator, seed, init, widths, name, one }) =>
  one
    ? rangeManifest(shapeManifest(name, widths.slice(0, 2), init, generator, seed), 0, 1)
    : layersManifest(widths, init, generator, seed)
);

Deno.test("a manifest is read back as it was written, and written again to the same bytes", () => {
  fc.assert(fc.property(manifests, (manifest) => {
    const text = manifestText(manifest), read = parseManifest(text);
    assertEquals(read, manifest);
    assertEquals(manifestText(read), text);
  }));
  const { generator, ...rest } = layersManifest([2, 3], "normal:std=1");
  const shuffled = JSON.stringify({ ...rest, generator }, null, 2);
  assertEquals(manifestText(parseManifest(shuffled)), manifestText({ ...rest, generator }));
});

const GOOD = {
  fanin: "0.1.0",
  generator: "philox",
  seed: "0",
  tensors: [{ name: "w", shape: [2, 3], init: "normal:1" }],
};
const tensor = (changes: object) =>
  JSON.stringify({ ...GOOD, tensors: [{ ...GOOD.tensors[0], ...changes }] });
const top = (changes: object) => JSON.stringify({ ...GOOD, ...changes });

/** Texts that are no manifest, and what is said of them. */
const HOSTILE: [text: string, ...fragments: string[]][] = [
  ["", "no JSON"],
  ["{", "no JSON"],
  ["null", "the manifest is null"],
  ["[]", "the manifest is []"],
  ["1e999", "not an object"],
  [top({ extra: 1 }), 'unknown key "extra"'],
  [top({}).replace("{", '{"__proto__":{"seed":"1"},'), 'unknown key "__proto__"'],
  [top({}).replace("{", '{"constructor":1,'), 'unknown key "constructor"'],
  [top({}).replace("{", '{"seed":"1",'), '"seed" twice'],
  [top({}).replace("{", '{"\\u0073eed":"1",'), '"seed" twice'],
  [tensor({}).replace('"name"', '"__proto__":{"name":"x"},"nam"'), 'unknown key "__proto__"'],
  ["[".repeat(100_000), "4 levels"],
  [top({ fanin: undefined }), "fanin is undefined"],
  [top({ fanin: 1 }), "fanin is 1"],
  [top({ fanin: "9".repeat(1000) }), "no version"],
  [top({ generator: "xorshift" }), '"xorshift"', "philox"],
  [top({ generator: "toString" }), '"toString"'],
  [top({ seed: 0 }), "seed is 0"],
  ...["", "x", "-0", "01", "1.5", "0x1", " 1", "18446744073709551616", "-9223372036854775809", "9".repeat(99)]
    .map((seed): [string, string] => [top({ seed }), "seed "]),
  [top({ tensors: [] }), "tensors are []"],
  [top({ tensors: {} }), "tensors are {}"],
  [top({ tensors: Array(2 ** 16 + 1).fill(0) }), "65536"],
  [top({ tensors: [null] }), "tensor 0 of the manifest is null"],
  [top({ tensors: [GOOD.tensors[0], GOOD.tensors[0]] }), 'named "w"'],
  [top({ range: [0, 7] }), "range 0:7 of 6"],
  [top({ range: [3, 3] }), "range 3:3 of 6"],
  [top({ range: [4, 3] }), "range 4:3"],
  [top({ range: [-1, 3] }), "range is [-1,3]"],
  [top({ range: [0, 1, 2] }), "range is"],
  [top({ range: [0, 1], tensors: [GOOD.tensors[0], { ...GOOD.tensors[0], name: "v" }] }), "2 tensors"],
  [tensor({ name: "" }), "name"],
  [tensor({ name: "__metadata__" }), "name"],
  [tensor({ name: "x".repeat(1025) }), "1024"],
  [tensor({ name: "\ud800" }), "Unicode"],
  [tensor({ name: 7 }), "name of tensor 0", "7"],
  [tensor({ shape: [] }), "0 dimensions"],
  [tensor({ shape: Array(65).fill(1) }), "65 dimensions"],
  [tensor({ shape: [2, 0] }), "[2,0]"],
  [tensor({ shape: [2, -3] }), "[2,-3]"],
  [tensor({ shape: [2, 1.5] }), "[2,1.5]"],
  [tensor({ shape: "2,3" }), '"2,3"'],
  [tensor({ shape: [2 ** 30, 2 ** 30] }), "2^51"],
  [tensor({}).replace("[2,3]", "[2,9007199254740993]"), "below 2^53"],
  [tensor({}).replace("[2,3]", "[2,1e400]"), "below 2^53"],
  [tensor({ init: "xavierr" }), "tensor 0", '"xavierr"', "torch_linear"],
  [tensor({ init: "normal:-1" }), "tensor 0", "-1"],
  [tensor({ init: "__proto__" }), '"__proto__"'],
  [tensor({ init: null }), "init of tensor 0", "null"],
  [tensor({ init: "orthogonal", shape: [2 ** 20, 2 ** 20] }), "in one piece"],
  [tensor({ init: "orthogonal", shape: [5] }), '"w"', "no matrix"],
  [tensor({ init: "torch_linear", shape: [5] }), "no fans"],
  [tensor({ biasOf: [2, 3] }), "bias", "[2]"],
  [tensor({ shape: [3], biasOf: [2, 3] }), "bias", "[2]"],
  [tensor({ first: false }), "first of tensor 0", "not true"],
  [tensor({ unsplit: "yes" }), "unsplit of tensor 0"],
];

Deno.test("what is no manifest is refused with what is wrong, at once and without memory", () => {
  parseManifest(top({}));
  for (const [text, ...fragments] of HOSTILE) {
    const error = assertThrows(() => parseManifest(text), FormatError, undefined, text.slice(0, 200));
    for (const fragment of fragments) {
      assert(error.message.includes(fragment), `${text.slice(0, 200)}: ${error.message}`);
    }
    assert(!error.message.includes("\n") && error.message.length < 1000, error.message);
  }
  assertThrows(() => parseManifest(" ".repeat(2 ** 24 + 1)), FormatError, "more than 16777216");
});

Deno.test("a damaged manifest is refused with a FormatError or says something else; nothing else happens", () => {
  const text = manifestText(layersManifest([12, 34, 5], "kaiming_uniform:fan_out,relu", "mt19937", 99n));
  const cut = fc.tuple(fc.nat(text.length), fc.nat(3), fc.string({ maxLength: 3 }));
  fc.assert(
    fc.property(cut, ([at, gone, put]) => {
      const damaged = text.slice(0, at) + put + text.slice(at + gone);
      try {
        assertEquals(parseManifest(manifestText(parseManifest(damaged))), parseManifest(damaged));
      } catch (error) {
        assert(error instanceof FormatError, `${damaged}: ${error}`);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("makers refuse what cannot be made", () => {
  assertThrows(() => layersManifest([784], "normal"), ShapeError, "no network");
  assertThrows(() => layersManifest([784, 0], "normal"), ShapeError, "[0,784]");
  assertThrows(() => layersManifest([2, 3], "nope"), ArgumentError, "nope");
  assertThrows(() => layersManifest([2, 3], "normal", "philox", 0.5), ArgumentError, "0.5");
  assertThrows(() => layersManifest([2, 3], "normal", "philox", 2n ** 64n), ArgumentError, "seed");
  assertThrows(() => layersManifest([2, 3], "normal", "pcg" as "philox"), ArgumentError, "pcg");
  assertThrows(() => layersManifest([3, 5, 3], "looks_linear"), ShapeError, "0.weight");
  assertThrows(() => shapeManifest("w", [2 ** 16, 2 ** 16], "normal", "threefry_original"), ShapeError);
  assertThrows(() => shapeManifest("w", [2 ** 16, 2 ** 16], "trunc_normal", "mt19937"), ShapeError, "piece");
  const part = rangeManifest(shapeManifest("w", [4, 4], "normal"), 2, 9);
  assertEquals(part.range, [2, 9]);
  assertThrows(() => rangeManifest(part, 0, 1), ArgumentError, "shard");
  assertThrows(() => rangeManifest(layersManifest([2, 3], "normal"), 0, 1), ArgumentError, "2 tensors");
});

Deno.test("initialisers by pattern: the first rule that matches a name, else its own", () => {
  const names = (rules: [match: string, init: string][]) =>
    applyByPattern(layersManifest([4, 4, 4], "ones"), rules.map(([match, init]) => ({ match, init })))
      .tensors.map((t) => t.init);
  assertEquals(names([]), ["ones", "ones", "ones", "ones"]);
  assertEquals(names([["*.weight", "zeros"]]), ["zeros", "ones", "zeros", "ones"]);
  assertEquals(names([["2.*", "eye"], ["*", "normal:1"]]), ["normal:1", "normal:1", "eye", "eye"]);
  assertEquals(names([["?.w*t", "zeros"]]), ["zeros", "ones", "zeros", "ones"]);
  assertEquals(names([["weight", "zeros"], ["", "zeros"], ["0.weigh", "zeros"], ["?", "zeros"]])[0], "ones");
  assertEquals(names([["**.*i*s*", "zeros"]]), ["ones", "zeros", "ones", "zeros"]);
  // No regular expression: a pattern's other characters stand for themselves, and none takes forever.
  assertEquals(names([["0xweight", "zeros"], [".*", "zeros"], ["[0]*", "zeros"]])[0], "ones");
  assertEquals(names([["*a".repeat(500), "zeros"]])[0], "ones");
  assertEquals(
    applyByPattern(layersManifest([2, 3], "ones"), [{ match: "*", init: initializerByName("zeros") }])
      .tensors[0].init,
    "zeros",
  );
  assertThrows(() => names([["*", "nope"]]), ArgumentError, "nope");
  assertThrows(
    () => applyByPattern(layersManifest([2, 3], "ones"), [{ match: "*.weight", init: "identity" }]),
    ShapeError,
  );
});

for (const init of [...INITS, "looks_linear", "sparse:0.5", "kaiming_normal", "zero_hadamard"]) {
  Deno.test(`${init}: what a manifest makes is what a network of the same names begins with, bit for bit`, async () => {
    const gpu = await testGpu(), widths = [13, 8, 6, 5];
    using network = new Mlp(gpu, widths);
    await network.initialize(initializerByName(init), key(42));
    const expected = await network.read();
    const made = await makeWhole(
      gpu,
      parseManifest(manifestText(layersManifest(widths, init, "philox", 42))),
    );
    assertEquals([...made.keys()], [...expected.keys()]);
    for (const [name, values] of made) assertBitsEqual(values, expected.get(name)!, name);
  });
}

for (const generator of MANIFEST_GENERATORS) {
  Deno.test(`${generator}: the pieces' size, the device and the host make no difference`, async () => {
    const gpu = await testGpu();
    for (const init of INITS) {
      // 77 elements: a ragged end for the groups of four of Philox and of sixteen of PyTorch's normals.
      const manifest = shapeManifest("w", [7, 11], init, generator, 5n), whole = await makeOne(gpu, manifest);
      const assertSame = async (where: Gpu | undefined, pieceElements: number): Promise<void> => {
        const values = await makeOne(where, manifest, { pieceElements });
        assertBitsEqual(values, whole, `${init} in pieces of ${pieceElements}`);
      };
      for (const pieceElements of [17, 64]) await assertSame(gpu, pieceElements);
      for (const pieceElements of [1, 3, 15, 16, 17, 33, 64, 1000]) {
        await assertSame(undefined, pieceElements);
      }
    }
  });

  Deno.test(`${generator}: any part of a tensor is that part of the whole, and parts in order make it up`, async () => {
    const gpu = await testGpu();
    for (const init of INITS) {
      const manifest = shapeManifest("w", [7, 11], init, generator, 6n), whole = await makeOne(gpu, manifest);
      const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 76 }), { maxLength: 2 });
      await fc.assert(
        fc.asyncProperty(cuts, fc.integer({ min: 30, max: 80 }), async (inner, pieceElements) => {
          const ends = [0, ...inner.sort((a, b) => a - b), 77];
          for (let i = 1; i < ends.length; i++) {
            const part = rangeManifest(manifest, ends[i - 1], ends[i]);
            const values = await makeOne(gpu, part, { pieceElements });
            assertBitsEqual(values, whole.slice(ends[i - 1], ends[i]), `${init} ${part.range}`);
          }
        }),
        { numRuns: 3 },
      );
    }
  });
}

Deno.test("PyTorch's normals in pieces, at every length around its groups", async () => {
  for (const count of [1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 100]) {
    const manifest = layersManifest([count, 1], "normal:0.5", "mt19937", 3);
    const whole = await makeWhole(undefined, applyByPattern(manifest, [{ match: "*", init: "normal:0.5" }]));
    for (const pieceElements of [1, 16, 20, 32, 50]) {
      assertEquals(
        await makeWhole(undefined, manifest, { pieceElements }),
        whole,
        `${count}, ${pieceElements}`,
      );
    }
  }
});

Deno.test("a device with the least limits that WebGPU has is enough, and nothing stays open on it", async () => {
  const limits = { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 };
  using gpu = await Gpu.open({ limits });
  const manifest = rangeManifest(
    shapeManifest("w", [2 ** 15, 2 ** 15], "torch_linear"),
    2 ** 29,
    2 ** 29 + 9,
  );
  const part = await makeOne(gpu, manifest, { pieceElements: 2 ** 30 }); // of a tensor of 4 GiB
  assertBitsEqual(part, await makeOne(undefined, manifest), "4 GiB");
  assertEquals(gpu.memory.buffers, 0);
});

Deno.test("a reader that stops early leaves nothing open", async () => {
  using gpu = await Gpu.open();
  const { remake } = await import("../../src/init/mod.ts");
  for await (const piece of remake(gpu, shapeManifest("w", [100, 100], "normal"), { pieceElements: 1000 })) {
    assertEquals(piece.values.length, 1000);
    break;
  }
  assertEquals(gpu.memory.buffers, 0);
});

Deno.test("a manifest that needs no device says so", () => {
  assert(needsDevice(layersManifest([2, 3], "normal")));
  assert(!needsDevice(layersManifest([2, 3], "normal", "mt19937")));
  for (const init of ["zeros", "orthogonal", "zero_hadamard"]) {
    assert(!needsDevice(layersManifest([4, 4], init)));
  }
});

Deno.test("pieces of no size, and ranges outside, are refused", async () => {
  const manifest = shapeManifest("w", [3, 3], "normal");
  for (const pieceElements of [0, -1, 1.5, NaN]) {
    await assertRejects(() => makeOne(undefined, manifest, { pieceElements }), ArgumentError, "pieces");
  }
  await assertRejects(() => makeOne(undefined, manifest, { range: [0, 10] }), ArgumentError, "range 0:10");
  const two = layersManifest([2, 3], "normal");
  await assertRejects(() => makeOne(undefined, two, { range: [0, 1] }), ArgumentError, "2 tensors");
});
