import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { certificate, findClones } from "../../src/diagnose/clones.ts";
import { arraysOfFile, arraysOfNetwork, type NamedArray } from "../../src/diagnose/named_array.ts";
import { cloneGroups, distinctNeurons } from "../../src/diagnose/symmetry.ts";
import { ShapeError } from "../../src/gpu/mod.ts";
import { ones, torchLinear, zeros } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { encodeSafetensors, parseSafetensors } from "../../src/tensor/mod.ts";
import { testGpu } from "../gpu_fixture.ts";
import { loadMlpTrace } from "../golden/load.ts";
import { mulberry32, uniformInputs } from "../oracle/random.ts";

/** A network inputs-width-outputs whose hidden neurons are tuples: incoming weights, bias, outgoing weights. */
interface Tuples {
  inputs: number;
  outputs: number;
  neurons: Uint32Array[];
}

function network({ inputs, outputs, neurons }: Tuples): NamedArray[] {
  const width = neurons.length,
    floats = (words: number[]) => new Float32Array(Uint32Array.from(words).buffer);
  const incoming = floats(neurons.flatMap((n) => [...n.subarray(0, inputs)]));
  const outgoing = Array.from({ length: outputs }, (_, o) => neurons.map((n) => n[inputs + 1 + o])).flat();
  return [
    { name: "0.bias", shape: [width], data: floats(neurons.map((n) => n[inputs])) },
    { name: "2.weight", shape: [outputs, width], data: floats(outgoing) },
    { name: "0.weight", shape: [width, inputs], data: incoming },
    { name: "2.bias", shape: [outputs], data: new Float32Array(outputs) },
  ];
}

const equal = (a: Uint32Array, b: Uint32Array) => a.every((word, i) => word === b[i]);

function bruteForce(tuples: Uint32Array[]): number[][] {
  const groups: number[][] = [];
  tuples.forEach((tuple, i) => {
    const group = groups.find(([first]) => equal(tuples[first], tuple));
    if (group === undefined) groups.push([i]);
    else group.push(i);
  });
  return groups;
}

function expected({ inputs, neurons }: Tuples) {
  const kinds = bruteForce(neurons), firsts = new Set(kinds.map(([first]) => first));
  const byInputs = bruteForce(neurons.map((n) => n.subarray(0, inputs + 1)));
  return {
    effectiveWidth: kinds.length,
    cloneGroups: kinds.filter((group) => group.length > 1),
    inputOnlyDuplicates: byInputs.map((g) => g.filter((i) => firsts.has(i))).filter((g) => g.length > 1),
  };
}

/** 0, -0, 1, the smallest number above 0, and NaNs that differ in sign, payload and kind. */
const PATTERNS = [0, 0x80000000, 0x3f800000, 1, 0x7fc00000, 0x7fc00001, 0xffc00000, 0x7f800001];

const fewNeurons: fc.Arbitrary<Tuples> = fc.record({
  inputs: fc.integer({ min: 1, max: 4 }),
  outputs: fc.integer({ min: 1, max: 3 }),
  seed: fc.nat(),
  patterns: fc.subarray(PATTERNS, { minLength: 2, maxLength: 3 }),
  width: fc.integer({ min: 1, max: 40 }),
}).map(({ inputs, outputs, seed, patterns, width }) => {
  const next = mulberry32(seed), kinds = Array.from({ length: 6 }, () => tuple(inputs + 1 + outputs));
  function tuple(length: number): Uint32Array {
    return Uint32Array.from({ length }, () => patterns[next() % patterns.length]);
  }
  const neurons = Array.from({ length: width }, () => {
    const own = kinds[next() % 6].slice(), other = kinds[next() % 6];
    if (next() % 2 === 0) own.set(other.subarray(inputs + 1), inputs + 1);
    return own;
  });
  return { inputs, outputs, neurons };
});

Deno.test("findClones: groups and duplicates are those of brute force, by bits, whatever the hash and the parts", async () => {
  const gpu = await testGpu();
  await fc.assert(
    fc.asyncProperty(
      fewNeurons,
      fc.constantFrom(1, 2, Infinity),
      fc.constantFrom(4, 40, 2 ** 20),
      async (...given) => {
        const [tuples, hashValues, partBytes] = given;
        const [found] = await findClones(gpu, network(tuples), { hashValues, partBytes, near: false });
        const { name, width, effectiveWidth, cloneGroups, inputOnlyDuplicates } = found;
        assertEquals({ name, width }, { name: "0", width: tuples.neurons.length });
        assertEquals({ effectiveWidth, cloneGroups, inputOnlyDuplicates }, expected(tuples));
      },
    ),
    { seed: 3, numRuns: 60 },
  );
});

