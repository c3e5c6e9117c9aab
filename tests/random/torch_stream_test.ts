import { assert, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { ArgumentError } from "../../src/gpu/errors.ts";
import { torchLinearParameters, torchSparse } from "../../src/random/torch_parameters.ts";
import { TorchStream } from "../../src/random/torch_stream.ts";
import {
  type Float32Values,
  floatsFromHex,
  loadTorchRngInit,
  type TorchOrthogonal,
  type TorchSeed,
  type TorchTensorDigest,
} from "../golden/load.ts";
import { TORCH_REFERENCES } from "./torch_references.ts";

type Values32 = Float32Array<ArrayBuffer>;

function bitsOf(values: Values32): number[] {
  return Array.from(new Uint32Array(values.buffer, values.byteOffset, values.length));
}

function sha256(values: ArrayBufferView): string {
  return createHash("sha256").update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest("hex");
}

function assertBits(actual: Values32, expected: Float32Values): void {
  assertEquals(bitsOf(actual), expected.bits);
}

function assertDigest(actual: Values32, expected: TorchTensorDigest): void {
  assertEquals(bitsOf(actual.slice(0, 16)), expected.first16.bits);
  assertEquals(sha256(actual), expected.sha256_le_f32);
}

/** Every element within some units of 2^-53, relative to the larger of 1 and its size. */
function assertClose64(actual: Float64Array, hex: string[]): void {
  const expected = floatsFromHex(hex);
  assertEquals(actual.length, expected.length);
  actual.forEach((x, i) => assertLessOrEqual(Math.abs(x - expected[i]), 1e-15 * Math.max(1, Math.abs(x))));
}

/** The draws of PyTorch's `nn.init` from a fresh stream, by the golden data's names. */
function initialised(stream: TorchStream, name: string, [rows, cols]: number[]): Values32 {
  const count = rows * cols, relu = Math.SQRT2;
  const uniform = (std: number) => stream.uniform(count, -Math.sqrt(3) * std, Math.sqrt(3) * std);
  const xavier = Math.sqrt(2 / (rows + cols));
  switch (name) {
    case "xavier_uniform_":
      return uniform(xavier);
    case "xavier_uniform_relu":
      return uniform(relu * xavier);
    case "xavier_normal_":
      return stream.normal(count, 0, xavier);
    case "kaiming_uniform_relu":
      return uniform(relu / Math.sqrt(cols));
    case "kaiming_uniform_a_sqrt5":
      return uniform(Math.sqrt(2 / (1 + Math.sqrt(5) ** 2)) / Math.sqrt(cols));
    case "kaiming_normal_relu":
      return stream.normal(count, 0, relu / Math.sqrt(cols));
    case "kaiming_normal_fanout":
      return stream.normal(count, 0, relu / Math.sqrt(rows));
    case "trunc_normal_default":
      return stream.truncNormal(count);
    case "trunc_normal_std02":
      return stream.truncNormal(count, 0, 0.02);
    case "normal_":
      return stream.normal(count);
    case "uniform_":
      return stream.uniform(count);
    case "sparse_0_1":
      return torchSparse(stream, rows, cols, 0.1);
  }
  throw new Error(`no draw for ${name}`);
}

/**
 * That Q of the golden data belongs to our draw A: Qᵀ A is upper triangular with a positive diagonal, of Aᵀ where A is wide. (Q's own
 * bits are LAPACK's.)
 */
function assertOrthogonalOf(draw: Values32, golden: TorchOrthogonal, rows: number, cols: number): void {
  const tall = Math.max(rows, cols), narrow = Math.min(rows, cols);
  const at = (values: ArrayLike<number>, i: number, j: number) =>
    rows >= cols ? values[i * cols + j] : values[j * cols + i];
  for (let i = 0; i < narrow; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < tall; k++) sum += at(golden.values.f32, k, i) * at(draw, k, j);
      if (i === j) assert(sum > 0);
      else assertLessOrEqual(Math.abs(sum), 1e-5);
    }
  }
}

