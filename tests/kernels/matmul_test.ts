import { assert, assertEquals } from "@std/assert";
import {
  ACTIVATION_NAMES,
  type AdapterKind,
  fill,
  HUGE_IMAGE_TILE,
  IMAGE_TILE,
  LARGE_IMAGE_TILE,
  matmul,
  matmulCandidates,
  type MatmulForm,
  type MatmulSizes,
  type MatmulVariant,
  matmulVariant,
  MAX_WORKGROUPS,
} from "../../kernels/mod.ts";
import { adapterKind } from "../../src/gpu/adapter_kind.ts";
import { isCopy, recordMatmul } from "../../src/gpu/mod.ts";
import { activate, activateGrad, biasAdd, reluGrad } from "../oracle/activation.ts";
import { assertBitsEqual, assertClose } from "../oracle/compare.ts";
import { matmul as matmulOracle, matmulBound } from "../oracle/matmul.ts";
import { integerInputs, uniformInputs } from "../oracle/random.ts";
import { matmulTriples, type Triple } from "../oracle/shapes.ts";
import { f32, runKernel, testGpu } from "../gpu_fixture.ts";
import {
  beside,
  FORMS,
  runProducts,
  stored,
  type StoredProduct,
  transposed,
  VARIANTS,
} from "./matmul_cases.ts";

const EPILOGUES = ["none", "bias", "bias_relu", "relu_grad"] as const;

/** The epilogues that are tried at every shape; the other activations differ in a function that has tests of its own. */
type Epilogue = typeof EPILOGUES[number];

/** A product and what it should be, before it is stored in some form. */
interface Product {
  sizes: Triple;
  a: Float32Array<ArrayBuffer>;
  b: Float32Array<ArrayBuffer>;
  bias: Float32Array<ArrayBuffer>;
  h: Float32Array<ArrayBuffer>;
  expected: Record<Epilogue, Float64Array>;
  bound: Record<Epilogue, Float64Array>;
}

function makeProduct(sizes: Triple, seed: number): Product {
  const { m, n, k } = sizes;
  const [a, b, bias] = [m * k, k * n, n].map((count, i) => f32(uniformInputs(count, 10 * seed + i)));
  // A forward output of ReLU: zeros and positive numbers.
  const h = f32(uniformInputs(m * n, 10 * seed + 3).map((x) => Math.max(x, 0)));
  const sums = matmulOracle(a, b, sizes), sumBound = matmulBound(a, b, sizes);
  // A bias is one more term: a column of ones in A, a row in B.
  const longer = { m, n, k: k + 1 },
    a1 = beside(a, new Float32Array(m).fill(1), m),
    b1 = f32([...b, ...bias]);
  const biased = matmulOracle(a1, b1, longer), biasBound = matmulBound(a1, b1, longer);
  return {
    sizes,
    a,
    b,
    bias,
    h,
    expected: {
      none: sums,
      bias: biased,
      bias_relu: biased.map((x) => Math.max(x, 0)), // relu brings two numbers no further apart
      relu_grad: reluGrad(h, sums),
    },
    bound: {
      none: sumBound,
      bias: biasBound,
      bias_relu: biasBound,
      relu_grad: sumBound.map((x, i) => h[i] > 0 ? x : 0),
    },
  };
}

function inputsOf(form: MatmulForm, { sizes, a, b, bias, h }: Product): StoredProduct["inputs"] {
  return { ...stored(form, a, b, sizes), bias, h };
}

const products = matmulTriples().map(makeProduct);
const label = ({ m, n, k }: Triple): string => `${m}x${n}x${k}`;