Deno.test("findClones: neurons in another order are in the same groups", async () => {
  const gpu = await testGpu();
  await fc.assert(
    fc.asyncProperty(fewNeurons, fc.nat(), async (tuples, seed) => {
      const next = mulberry32(seed), width = tuples.neurons.length;
      const order = Array.from({ length: width }, (_, i) => ({ i, at: next() })).sort((a, b) => a.at - b.at)
        .map(({ i }) => i);
      const moved = { ...tuples, neurons: order.map((i) => tuples.neurons[i]) };
      const [[before], [after]] = [
        await findClones(gpu, network(tuples)),
        await findClones(gpu, network(moved)),
      ];
      const asBefore = after.cloneGroups.map((group) => group.map((i) => order[i]).sort((a, b) => a - b));
      assertEquals(asBefore.sort((a, b) => a[0] - b[0]), before.cloneGroups);
    }),
    { seed: 4, numRuns: 20 },
  );
});

/** Random neurons, of which some are made over. */
function planted(
  inputs: number,
  outputs: number,
  width: number,
  change: (neurons: Float32Array[]) => void,
): NamedArray[] {
  const length = inputs + 1 + outputs;
  const neurons = Array.from({ length: width }, (_, i) => uniformInputs(length, i + 1));
  change(neurons);
  return network({ inputs, outputs, neurons: neurons.map((n) => new Uint32Array(n.buffer)) });
}

Deno.test("findClones: planted flips, rescaled and proportional copies, clones and duplicates are told apart", async () => {
  for (const [inputs, outputs, partBytes] of [[3, 2, 2 ** 20], [200, 70, 2 ** 20], [130, 5, 4000]]) {
    const arrays = planted(inputs, outputs, 30, (n) => {
      n[3].set(n[0].map((x) => -x));
      n[4].set(n[1].map((x, i) => i <= inputs ? x * 0.37 : x / 0.37));
      n[5].set(n[1].map((x, i) => i <= inputs ? x * 1000.1 : x));
      n[6].set(n[2].map((x, i) => i <= inputs ? -x / 3 : x));
      n[7].set(n[8]);
      n[10].set(n[9].subarray(0, inputs + 1));
      n[12].set(n[11].map((x, i) => i <= inputs ? x * (i === 1 ? 1.0001 : 0.5) : x * 2));
      n[13].set(n[14].map((x) => -x)); // the copy before its original
      n[15].fill(0);
      n[16].fill(0).fill(1, inputs + 1);
    });
    const [{ cloneGroups, inputOnlyDuplicates, ...found }] = await findClones(await testGpu(), arrays, {
      partBytes,
    });
    assertEquals({ cloneGroups, inputOnlyDuplicates }, {
      cloneGroups: [[7, 8]],
      inputOnlyDuplicates: [[9, 10], [15, 16]],
    });
    const pairs = (list: number[][]) => list.map(([i, j]) => [i, j]);
    assertEquals(pairs(found.signFlipped), [[0, 3], [13, 14]]);
    assertEquals(pairs(found.rescaled), [[1, 4]]);
    assertEquals(pairs(found.proportional), [[1, 5], [2, 6]]);
    const scales = [...found.rescaled, ...found.proportional].map(([, , scale]) => scale);
    scales.forEach((scale, i) =>
      assert(Math.abs(scale / [0.37, 1000.1, -1 / 3][i] - 1) < 2 ** -22, `${scale}`)
    );
  }
});

Deno.test("findClones: one input makes all neurons proportional, and one round finds them", async () => {
  const arrays = planted(1, 3, 50, (n) => n.forEach((neuron) => neuron[1] = 0));
  const [{ proportional, rescaled, signFlipped }] = await findClones(await testGpu(), arrays);
  assertEquals(proportional.map(([i, j]) => [i, j]), Array.from({ length: 49 }, (_, i) => [0, i + 1]));
  assertEquals([rescaled, signFlipped], [[], []]);
});

