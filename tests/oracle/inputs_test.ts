import { assert, assertEquals } from "@std/assert";
import { equalNeurons } from "./neurons.ts";
import {
  dyadicInputs,
  integerInputs,
  isExactInFloat32,
  labelInputs,
  mulberry32,
  uniformInputs,
} from "./random.ts";
import { matmulTriples, ODD_SIZES } from "./shapes.ts";

Deno.test("mulberry32 is the published sequence", () => {
  const next = mulberry32(0);
  // The first words of the reference implementation for seed 0.
  assertEquals([next(), next(), next()], [1144304738, 1416247, 958946056]);
});

Deno.test("inputs are in their ranges, exact, and the same at every call", () => {
  const uniform = uniformInputs(10000, 7);
  assert(uniform.every((value) => value >= -1 && value < 1 && Number.isInteger(value * 2 ** 23)));
  assert(Math.abs(uniform.reduce((sum, value) => sum + value, 0) / 10000) < 0.03);
  assertEquals(uniform.subarray(0, 100), uniformInputs(100, 7));
  assert(uniform[0] !== uniformInputs(1, 8)[0]);
  assertEquals(new Set(integerInputs(1000, 1, 2)), new Set([-2, -1, 0, 1, 2]));
  assert(dyadicInputs(1000, 1, 6).every((value) => value >= -1 && value < 1 && Number.isInteger(value * 64)));
  assertEquals(new Set(dyadicInputs(100, 1, 1)), new Set([-1, -0.5, 0, 0.5]));
  assertEquals(new Set(labelInputs(100, 1, 3)), new Set([0, 1, 2]));
  assert(isExactInFloat32([0.5, -0, NaN, 2 ** 24]));
  assert(!isExactInFloat32([0.1]) && !isExactInFloat32([2 ** 24 + 1]));
});

Deno.test("the triples cover every size in every position, without the cube", () => {
  const triples = matmulTriples();
  assertEquals(triples, matmulTriples());
  assert(triples.length <= 4 * ODD_SIZES.length);
  assertEquals(new Set(triples.map((triple) => JSON.stringify(triple))).size, triples.length);
  for (const position of ["m", "n", "k"] as const) {
    for (const size of ODD_SIZES) {
      const times = triples.filter((triple) => triple[position] === size).length;
      assert(times >= 4, `${position} = ${size} ${times} times`);
    }
  }
});

Deno.test("equal neurons are found by all their numbers", () => {
  const layer = {
    incoming: [1, 2, 1, 2, 3, 4, 1, 2],
    bias: [5, 5, 5, 5],
    outgoing: [6, 6, 6, 7, 8, 8, 8, 8],
  };
  assertEquals(equalNeurons(layer), [[0, 1], [2], [3]]);
  assertEquals(equalNeurons({ ...layer, bias: [5, 5 + 2 ** -50, 5, 5] }).length, 4);
  assertEquals(equalNeurons({ incoming: [0, -0], bias: [0, 0], outgoing: [-0, 0] }), [[0, 1]]);
  assertEquals(equalNeurons({ incoming: [], bias: [], outgoing: [] }), []);
});