for (const form of FORMS) {
  for (const epilogue of EPILOGUES) {
    Deno.test(`matmul ${form} ${epilogue}: within the bound, and every variant the same bits`, async () => {
      const gpu = await testGpu(),
        cases = products.map((p) => ({ sizes: p.sizes, inputs: inputsOf(form, p) }));
      const [first, ...others] = await Array.fromAsync(
        VARIANTS,
        (variant) => runProducts(gpu, [form, epilogue], variant, cases),
      );
      products.forEach(({ sizes, expected, bound }, i) => {
        assertClose(first[i], expected[epilogue], bound[epilogue], label(sizes));
        others.forEach((other, v) =>
          assertBitsEqual(other[i], first[i], `${JSON.stringify(VARIANTS[v + 1])} ${label(sizes)}`)
        );
      });
    });
  }

  Deno.test(`matmul ${form}: whole numbers are summed exactly`, async () => {
    const sizes = { m: 33, n: 65, k: 129 };
    const a = f32(integerInputs(sizes.m * sizes.k, 1)), b = f32(integerInputs(sizes.k * sizes.n, 2));
    const kernel = matmul(form, "none");
    const inputs = { ...stored(form, a, b, sizes), out: sizes.m * sizes.n };
    const { out } = await runKernel(await testGpu(), kernel, inputs, sizes);
    assertBitsEqual(out, f32(matmulOracle(a, b, sizes)), form);
  });

  Deno.test(`matmul ${form}: equal rows give equal rows and equal columns equal columns, wherever they lie`, async () => {
    // One past a tile's edge, so that the last rows and columns are in the tail; k is long enough for rounding to differ.
    const sizes = { m: 130, n: 131, k: 257 }, { m, n, k } = sizes;
    const twinRows = [0, 1, 6, 7, 8, 63, 64, 127, 128, 129],
      twinColumns = [0, 1, 7, 8, 63, 64, 127, 128, 130];
    const a = f32(uniformInputs(m * k, 1)), b = f32(uniformInputs(k * n, 2));
    for (const row of twinRows) a.copyWithin(row * k, 0, k);
    for (let i = 0; i < k; i++) for (const column of twinColumns) b[i * n + column] = b[i * n];
    for (const variant of VARIANTS) {
      const inputs = stored(form, a, b, sizes);
      const [c] = await runProducts(await testGpu(), [form, "none"], variant, [{ sizes, inputs }]);
      const columns = transposed(c, m, n);
      for (const row of twinRows) {
        assertBitsEqual(c.subarray(row * n, (row + 1) * n), c.subarray(0, n), `row ${row}`);
      }
      for (const column of twinColumns) {
        assertBitsEqual(
          columns.subarray(column * m, (column + 1) * m),
          columns.subarray(0, m),
          `column ${column}`,
        );
      }
    }
  });
}

/** Variants that a test of all epilogues would take too long with: they have the bits of the others. */
async function sameBits(
  variants: (form: MatmulForm) => readonly MatmulVariant[],
  forms: readonly MatmulForm[],
) {
  const gpu = await testGpu();
  for (const form of forms) {
    const cases = products.map((p) => ({ sizes: p.sizes, inputs: inputsOf(form, p) }));
    const usual = await runProducts(gpu, [form, "none"], VARIANTS[0], cases);
    for (const variant of variants(form)) {
      const results = await runProducts(gpu, [form, "none"], variant, cases);
      products.forEach(({ sizes }, i) =>
        assertBitsEqual(results[i], usual[i], `${form} ${label(sizes)} ${JSON.stringify(variant)}`)
      );
    }
  }
}

Deno.test("matmul: what GPUs may be given has the bits of the others", async () => {
  const { adapter } = await testGpu();
  // By OpenGL, Mesa's driver compiles each for half a minute; what differs between forms is in the smaller tiles of VARIANTS too.
  const quick = adapterKind(adapter) === "gpu" || Deno.env.get("DENO_WEBGPU_BACKEND") === "vulkan";
  const candidates = (form: MatmulForm) => matmulCandidates("gpu", form, products[0].sizes);
  if (quick) await sameBits(candidates, FORMS);
  else await sameBits((form) => candidates(form).slice(0, 1), ["nt"]);
});

Deno.test("matmul: the tiles of large products have the bits of the others", async () => {
  await sameBits(
    (form) => [LARGE_IMAGE_TILE[form], HUGE_IMAGE_TILE].map((tile) => ({ operands: "images", tile })),
    FORMS,
  );
});

/** Sizes with a dimension so small that an operand is bound as a uniform, and whole fours of numbers in it. */
function fewTriples(form: MatmulForm): Triple[] {
  const few = [1, 2, 3, 4, 5, 7, 8, 10, 12, 13, 15, 16], lengths = [1, 7, 8, 9, 12, 63, 64, 65, 68, 130];
  return few.flatMap((one, i) =>
    [[4, 63][i % 2], [20, 64, 132][i % 3]].map((fours, j) => {
      const length = lengths[(i + 3 * j) % lengths.length], other = one * fours % 4 === 0 ? fours : fours + 1;
      if (form === "nt") return { m: length, n: one, k: other };
      return form === "tn" ? { m: one, n: length, k: other } : { m: other, n: length, k: one };
    })
  );
}

