import { assert, assertEquals, assertThrows } from "@std/assert";
import { ArgumentError, DtypeError, ShapeError } from "../../src/gpu/errors.ts";
import { type Distribution, drawOnHost, key, recordDraw, sampler } from "../../src/random/mod.ts";
import { nextBelow } from "../../src/random/distribution.ts";
import { testGpu } from "../gpu_fixture.ts";

const REFUSED: [Distribution, string][] = [
  [{ kind: "constant", value: NaN }, "NaN"],
  [{ kind: "bounded", bound: NaN }, "bound = NaN"],
  [{ kind: "bounded", bound: -1 }, "bound = -1"],
  [{ kind: "bounded", bound: Infinity }, "bound = Infinity"],
  [{ kind: "bounded", bound: 1e-30 }, "bound = 1e-30"],
  [{ kind: "uniform", low: 1, high: -1 }, "uniform from 1 to -1"],
  [{ kind: "uniform", low: 1, high: 1 }, "uniform from 1 to 1"],
  [{ kind: "uniform", low: 1, high: 1 + 2 ** -30 }, "empty in float32"],
  [{ kind: "uniform", low: NaN, high: 1 }, "low = NaN"],
  [{ kind: "uniform", low: 0, high: Infinity }, "high = Infinity"],
  [{ kind: "uniform", low: 0, high: 1e39 }, "high = 1e+39"],
  [{ kind: "uniform", low: 0, high: 9e37 }, "the distance between the bounds"],
  [{ kind: "uniform", low: 1e-40, high: 1 }, "low = 1e-40"],
  [{ kind: "normal", mean: 0, std: -1 }, "std = -1"],
  [{ kind: "normal", mean: 0, std: NaN }, "std = NaN"],
  [{ kind: "normal", mean: 0, std: 1e-29 }, "std = 1e-29"],
  [{ kind: "normal", mean: NaN, std: 1 }, "mean = NaN"],
  [{ kind: "normal", mean: -Infinity, std: 1 }, "mean = -Infinity"],
  [{ kind: "normal", mean: 3e38, std: 1e37 }, "mean = 3e+38"],
  [{ kind: "integers", low: 3, high: 3 }, "integers from 3"],
  [{ kind: "integers", low: 0.5, high: 3 }, "integers from 0.5"],
  [{ kind: "integers", low: -(2 ** 31), high: 2 ** 31 }, "integers from"],
  [{ kind: "bernoulli", probability: 1.5 }, "probability 1.5"],
  [{ kind: "bernoulli", probability: NaN }, "probability NaN"],
  [{ kind: "truncated_normal", mean: 0, std: 1, low: 1, high: -1 }, "between 1 and -1"],
  [{ kind: "truncated_normal", mean: 0, std: 0, low: -1, high: 1 }, "std 0"],
  [{ kind: "truncated_normal", mean: 0, std: 1, low: 7, high: 9 }, "with probability"],
];

for (const [distribution, text] of REFUSED) {
  const given = Object.values(distribution).join(" ");
  Deno.test(`refused: ${given}`, () => {
    assertThrows(() => sampler(distribution, "philox"), ArgumentError, text);
    assertThrows(() => drawOnHost(key(0), distribution, { count: 1 }), ArgumentError, text);
  });
}

Deno.test("the ends of what is accepted: every number is finite and none is subnormal but 0", () => {
  const accepted: Distribution[] = [
    { kind: "bounded", bound: 1e-28 },
    { kind: "bounded", bound: 1e37 },
    { kind: "uniform", low: -1e-28, high: 1e-28 },
    { kind: "uniform", low: 9.5e37, high: 1e38 },
    { kind: "normal", mean: 0, std: 1e-28 },
    { kind: "normal", mean: 1e38, std: 1e37 },
    { kind: "normal", mean: -1e-28, std: 1e-28 },
  ];
  for (const distribution of accepted) {
    const values = drawOnHost(key(0), distribution, { count: 10_000 });
    const sound = (x: number): boolean => Number.isFinite(x) && (x === 0 || Math.abs(x) >= 2 ** -126);
    assert([...values].every(sound), JSON.stringify(distribution));
  }
});

Deno.test("a scale of 0 gives one number only", () => {
  const values = (d: Distribution): number[] => [...new Set(drawOnHost(key(0), d, { count: 100 }))];
  assertEquals(values({ kind: "normal", mean: 3, std: 0 }), [3]);
  assertEquals(values({ kind: "bounded", bound: 0 }).map(Math.abs), [0]);
});

Deno.test("integers: every one in the range comes, and none beside it", () => {
  const values = drawOnHost(key(1), { kind: "integers", low: -3, high: 4 }, { count: 1000 });
  assertEquals([...new Set(values)].sort((a, b) => a - b), [-3, -2, -1, 0, 1, 2, 3]);
});

Deno.test("bernoulli: 0 never, 1 always, 0.3 in its share of the draws", () => {
  const share = (probability: number): number => {
    const values = drawOnHost(key(1), { kind: "bernoulli", probability }, { count: 100_000 });
    return values.filter((x) => x === 1).length / values.length;
  };
  assertEquals([share(0), share(1)], [0, 1]);
  // 3.3 standard deviations of 100000 draws: one in a thousand.
  assert(Math.abs(share(0.3) - 0.3) < 3.3 * Math.sqrt(0.21 / 100_000), String(share(0.3)));
});

Deno.test("the float32 below a float32", () => {
  const cases = [[1, 1 - 2 ** -24], [-1, -1 - 2 ** -23], [0, -(2 ** -149)], [2 ** -149, 0], [
    2,
    2 - 2 ** -23,
  ]];
  for (const [x, below] of cases) assertEquals(nextBelow(x), below, String(x));
});

Deno.test("ranges outside of the stream, and buffers that are too short or of another type, are refused", async () => {
  const gpu = await testGpu(), bits: Distribution = { kind: "bits" };
  for (const start of [-1, 0.5, NaN, 2 ** 53, -1n, 1n << 66n]) {
    assertThrows(() => drawOnHost(key(0), bits, { start, count: 1 }), ArgumentError);
  }
  for (const count of [-1, 0.5, NaN]) {
    assertThrows(() => drawOnHost(key(0), bits, { count }), ArgumentError, `count ${count}`);
  }
  assertEquals(drawOnHost(key(0), bits, { start: 1n << 66n, count: 0 }).length, 0);
  using out = gpu.buffer("out", "u32", 3);
  await gpu.record("refused", (r) => {
    assertThrows(() => recordDraw(r, key(0), bits, out, { count: 4 }), ShapeError, "4 elements");
    assertThrows(
      () => recordDraw(r, key(0), { kind: "normal", mean: 0, std: 1 }, out),
      DtypeError,
      "normal numbers are f32 and buffer out holds u32",
    );
    assertEquals(r.calls.length, 0);
  });
});
