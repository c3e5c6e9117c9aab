/**
 * The initialisers, by name, against what PyTorch and JAX drew.
 *
 * PyTorch's: every one bit for bit, all elements; `orthogonal_` within 2e-6, since the last bits of its QR are LAPACK's. JAX's: the
 * uniform ones bit for bit, all elements; the normal ones within 5 units in the last place over what the golden data holds of them
 * (the first 16 elements, the last 4, the extremes), and in their sums: JAX's inverse error function is an approximation in float32.
 */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { createHash } from "node:crypto";
import {
  calculateGain,
  initializerByName,
  layersManifest,
  type ManifestGenerator,
  shapeManifest,
} from "../../src/init/mod.ts";
import {
  type Float32Values,
  type JaxTensorDigest,
  loadJaxRandom,
  loadTorchRngInit,
  type TensorDigest,
} from "../golden/load.ts";
import { testGpu } from "../gpu_fixture.ts";
import { assertClose } from "../oracle/compare.ts";
import { makeOne, makeWhole } from "./whole.ts";

type Values = Float32Array<ArrayBuffer>;

const torch = loadTorchRngInit(), jax = loadJaxRandom();

/** Initialisers as they are typed, by the golden data's names. */
const TORCH_NAMES: Record<string, string> = {
  xavier_uniform_: "xavier_uniform",
  xavier_uniform_relu: `xavier_uniform:${calculateGain("relu")}`,
  xavier_normal_: "xavier_normal",
  kaiming_uniform_relu: "kaiming_uniform:nonlinearity=relu",
  kaiming_uniform_a_sqrt5: `kaiming_uniform:a=${Math.sqrt(5)}`,
  kaiming_normal_relu: "kaiming_normal:nonlinearity=relu",
  kaiming_normal_fanout: "kaiming_normal:fan_out,relu",
  trunc_normal_default: "trunc_normal",
  trunc_normal_std02: "trunc_normal:0.02",
  normal_: "normal",
  uniform_: "uniform",
  sparse_0_1: "sparse:0.1",
};

/** JAX's defaults: uniform(0.01), normal(0.01), truncated_normal(0.01), which is cut at two deviations. */
const JAX_NAMES: Record<string, string> = {
  uniform_default: "uniform:0,0.01",
  normal_default: "normal:0.01",
  truncated_normal_default: "trunc_normal:0.01,0,-0.02,0.02",
};

function bits(values: Values): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

function assertDigest(actual: Values, expected: TensorDigest, label: string): void {
  assertEquals([...bits(actual.subarray(0, 16))], expected.first16.bits, label);
  assertEquals(createHash("sha256").update(bits(actual)).digest("hex"), expected.sha256_le_f32, label);
}

function torchMade(init: string, shape: readonly number[], seed: number): Promise<Values> {
  return makeOne(undefined, shapeManifest("weight", shape, init, "mt19937", seed));
}

for (const golden of torch.seeds) {
  const { seed } = golden, label = `PyTorch, seed ${seed}`;

  Deno.test(`${label}: all that nn.init draws has its bits, 64 × 32 and 512 × 784`, async () => {
    let compared = 0;
    for (const digests of [golden.init_64x32, golden.init_784x512_rows512]) {
      for (const [name, digest] of Object.entries(digests)) {
        if (digest === null) continue; // it was not run
        assertDigest(await torchMade(TORCH_NAMES[name], digest.shape, seed), digest, name);
        compared++;
      }
    }
    assertEquals(compared, 23);
  });

  Deno.test(`${label}: Linear and Sequential have its bits`, async () => {
    const made = await makeWhole(undefined, layersManifest([4, 3], "torch_linear", "mt19937", seed));
    const { weight, bias } = golden["Linear(4,3)"];
    for (const [name, values] of [["0.weight", weight], ["0.bias", bias]] as [string, Float32Values][]) {
      assertEquals([...bits(made.get(name)!)], values.bits, name);
    }
    const linear = layersManifest([784, 512], "torch_linear", "mt19937", seed);
    const one = await makeWhole(undefined, linear);
    assertDigest(one.get("0.weight")!, golden["Linear(784,512)"].weight, "Linear(784,512)");
    assertDigest(one.get("0.bias")!, golden["Linear(784,512)"].bias, "Linear(784,512)");
    const sequential = layersManifest([784, 512, 10], "torch_linear", "mt19937", seed);
    const two = await makeWhole(undefined, sequential);
    const digests = golden["Sequential(Linear(784,512),ReLU,Linear(512,10))"];
    assertEquals([...two.keys()], Object.keys(digests));
    for (const [name, digest] of Object.entries(digests)) assertDigest(two.get(name)!, digest, name);
  });

  Deno.test(`${label}: orthogonal_, signs included, within 2e-6`, async () => {
    const cases = [["8x8", [8, 8]], ["16x4", [16, 4]], ["4x16", [4, 16]]] as const;
    for (const [size, shape] of cases) {
      const actual = await torchMade("orthogonal", shape, seed);
      assertClose(actual, golden[`orthogonal_${size}`].values.f32, 2e-6, size);
    }
  });
}