for (const form of FORMS) {
  Deno.test(`matmul ${form} of a small operand: within the bound, with the bits of the others`, async () => {
    const gpu = await testGpu();
    for (const [i, sizes] of fewTriples(form).entries()) {
      const variant = matmulVariant("llvmpipe", form, sizes), product = makeProduct(sizes, 1000 + i);
      assertEquals(variant.operands, "uniform", label(sizes));
      const epilogue = EPILOGUES[i % EPILOGUES.length], cases = [{ sizes, inputs: inputsOf(form, product) }];
      const [[first], [other]] = await Array.fromAsync(
        [variant, VARIANTS[0]],
        (one) => runProducts(gpu, [form, epilogue], one, cases),
      );
      assertClose(first, product.expected[epilogue], product.bound[epilogue], label(sizes));
      assertBitsEqual(first, other, `${epilogue} ${label(sizes)}`);
    }
  });
}

Deno.test("an operand that cannot be bound as a uniform is read from its buffer: too large, or no whole fours", async () => {
  const gpu = await testGpu(), before = 64 * 3, names: string[] = [];
  const variant = matmulVariant("llvmpipe", "nt", { m: 64, n: 10, k: 256 });
  for (const [m, n, k] of [[3, 5, 1028], [3, 5, 1030], [9, 17, 964], [3, 17, 1000]]) {
    const a = f32(integerInputs(m * k, 1)), b = f32(integerInputs(k * n, 2));
    const inputs = stored("nt", a, b, { m, n, k });
    using large = gpu.buffer("a", "f32", m * k, inputs.a);
    using whole = gpu.buffer("b", "f32", before + n * k);
    using out = gpu.buffer("out", "f32", m * n);
    gpu.write(whole, inputs.b, before);
    using program = await gpu.record("product", (r) => {
      const operands = { a: large, b: whole.view(before, n * k), out };
      recordMatmul(r, "nt", "none", operands, { m, n, k }, { variant });
      for (const call of r.calls) if ("kernel" in call) names.push(call.kernel.name);
    });
    program.submit();
    assertBitsEqual(await gpu.read(out), f32(matmulOracle(a, b, { m, n, k })), `${[m, n, k]}`);
  }
  assertEquals(names.map((name) => name.includes("uniform")), [true, false, false, false]);
});

Deno.test("matmul bias_relu: a NaN stays NaN in its own row, exact zeros give +0", async () => {
  const sizes = { m: 3, n: 2, k: 2 };
  const a = f32([NaN, 1, -1, 0, 1, 0]), b = f32([2, 0, 1, 1]), bias = f32([-2, -0]);
  const inputs = { a, b, bias, out: 6 };
  const { out } = await runKernel(await testGpu(), matmul("nn", "bias_relu"), inputs, sizes);
  assertEquals([...out], [NaN, NaN, 0, 0, 0, 0]);
});

Deno.test("matmul relu_grad: an output of 0 lets nothing pass, not even NaN", async () => {
  const sizes = { m: 2, n: 3, k: 1 };
  const inputs = { a: f32([1, NaN]), b: f32([5, 6, 7]), h: f32([0, 2 ** -126, NaN, 0, 1, -0]), out: 6 };
  const { out } = await runKernel(await testGpu(), matmul("nn", "relu_grad"), inputs, sizes);
  assertEquals([...out], [0, 6, 0, 0, NaN, 0]);
});

Deno.test("matmul: results with more blocks than a dispatch has workgroups in a row", async () => {
  const tile = { rows: 1, columns: 1, groupRows: 2, groupColumns: 4 }, edge = MAX_WORKGROUPS;
  const gpu = await testGpu();
  for (const [m, n] of [[2 * edge + 3, 3], [3, 4 * edge + 5], [4097, 600]]) {
    const a = f32(integerInputs(m, 1, 1000)), b = f32(integerInputs(n, 2, 1000));
    const out = (await runKernel(gpu, matmul("nn", "none", tile), { a, b, out: m * n }, { m, n, k: 1 })).out;
    const wrong = out.findIndex((value, i) => value !== a[Math.floor(i / n)] * b[i % n]);
    assert(wrong === -1, `${m}x${n}: element ${wrong} of ${out.length}`);
  }
});

