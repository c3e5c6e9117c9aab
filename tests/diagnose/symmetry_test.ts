import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { cloneGroups, distinctNeurons, type HiddenLayer } from "../../src/diagnose/symmetry.ts";
import { ShapeError } from "../../src/gpu/errors.ts";
import { equalNeurons } from "../oracle/neurons.ts";
import { mulberry32, uniformInputs } from "../oracle/random.ts";

/** 0, -0, 1, the smallest number above 0, and four NaNs that differ in sign, payload and kind. */
const PATTERNS = [0, 0x80000000, 0x3f800000, 1, 0x7fc00000, 0x7fc00001, 0xffc00000, 0x7f800001];

/** Neurons as rows of bit patterns: incoming weights, bias, outgoing weights. */
interface Neurons {
  inputs: number;
  outputs: number;
  rows: number[][];
}

const fewNeurons: fc.Arbitrary<Neurons> = fc.record({ inputs: fc.nat(3), outputs: fc.nat(2) }).chain(
  (sizes) => {
    const length = sizes.inputs + 1 + sizes.outputs;
    // Two patterns at a time, so that equal neurons are not rare.
    const row = fc.tuple(fc.constantFrom(...PATTERNS), fc.constantFrom(...PATTERNS)).chain((two) =>
      fc.array(fc.array(fc.constantFrom(...two), { minLength: length, maxLength: length }), { maxLength: 9 })
    );
    return row.map((rows) => ({ ...sizes, rows }));
  },
);

/** The layer of these neurons, as views into a larger buffer. */
function layerOf({ inputs, outputs, rows }: Neurons): HiddenLayer {
  const words = [
    7,
    ...rows.flatMap((row) => row.slice(0, inputs)),
    ...rows.map((row) => row[inputs]),
    ...Array.from({ length: outputs }, (_, o) => rows.map((row) => row[inputs + 1 + o])).flat(),
  ];
  const { buffer } = Uint32Array.from(words), ends = [1, 1 + rows.length * inputs];
  return {
    weight: new Float32Array(buffer, 4 * ends[0], rows.length * inputs),
    bias: new Float32Array(buffer, 4 * ends[1], rows.length),
    next: new Float32Array(buffer, 4 * (ends[1] + rows.length), rows.length * outputs),
  };
}

/** Every neuron against the first of every group so far. */
function bruteForce(rows: number[][]): number[][] {
  const groups: number[][] = [];
  rows.forEach((row, neuron) => {
    const group = groups.find(([first]) => rows[first].every((word, i) => word === row[i]));
    if (group === undefined) groups.push([neuron]);
    else group.push(neuron);
  });
  return groups;
}

Deno.test("cloneGroups: neurons are clones if and only if all their bits are equal", () => {
  fc.assert(
    fc.property(
      fewNeurons,
      (neurons) => assertEquals(cloneGroups(layerOf(neurons)), bruteForce(neurons.rows)),
    ),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("cloneGroups: neurons in another order are in the same groups", () => {
  fc.assert(
    fc.property(fewNeurons, fc.integer(), (neurons, seed) => {
      const next = mulberry32(seed), place = neurons.rows.map((_, i) => ({ i, at: next() }));
      const order = place.sort((a, b) => a.at - b.at).map(({ i }) => i);
      const moved = cloneGroups(layerOf({ ...neurons, rows: order.map((i) => neurons.rows[i]) }));
      const asBefore = moved.map((group) => group.map((i) => order[i]).sort((a, b) => a - b)).sort((a, b) =>
        a[0] - b[0]
      );
      assertEquals(asBefore, cloneGroups(layerOf(neurons)));
    }),
    { seed: 2, numRuns: 200 },
  );
});

Deno.test("cloneGroups: 0 and -0 differ, NaNs of one pattern are equal, of two are not", () => {
  const groups = (...biases: number[]) =>
    cloneGroups(layerOf({ inputs: 0, outputs: 0, rows: biases.map((bias) => [bias]) }));
  assertEquals(groups(0, 0x80000000, 0), [[0, 2], [1]]);
  assertEquals(groups(0x7fc00000, 0x7fc00001, 0x7fc00000, 0x7f800001), [[0, 2], [1], [3]]);
});

/** Random weights of a layer; clones[i] is the neuron that neuron i copies, itself if none. */
function plant(inputs: number, outputs: number, clones: number[]): HiddenLayer {
  const n = clones.length;
  const [weight, bias, next] = [n * inputs, n, outputs * n].map((count, i) => uniformInputs(count, i));
  return {
    weight: weight.map((_, i) => weight[clones[Math.floor(i / inputs)] * inputs + i % inputs]),
    bias: bias.map((_, i) => bias[clones[i]]),
    next: next.map((_, i) => next[i - i % n + clones[i % n]]),
  };
}

Deno.test("cloneGroups: planted clones are found, and neurons that share only their inputs are not merged", () => {
  const clones = [0, 1, 0, 3, 4, 1, 0, 7];
  const layer = plant(20, 10, clones);
  assertEquals(cloneGroups(layer), [[0, 2, 6], [1, 5], [3], [4], [7]]);
  assertEquals(
    cloneGroups(layer),
    equalNeurons({ incoming: layer.weight, bias: layer.bias, outgoing: layer.next }),
  );
  const next = layer.next.slice();
  next[3 * clones.length + 2] = Math.fround(next[3 * clones.length + 2] + 2 ** -20);
  assertEquals(cloneGroups({ ...layer, next }), [[0, 6], [1, 5], [2], [3], [4], [7]]);
});

Deno.test("cloneGroups: among 300,000 different neurons some hashes of 32 bits collide, and none is merged", () => {
  const n = 300_000, next = mulberry32(5);
  const words = () => new Float32Array(Uint32Array.from({ length: n }, next).buffer);
  const layer = { weight: words(), bias: words(), next: words() };
  assertEquals(cloneGroups(layer).length, n);
});

Deno.test("cloneGroups: no neurons, and weights that are no rows", () => {
  const [none, one, five] = [0, 1, 5].map((n) => new Float32Array(n));
  assertEquals(cloneGroups({ weight: none, bias: none, next: none }), []);
  assertThrows(
    () => cloneGroups({ weight: five, bias: new Float32Array(2), next: one }),
    ShapeError,
    "5 incoming",
  );
});

Deno.test("distinctNeurons: one number a hidden layer, none without any", () => {
  const first = plant(4, 3, [0, 1, 0]), second = plant(3, 2, [0, 0, 0]);
  const parameters = new Map([
    ["0.weight", first.weight],
    ["0.bias", first.bias],
    ["2.weight", second.weight],
    ["2.bias", second.bias],
    ["4.weight", second.next],
    ["4.bias", new Float32Array(2)],
  ]);
  // The first layer's neurons are told apart by what follows them: the second layer's own weights.
  const { length: distinct } = cloneGroups({ ...first, next: second.weight });
  assertEquals(distinctNeurons(parameters), [distinct, 1]);
  assertEquals(distinctNeurons(new Map([...parameters].slice(0, 2))), []);
});
