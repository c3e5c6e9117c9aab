import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { arraysOfNetwork, type NamedArray } from "../../src/diagnose/named_array.ts";
import { describeRepeat, findRepeats } from "../../src/diagnose/repeats.ts";
import { kaimingNormal, ones, orthogonal, torchLinear, xavierUniform, zeros } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { type Distribution, drawOnHost, type Key, key } from "../../src/random/mod.ts";
import { testGpu } from "../gpu_fixture.ts";
import { uniformInputs } from "../oracle/random.ts";

function drawn(name: string, shape: number[], of: Key, distribution: Distribution, start = 0): NamedArray {
  const count = shape.reduce((product, n) => product * n, 1);
  return { name, shape, data: drawOnHost(of, distribution, { start, count }) as Float32Array };
}

const U = (bound: number): Distribution => ({ kind: "bounded", bound });
const N = (std: number): Distribution => ({ kind: "normal", mean: 0, std });

function close(actual: number, expected: number): void {
  assert(Math.abs(actual / expected - 1) < 2 ** -22, `${actual}, not ${expected}`);
}

Deno.test("findRepeats: two parameters of one key, with other bounds and sizes", () => {
  for (const generator of ["philox", "threefry"] as const) {
    for (
      const [one, other, scale] of [[U(0.1), U(0.03), 0.3], [N(0.02), N(1), 50], [U(0.1), U(0.1), 1]] as const
    ) {
      const first = drawn("0.weight", [64, 100], key(5, generator), one);
      const second = drawn("2.weight", [32, 64], key(5, generator), other);
      const [found, ...none] = findRepeats([first, second]);
      assertEquals(none, []);
      assertEquals(found.first, { name: "0.weight", start: 0, length: 2048, whole: false });
      assertEquals(found.second, { name: "2.weight", start: 0, length: 2048, rows: [0, 32], whole: true });
      assertEquals(found.exact, scale === 1);
      close(found.scale, scale);
    }
  }
});

Deno.test("findRepeats: a shifted part of the same stream, and rows of one parameter", () => {
  const first = drawn("0.weight", [20, 30], key(1), U(1)),
    second = drawn("2.weight", [4, 30], key(1), U(2), 97);
  const third = drawn("4.weight", [10, 20], key(2), N(1));
  third.data.set(third.data.slice(40, 60), 140); // row 7 is row 2
  const [shifted, row, ...none] = findRepeats([first, second, third]);
  assertEquals(none, []);
  assertEquals([shifted.first.start, shifted.second.start, shifted.second.length], [97, 0, 120]);
  close(shifted.scale, 2);
  assertEquals([row.first.rows, row.second.rows, row.exact], [[2, 3], [7, 8], true]);
});

Deno.test("findRepeats: every run of 15 equal elements, wherever it lies, and none that is not there", () => {
  const place = fc.integer({ min: 0, max: 180 });
  fc.assert(
    fc.property(place, place, fc.integer({ min: 15, max: 20 }), fc.nat(), (from, to, length, seed) => {
      const [a, b] = [uniformInputs(200, seed), uniformInputs(200, seed + 1)];
      b.set(a.subarray(from, from + length), to);
      const [found, ...none] = findRepeats([{ name: "a", shape: [200], data: a }, {
        name: "b",
        shape: [200],
        data: b,
      }]);
      assertEquals(none, []);
      // A neighbour may be equal by chance, once in 2^24.
      assertEquals([found.first.start, found.second.start, found.first.length], [from, to, length]);
      assert(found.exact);
    }),
    { seed: 5, numRuns: 300 },
  );
});

Deno.test("findRepeats: scaled runs of 40 elements, with either sign", () => {
  const of = { from: fc.nat(150), to: fc.nat(150), scale: fc.double({ min: 1e-3, max: 1e3, noNaN: true }) };
  fc.assert(
    fc.property(
      fc.record({ ...of, sign: fc.constantFrom(1, -1), seed: fc.nat() }),
      ({ from, to, seed, ...by }) => {
        const [a, b] = [uniformInputs(200, seed), uniformInputs(200, seed + 1)], scale = by.scale * by.sign;
        b.set(a.subarray(from, from + 40).map((x) => x * scale), to);
        const [found, ...none] = findRepeats([{ name: "a", shape: [200], data: a }, {
          name: "b",
          shape: [200],
          data: b,
        }]);
        assertEquals(none, []);
        assertEquals([found.first.start, found.second.start, found.first.length], [from, to, 40]);
        close(found.scale, scale);
      },
    ),
    { seed: 6, numRuns: 300 },
  );
});

Deno.test("findRepeats: honest networks have none, for 50 seeds; constants are no draws", async () => {
  using network = new Mlp(await testGpu(), [100, 64, 32, 10]);
  for (let seed = 0; seed < 50; seed++) {
    for (const init of seed % 10 === 0 ? [torchLinear(), kaimingNormal(), orthogonal()] : [xavierUniform()]) {
      await network.initialize(init, key(seed));
      assertEquals(findRepeats(await arraysOfNetwork(network)), [], `${init} ${seed}`);
    }
  }
  for (const init of [zeros(), ones()]) {
    await network.initialize(init, key(0));
    assertEquals(findRepeats(await arraysOfNetwork(network)), []);
  }
});

Deno.test("findRepeats: of three alike two are reported; patterns, zeros, NaNs and short arrays are not", () => {
  const draw = (name: string) => drawn(name, [8, 8], key(3), N(1));
  const found = findRepeats(["a", "b", "c"].map(draw));
  assertEquals(found.map(({ first, second }) => [first.name, second.name]), [["a", "b"], ["a", "c"]]);
  assert(found.every(({ first, second, exact }) => first.whole && second.whole && exact));
  const make = (name: string, value: (i: number) => number) => ({
    name,
    shape: [64],
    data: Float32Array.from({ length: 64 }, (_, i) => value(i)),
  });
  const plain = [(i: number) => i % 3, (i: number) => 1 + i % 4, () => NaN, (i: number) => 2 ** i, () => 0];
  for (const value of plain) assertEquals(findRepeats([make("a", value), make("b", value)]), []);
  const short = { shape: [7], data: uniformInputs(7, 1) };
  assertEquals(findRepeats([{ name: "a", ...short }, { name: "b", ...short }]), []);
  assertEquals(findRepeats([]), []);
});

Deno.test("describeRepeat: whole parameters, rows and parts", () => {
  const a = drawn("0.weight", [8, 8], key(3), U(1)), b = drawn("2.weight", [2, 8], key(3), U(0.5));
  const c = drawn("4.bias", [20], key(3), U(1), 3);
  const [scaled, equal] = findRepeats([a, b, c]);
  assertStringIncludes(
    describeRepeat(scaled),
    "2.weight is 0.weight rows 0 to 1 times 0.5: both were filled",
  );
  assertStringIncludes(describeRepeat(equal), "4.bias equals 0.weight elements 3 to 22 bit for bit");
});