for (const name of ACTIVATION_NAMES) {
  Deno.test(`matmul ends in ${name} and its gradient, on the bias and the output that it is given`, async () => {
    const gpu = await testGpu(), sizes = { m: 17, n: 67, k: 33 }, { m, n, k } = sizes;
    const [a, b, bias, z] = [m * k, k * n, n, m * n].map((count, i) => f32(uniformInputs(count, 50 + i)));
    const sums = matmulOracle(a, b, sizes), bound = matmulBound(a, b, sizes, { extraRoundings: 1 });
    // Slopes are 1 at most, and the activations' own accuracy is another test's: here it is which, and of what.
    const allowed = bound.map((x) => 2 * x + 2e-6), h = f32(activate(name, z));
    const forward = await runKernel(gpu, matmul("nt", `bias_${name}`), {
      ...stored("nt", a, b, sizes),
      bias,
      out: m * n,
    }, sizes);
    assertClose(forward.out, activate(name, biasAdd(sums, bias)), allowed, "forward");
    const backward = await runKernel(gpu, matmul("nn", `${name}_grad`), { a, b, h, out: m * n }, sizes);
    assertClose(backward.out, activateGrad(name, h, sums), allowed, "backward");
  });
}

Deno.test("matmul from images: products that vanish, infinities and NaN are what they are from buffers", async () => {
  // Sums that end in -0 would lose their sign if the zeros past the end of a row were added.
  const odd = [1e-30, -1e-30, 0, -0, Infinity, NaN, 1e38, 2 ** -149, -1], sizes = { m: 9, n: 9, k: 1 };
  const gpu = await testGpu(), inputs = { a: f32(odd), b: f32(odd) };
  for (const form of FORMS) {
    const [first, ...others] = await Array.fromAsync(
      VARIANTS,
      async (variant) => (await runProducts(gpu, [form, "none"], variant, [{ sizes, inputs }]))[0],
    );
    for (const other of others) assertEquals(other, first, form);
  }
});

Deno.test("an operand is packed again after the program has written it, and only then", async () => {
  const gpu = await testGpu(),
    sizes = { m: 2, n: 2, k: 2 },
    images = matmulVariant("llvmpipe", "nn", sizes, false);
  using a = gpu.buffer("a", "f32", 4, f32([1, 2, 3, 4]));
  using first = gpu.buffer("first", "f32", 4);
  using second = gpu.buffer("second", "f32", 4);
  const before = gpu.memory;
  const program = await gpu.record("twice", (r) => {
    recordMatmul(r, "nn", "none", { a, b: a, out: first }, sizes, { variant: images });
    recordMatmul(r, "nt", "none", { a, b: a, out: second }, sizes, { variant: images });
    assertEquals(r.calls.length, 3, "packed once, multiplied twice");
    r.dispatch(fill, { out: a }, { n: 4, value: 2 });
    recordMatmul(r, "nn", "none", { a, b: a, out: second }, sizes, { variant: images });
    assertEquals(r.calls.length, 6);
  });
  program.submit();
  assertEquals((await gpu.readAll([first, second])).map((x) => [...x]), [[7, 10, 15, 22], [8, 8, 8, 8]]);
  assertEquals(gpu.memory.buffers, before.buffers + 1);
  program[Symbol.dispose]();
  assertEquals(gpu.memory, before);
});

Deno.test("operands that are copied into images: more texels than an image is wide, and a part of a buffer", async () => {
  const gpu = await testGpu(), sizes = { m: 9, n: 8, k: 2052 }, { m, n, k } = sizes; // a row of the image and 521 texels
  using a = gpu.buffer("a", "f32", m * k, f32(integerInputs(m * k, 1)));
  using b = gpu.buffer("b", "f32", 64 + k * n, f32(integerInputs(64 + k * n, 2)));
  using out = gpu.buffer("out", "f32", m * n);
  using program = await gpu.record("copied", (r) => {
    const variant = matmulVariant("llvmpipe", "nn", sizes, false);
    recordMatmul(r, "nn", "none", { a, b: b.view(64, k * n), out }, sizes, { variant });
    assertEquals(r.calls.map((call) => isCopy(call)), [true, true, false]);
  });
  program.submit();
  const [x, y] = [f32(integerInputs(m * k, 1)), f32(integerInputs(64 + k * n, 2)).subarray(64)];
  assertBitsEqual(await gpu.read(out), f32(matmulOracle(x, y, sizes)), "product");
});

Deno.test("matmul is made of images on Mesa's driver alone, where they hold its operands", () => {
  const usual = { m: 64, n: 512, k: 784 }, long = { m: 2 ** 24, n: 1, k: 9 };
  const operands = (adapter: AdapterKind, sizes: MatmulSizes) =>
    matmulVariant(adapter, "nt", sizes, false).operands;
  assertEquals(operands("llvmpipe", usual), "images");
  assertEquals(operands("software", usual), "buffers");
  assertEquals(operands("gpu", usual), "workgroup");
  assertEquals(operands("llvmpipe", long), "buffers");
  assertEquals(operands("llvmpipe", { ...usual, k: 0 }), "buffers");
});