Deno.test("findClones: random networks have no symmetry, constant ones nothing else; it agrees with the host", async () => {
  const gpu = await testGpu();
  using network = new Mlp(gpu, [9, 65, 33, 4]);
  for (const init of [torchLinear(), zeros(), ones()]) {
    await network.initialize(init, key(7));
    const found = await findClones(gpu, network), read = await network.read();
    assertEquals(found.map((layer) => layer.effectiveWidth), distinctNeurons(read));
    const expectedGroups = `${init}` === `${torchLinear()}` ? [[], []] : [65, 33].map((n) => [
      Array.from({ length: n }, (_, i) => i),
    ]);
    assertEquals(found.map((layer) => layer.cloneGroups), expectedGroups);
    for (const { inputOnlyDuplicates, signFlipped, rescaled, proportional } of found) {
      assertEquals([inputOnlyDuplicates, signFlipped, rescaled, proportional], [[], [], [], []]);
    }
    assertEquals(await findClones(gpu, await arraysOfNetwork(network)), found);
  }
});

Deno.test("findClones: the golden initialisations", async () => {
  const gpu = await testGpu();
  for (const { dtype, init, weights: [{ W1, b1, W2, b2 }], distinct_hidden_rows } of loadMlpTrace().runs) {
    if (dtype !== "torch.float32") continue;
    const f = (values: number[]) => Float32Array.from(values);
    const arrays = [
      { name: "0.weight", shape: [8, 4], data: f(W1) },
      { name: "0.bias", shape: [8], data: f(b1) },
      { name: "2.weight", shape: [3, 8], data: f(W2) },
      { name: "2.bias", shape: [3], data: f(b2) },
    ];
    const [found] = await findClones(gpu, arrays);
    assertEquals(found.effectiveWidth, distinct_hidden_rows[0], init);
    assertEquals(found.inputOnlyDuplicates, init === "dup_rows_in_only" ? [[0, 1]] : [], init);
    if (init === "dup_rows") assertEquals(found.cloneGroups, [[0, 1]]);
  }
});

Deno.test("findClones: a safetensors file, layers in the order of their numbers, without biases", async () => {
  const [a, b, c] = [[12, 3], [12, 12], [2, 12]].map((shape, i) => ({
    dtype: "F32" as const,
    shape,
    data: i === 1 ? new Float32Array(144) : uniformInputs(shape[0] * shape[1], i),
  }));
  const chunks = encodeSafetensors([["10.weight", c], ["2.weight", b], ["0.weight", a]]);
  const file = parseSafetensors(new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()));
  const found = await findClones(await testGpu(), arraysOfFile(file));
  assertEquals(found.map(({ name, effectiveWidth }) => [name, effectiveWidth]), [["0", 12], ["2", 12]]);
  // All inputs are zero, so only what follows tells the neurons apart.
  assertEquals(found[1].inputOnlyDuplicates, [Array.from({ length: 12 }, (_, i) => i)]);
});

Deno.test("findClones: what is no chain of layers is refused", async () => {
  const gpu = await testGpu(),
    array = (name: string, shape: number[]) => ({ name, shape, data: new Float32Array(6) });
  const refused = [
    [array("0.weight", [2, 3]), array("2.weight", [2, 3])],
    [array("0.weight", [2, 4])],
    [array("0.weight", [2, 3]), array("0.bias", [3])],
  ];
  for (const arrays of refused) await assertRejects(() => findClones(gpu, arrays), ShapeError);
  assertEquals(await findClones(gpu, []), []);
});

Deno.test("certificate: names the layer and the neurons, a few of many", () => {
  const layer = { name: "2", width: 40 };
  assertStringIncludes(certificate(layer, [3, 9]), "layer 2: neurons 3, 9 (2 of 40)");
  const many = Array.from({ length: 40 }, (_, i) => i);
  assertStringIncludes(certificate(layer, many), "neurons 0, 1, 2, 3, 4, … 39 (40 of 40)");
});

Deno.test("cloneGroups on the host gives the same partition", () => {
  const weight = Float32Array.of(1, 2, 1), bias = new Float32Array(3), next = Float32Array.of(4, 5, 4);
  assertEquals(cloneGroups({ weight, bias, next }), [[0, 2], [1]]);
});