for (const golden of loadTorchRngInit().seeds) {
  const fresh = () => new TorchStream(golden.seed), name = `torch stream, seed ${golden.seed}:`;

  Deno.test(`${name} rand and uniform_ have PyTorch's bits`, () => {
    assertBits(fresh().uniform(1), golden.rand1);
    assertBits(fresh().uniform(8), golden.rand8);
    assertBits(fresh().uniform(20), golden.rand20);
    assertBits(fresh().uniform(8, -0.5, 0.5), golden["uniform8_-0.5_0.5"]);
    assertEquals(fresh().uniform64(8), floatsFromHex(golden.rand8_f64.hex));
  });

  Deno.test(`${name} randn has PyTorch's bits, below 16 elements and from there on`, () => {
    const sizes = [1, 8, 15, 16, 17, 20, 32, 40] as const;
    for (const size of sizes) assertBits(fresh().normal(size), golden[`randn${size}`]);
  });

  Deno.test(`${name} randn in float64 is PyTorch's within a few units in the last place`, () => {
    assertClose64(fresh().normal64(8), golden.randn8_f64.hex);
    assertClose64(fresh().normal64(20), golden.randn20_f64.hex);
  });

  Deno.test(`${name} the sine of a pair waits for the next short draw`, () => {
    const stream = fresh();
    const six = Float32Array.of(...stream.normal(3), ...stream.normal(3));
    assertBits(six, golden["randn3_then_randn3 (box-muller cache carries over)"]);
  });

  Deno.test(`${name} randint and randperm are PyTorch's`, () => {
    assertEquals(Array.from(fresh().randint(0, 2 ** 31, 8)), golden["randint8_0_2^31"]);
    // The remainder by 2^32 - 1 is the sum of both words, end around: this is what the file has, not the range 2^32.
    assertEquals(Array.from(fresh().randint(0, 2 ** 32 - 1, 8)), golden.randint_raw32_8);
    assertEquals(Array.from(fresh().randperm(10)), golden.randperm10);
  });

  Deno.test(`${name} Linear and Sequential have PyTorch's bits`, () => {
    const [weight, bias] = torchLinearParameters(fresh(), [4, 3]);
    assertBits(weight.values, golden["Linear(4,3)"].weight);
    assertBits(bias.values, golden["Linear(4,3)"].bias);
    assertParameters(fresh(), [784, 512], {
      "0.weight": golden["Linear(784,512)"].weight,
      "0.bias": golden["Linear(784,512)"].bias,
    });
    assertParameters(fresh(), [784, 512, 10], golden["Sequential(Linear(784,512),ReLU,Linear(512,10))"]);
  });

  Deno.test(`${name} all of nn.init that draws has PyTorch's bits`, () => {
    for (const [init, digest] of digests(golden)) {
      assertDigest(initialised(fresh(), init, digest.shape), digest);
    }
  });

  Deno.test(`${name} orthogonal_ takes a draw of normals`, () => {
    assertOrthogonalOf(fresh().normal(64), golden.orthogonal_8x8, 8, 8);
    assertOrthogonalOf(fresh().normal(64), golden.orthogonal_16x4, 16, 4);
    assertOrthogonalOf(fresh().normal(64), golden.orthogonal_4x16, 4, 16);
  });
}

function assertParameters(
  stream: TorchStream,
  widths: number[],
  expected: Record<string, TorchTensorDigest>,
): void {
  const parameters = torchLinearParameters(stream, widths);
  assertEquals(parameters.map((p) => p.name), Object.keys(expected));
  for (const { name, shape, values } of parameters) {
    assertEquals(shape, expected[name].shape);
    assertDigest(values, expected[name]);
  }
}

function digests(golden: TorchSeed): [string, TorchTensorDigest][] {
  const all = [...Object.entries(golden.init_64x32), ...Object.entries(golden.init_784x512_rows512)];
  return all.filter((entry): entry is [string, TorchTensorDigest] => entry[1] !== null);
}

for (const reference of TORCH_REFERENCES) {
  Deno.test(`torch stream: seed ${reference.seed} is PyTorch's too`, () => {
    const fresh = () => new TorchStream(reference.seed);
    assertEquals(bitsOf(fresh().uniform(3)), reference.rand3);
    assertEquals(sha256(fresh().uniform(1000, -0.1, 0.7)), reference.uniform1000);
    assertEquals(sha256(fresh().normal(1000, 0.5, 0.02)), reference.normal1000);
    assertEquals(Array.from(fresh().randperm(8)), reference.randperm8);
    assertEquals(Array.from(fresh().randint(-50, 50, 6)), reference.randint6);
  });

  Deno.test(`torch stream: seed ${reference.seed}, draws of all kinds one after the other`, () => {
    const s = new TorchStream(reference.seed);
    const parts = [
      s.normal(3),
      s.uniform(2),
      s.normal(17).slice(14),
      s.normal(2),
      s.normal64(1),
      s.normal(1),
    ];
    assertEquals(bitsOf(Float32Array.from(parts.flatMap((part) => Array.from(part)))), reference.mixed);
  });
}