Deno.test("a product that stands alone: a small operand is bound as a uniform, one that must be packed is read as it lies", () => {
  const operands = (m: number, n: number, k: number, form: MatmulForm, alone = true) =>
    matmulVariant("llvmpipe", form, { m, n, k }, alone).operands;
  assertEquals(operands(64, 10, 256, "nt"), "uniform");
  assertEquals(operands(4096, 16, 1024, "nt"), "uniform");
  assertEquals(operands(64, 16, 1025, "nt"), "images", "more than 64 KiB");
  assertEquals(operands(64, 15, 257, "nt"), "buffers", "no whole fours");
  assertEquals(operands(64, 17, 256, "nt"), "images", "too many columns");
  assertEquals(operands(64, 10, 256, "nt", false), "images", "packed for others too");
  assertEquals(operands(10, 256, 64, "tn"), "uniform");
  assertEquals(operands(17, 256, 64, "tn"), "buffers", "too many rows");
  assertEquals(operands(16, 513, 1024, "tn"), "images", "too many multiplications");
  assertEquals(operands(64, 256, 10, "nn"), "uniform");
  assertEquals(operands(64, 256, 16, "nn"), "uniform");
  assertEquals(operands(64, 256, 17, "nn"), "buffers", "too many terms");
  assertEquals(operands(64, 256, 20, "nn"), "images", "copied, not packed");
  assertEquals(operands(64, 256, 17, "nn", false), "images", "packed for others too");
  assertEquals(operands(509, 509, 509, "nn"), "images", "large");
  for (const adapter of ["software", "gpu"] as const) {
    assert(matmulVariant(adapter, "nt", { m: 64, n: 10, k: 256 }).operands !== "uniform", adapter);
  }
  const tile = matmulVariant("llvmpipe", "tn", { m: 10, n: 256, k: 64 }).tile;
  assertEquals(tile, { rows: 10, columns: 8, groupRows: 1, groupColumns: 8 });
});

Deno.test("candidates: the usual variant first, each once, none that the adapter has no use for", () => {
  for (const adapter of ["llvmpipe", "software", "gpu"] as const) {
    for (const form of FORMS) {
      for (const sizes of [{ m: 64, n: 10, k: 256 }, { m: 64, n: 512, k: 784 }, { m: 1, n: 1, k: 1 }]) {
        const candidates = matmulCandidates(adapter, form, sizes),
          names = candidates.map((one) => JSON.stringify(one));
        assertEquals(candidates[0], matmulVariant(adapter, form, sizes));
        assertEquals(new Set(names).size, names.length, names.join());
        assert(candidates.length > 1);
        assertEquals(candidates.some(({ operands }) => operands === "workgroup"), adapter === "gpu");
        assert(adapter === "llvmpipe" || candidates.every(({ operands }) => operands !== "images"), adapter);
      }
    }
  }
});

Deno.test("a large product that stands alone has a tile of its own, a huge one anyway, which takes longer to compile", () => {
  const tile = (form: MatmulForm, m: number, n: number, k: number, alone = true) =>
    matmulVariant("llvmpipe", form, { m, n, k }, alone).tile;
  for (const form of FORMS) {
    assertEquals(tile(form, 64, 512, 256), LARGE_IMAGE_TILE[form], form);
    assertEquals(tile(form, 64, 512, 256, false), IMAGE_TILE, `${form} with others`);
    assertEquals(tile(form, 64, 511, 256), IMAGE_TILE, `${form}, smaller`);
    const between = form === "nn" ? LARGE_IMAGE_TILE.nn : HUGE_IMAGE_TILE;
    assertEquals(tile(form, 256, 512, 256), between, `${form}, between`);
    assertEquals(tile(form, 256, 512, 256, false), IMAGE_TILE, `${form}, between, with others`);
    assertEquals(tile(form, 256, 512, 255), LARGE_IMAGE_TILE[form], `${form}, a little less`);
    assertEquals(tile(form, 1021, 1021, 1021, false), HUGE_IMAGE_TILE, `${form}, huge`);
    assertEquals(tile(form, 100_000, 10, 1000, false).columns, 4, `${form}, few columns`);
  }
});