Deno.test("PyTorch: eye_ and dirac_ are its own for every generator", async () => {
  for (const generator of ["mt19937", "philox"] as const) {
    const eye = await makeOne(undefined, shapeManifest("w", [3, 5], "eye", generator, 1));
    assertEquals([...bits(eye)], torch.eye_3x5.bits);
    const dirac = await makeOne(undefined, shapeManifest("w", [3, 2, 3], "dirac", generator, 1));
    assertEquals([...bits(dirac)], torch.dirac_3x2x3.bits);
  }
});

Deno.test("PyTorch: the seed counts by its low 32 bits, negative and beyond 2^32", async () => {
  const made = (seed: bigint) =>
    makeOne(undefined, shapeManifest("w", [64, 32], "xavier_uniform", "mt19937", seed));
  const [{ init_64x32 }] = torch.seeds;
  for (const seed of [0n, 1n << 32n, -(1n << 32n), 5n << 40n, -(1n << 63n)]) {
    assertDigest(await made(seed), init_64x32.xavier_uniform_, `seed ${seed}`);
  }
  assertEquals(await made(-1n), await made(0xffffffffn));
});

/** Distance in units in the last place: 0 and -0 are none apart. */
function ulps(a: number, b: number): number {
  const [x, y] = [a, b].map((value) => {
    const word = new Int32Array(Float32Array.of(value).buffer)[0];
    return word < 0 ? -(word & 0x7fffffff) : word;
  });
  return Math.abs(x - y);
}

/** What the golden data holds of a normal tensor, within 5 units in the last place; its sums within the mean of such errors. */
function assertNear(actual: Values, expected: JaxTensorDigest, label: string): void {
  const ends = [...actual.subarray(0, 16), ...actual.subarray(-4)];
  const [least, most] = actual.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
  const wanted = [...expected.first16.f32, ...expected.last4.f32, expected.min, expected.max];
  [...ends, least, most].forEach((x, i) => {
    assertLessOrEqual(ulps(x, wanted[i]), 5, `${label}: ${x}, not ${wanted[i]}`);
  });
  let sum = 0, squares = 0;
  for (const x of actual) {
    sum += x;
    squares += x * x;
  }
  // Errors of half a unit in the last place on average, 3e-8, all of one sign at worst.
  const scale = Math.sqrt(expected.sumsq_f64 * actual.length);
  assertLessOrEqual(Math.abs(sum - expected.sum_f64), 3e-8 * scale, `${label}: sum`);
  assertLessOrEqual(Math.abs(squares / expected.sumsq_f64 - 1), 2e-7, `${label}: sum of squares`);
}

const MODES: [mode: keyof typeof jax.cases, generator: ManifestGenerator][] = [
  ["partitionable_True", "threefry"],
  ["partitionable_False", "threefry_original"],
];

for (const [mode, generator] of MODES) {
  for (const { seed, init_784x512 } of jax.cases[mode]) {
    Deno.test(`JAX, ${generator}(${seed}): all nine initialisers, 784 × 512`, async () => {
      const gpu = await testGpu(), entries = Object.entries(init_784x512);
      assertEquals(entries.length, 9);
      for (const [name, digest] of entries) {
        const init = initializerByName(JAX_NAMES[name] ?? name);
        const values = await makeOne(gpu, shapeManifest("kernel", digest.shape, init, generator, seed));
        if (name.includes("uniform")) assertDigest(values, digest, name);
        else assertNear(values, digest, name);
      }
    });
  }
}

Deno.test("the golden data holds no initialiser that is not compared", () => {
  for (const name of Object.keys(torch.seeds[0].init_64x32)) assert(Object.hasOwn(TORCH_NAMES, name), name);
});