Deno.test("torch stream: uniform numbers and short normals do not depend on how a draw is divided", () => {
  const [parts, whole] = [new TorchStream(7), new TorchStream(7)];
  assertEquals(Float32Array.of(...parts.uniform(10), ...parts.uniform(7)), whole.uniform(17));
  const count = fc.nat(7);
  fc.assert(fc.property(count, count, fc.integer(), (a, b, seed) => {
    const parts = new TorchStream(seed), whole = new TorchStream(seed);
    assertEquals(
      Float32Array.of(...parts.normal(a, 1, 2), ...parts.normal(b, 1, 2)),
      whole.normal(a + b, 1, 2),
    );
    assertEquals(Float64Array.of(...parts.uniform64(a), ...parts.uniform64(b)), whole.uniform64(a + b));
  }));
});

Deno.test("torch stream: draws of nothing take nothing", () => {
  const stream = new TorchStream(3);
  assertEquals(stream.uniform(0).length + stream.normal(0).length + stream.truncNormal(0).length, 0);
  assertEquals(stream.randperm(0).length + stream.randperm(1).length + stream.randint(0, 9, 0).length, 1);
  assertEquals(stream.uniform(1), new TorchStream(3).uniform(1));
});

Deno.test("torch stream: a truncated normal lies within its bounds, in short draws and in long ones", () => {
  for (const count of [5, 16, 1000]) {
    const values = new TorchStream(1).truncNormal(count, 1, 2, 0.1, 1.5);
    assertEquals(values.filter((x) => x < Math.fround(0.1) || x > 1.5).length, 0);
    assertEquals(values.length, count);
  }
});

Deno.test("torch stream: a permutation and integers of a wide range stay within it", () => {
  const stream = new TorchStream(11);
  assertEquals(
    Array.from(stream.randperm(100)).sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
  const low = -(2 ** 52), high = 2 ** 52;
  const integers = stream.randint(low, high, 200);
  assert(integers.every((x) => Number.isSafeInteger(x) && x >= low && x < high));
  assertEquals(stream.randint(-3, -2, 3), Float64Array.of(-3, -3, -3));
});

Deno.test("torch stream: a sparse weight has the asked share of zeros in every column", () => {
  const rows = 10, cols = 6, values = torchSparse(new TorchStream(5), rows, cols, 0.25);
  for (let col = 0; col < cols; col++) {
    const column = values.filter((_, i) => i % cols === col);
    assertEquals(column.filter((x) => x === 0).length, 3); // ceil(2.5)
  }
});

const REFUSED: Record<string, (stream: TorchStream) => unknown> = {
  "a count of -1": (s) => s.uniform(-1),
  "a count of 1.5": (s) => s.normal(1.5),
  "a count of NaN": (s) => s.normal64(NaN),
  "uniform bounds the wrong way round": (s) => s.uniform(1, 1, 0),
  "a uniform bound of NaN": (s) => s.uniform(1, NaN, 0),
  "uniform bounds too far apart for float32": (s) => s.uniform(1, -3e38, 3e38),
  "a negative std": (s) => s.normal(1, 0, -1),
  "an infinite mean": (s) => s.normal(20, Infinity),
  "a cut of nothing": (s) => s.truncNormal(1, 0, 1, 1, -1),
  "a cut that leaves too little": (s) => s.truncNormal(1, 0, 1, 4, 5),
  "a cut of std 0": (s) => s.truncNormal(1, 0, 0),
  "no integers": (s) => s.randint(3, 3, 1),
  "an integer bound that is a fraction": (s) => s.randint(0, 1.5, 1),
  "a range of integers beyond 2^53": (s) => s.randint(-(2 ** 53) + 1, 2 ** 53 - 1, 1),
  "a permutation too long": (s) => s.randperm(2 ** 28),
  "a sparsity above 1": (s) => torchSparse(s, 2, 2, 1.5),
  "a fraction of a row": (s) => torchSparse(s, 2.5, 2, 0.5),
  "one width": (s) => torchLinearParameters(s, [4]),
  "a width of 0": (s) => torchLinearParameters(s, [4, 0]),
};

for (const [what, draw] of Object.entries(REFUSED)) {
  Deno.test(`torch stream: refuses ${what}`, () => {
    assertThrows(() => draw(new TorchStream(0)), ArgumentError);
  });
}
