/**
 * What is larger than one binding is bound in parts, with the same bits: a device that is opened with a small limit, against one that
 * binds everything whole.
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  fill,
  imageTexels,
  type MatmulEpilogue,
  type MatmulForm,
  type MatmulVariant,
  softmaxCrossEntropy,
} from "../../kernels/mod.ts";
import { DEFAULT_TILE, IMAGE_TILE } from "../../kernels/mod.ts";
import { ArgumentError, Gpu, type GpuBuffer, LimitError, recordMatmul } from "../../src/gpu/mod.ts";
import { partsOf } from "../../src/gpu/parts.ts";
import { type Distribution, drawOnHost, key, recordDraw } from "../../src/random/mod.ts";
import { bitsOf, f32, testGpu } from "../gpu_fixture.ts";
import { SMALL_WORKGROUP } from "../kernels/matmul_cases.ts";
import { openSmall } from "./small_binding.ts";

Deno.test("parts begin where a binding may, are no longer than one, and leave nothing out", () => {
  for (const count of [0, 1, 63, 64, 65, 1000, 4099]) {
    for (const perUnit of [[1], [3], [4], [12, 5], [64], [100, 1], [37]]) {
      for (const bytes of [2 ** 15, 2 ** 15 + 100, 2 ** 24]) {
        const parts = partsOf(count, perUnit, bytes, "x");
        let next = 0;
        for (const { first, count } of parts) {
          assertEquals(first, next);
          assert(count > 0);
          for (const elements of perUnit) {
            assertEquals(first * elements % 64, 0);
            assert(count * elements * 4 <= bytes);
          }
          next += count;
        }
        assertEquals(next, count);
        if (Math.max(...perUnit) * count * 4 <= bytes) assert(parts.length <= 1);
      }
    }
  }
  assertThrows(
    () => partsOf(100, [37], 64 * 37 * 4 - 1, "layer"),
    LimitError,
    "layer has rows of 148 bytes, of which 64",
  );
});

Deno.test("a kernel that says how is cut; another is refused, by name, and nothing is left open", async () => {
  using gpu = await openSmall(1024);
  const before = gpu.memory;
  using out = gpu.buffer("out", "f32", 1000);
  using program = await gpu.record("fill", (r) => {
    const call = r.dispatch(fill, { out }, { n: 999, value: 2 });
    assertEquals(r.calls.length, 4);
    assert(!r.calls.includes(call));
  });
  program.submit();
  assertEquals(await gpu.read(out), f32([...Array(999).fill(2), 0]));
  assertThrows(() => program.set({ kernel: fill, buffers: [out], params: {} }, { n: 1 }), ArgumentError);
  using small = gpu.buffer("small", "f32", 1), words = gpu.buffer("words", "u32", 1);
  const buffers = { logits: out, labels: words, loss: small, correct: words };
  await assertRejects(
    () =>
      gpu.record(
        "loss",
        (r) => r.dispatch(softmaxCrossEntropy, { ...buffers, correct: words }, { n: 1, classes: 9 }),
      ),
    ArgumentError,
    "same buffer",
  );
  using correct = gpu.buffer("correct", "u32", 1);
  await assertRejects(
    () =>
      gpu.record(
        "loss",
        (r) => r.dispatch(softmaxCrossEntropy, { ...buffers, correct }, { n: 1, classes: 9 }),
      ),
    LimitError,
    "kernel softmax_cross_entropy reads buffer out whole, 4000 bytes, and this device binds at most 1024",
  );
  assertEquals(gpu.memory.buffers, before.buffers + 4);
});

const VARIANTS: Record<string, MatmulVariant> = {
  buffers: { operands: "buffers", tile: DEFAULT_TILE },
  images: { operands: "images", tile: IMAGE_TILE },
  workgroup: SMALL_WORKGROUP,
};
const EPILOGUES: Record<MatmulForm, readonly MatmulEpilogue[]> = {
  nn: ["relu_grad", "bias"],
  tn: ["none", "bias_tanh"],
  nt: ["bias_relu", "sigmoid_grad", "none"],
};
/** m, n, k: each operand and the result the large one in its turn, odd and by fours; all of them. */
const SIZES = [[5, 130, 160], [130, 9, 130], [256, 130, 3], [4, 200, 64], [130, 131, 132], [64, 192, 128], [
  3,
  65,
  128,
]];

Deno.test("products in parts have the bits of the whole, whichever operand is too large", async () => {
  const gpu = await testGpu();
  using small = await openSmall(64 * 132 * 4);
  let cut = 0;
  for (const [m, n, k] of SIZES) {
    for (const form of ["nn", "tn", "nt"] as const) {
      for (const [name, variant] of Object.entries(VARIANTS)) {
        for (const epilogue of EPILOGUES[form]) {
          const product = { form, epilogue, variant, m, n, k };
          const [whole, parts] = [await multiplied(gpu, product), await multiplied(small, product)];
          assertEquals(parts.bits, whole.bits, `${name} ${form} ${epilogue} ${[m, n, k]}`);
          if (parts.steps > whole.steps) cut++;
        }
      }
    }
  }
  assert(cut > 50, `${cut} of the products were cut`);
});

interface Asked {
  form: MatmulForm;
  epilogue: MatmulEpilogue;
  variant: MatmulVariant;
  m: number;
  n: number;
  k: number;
}

async function multiplied(gpu: Gpu, { form, epilogue, variant, m, n, k }: Asked) {
  using stack = new DisposableStack();
  // The operands are longer than they need to be, as those of a shorter batch are.
  const make = (name: string, length: number) =>
    stack.use(gpu.buffer(name, "f32", length + 70, numbers(name, length + 70)));
  const buffers: Record<string, GpuBuffer<"f32">> = {
    a: make("a", m * k),
    b: make("b", k * n),
    out: make("out", m * n),
    ...epilogue === "none"
      ? {}
      : epilogue.endsWith("_grad")
      ? { h: make("h", m * n) }
      : { bias: make("bias", n) },
  };
  const program = stack.use(
    await gpu.record(
      "product",
      (r) => recordMatmul(r, form, epilogue as "none", buffers as never, { m, n, k }, { variant }),
    ),
  );
  program.submit();
  return { bits: bitsOf(await gpu.read(buffers.out)), steps: program.length };
}

function numbers(name: string, count: number): Float32Array<ArrayBuffer> {
  return drawOnHost(key(5).stream(name), { kind: "bounded", bound: 1 }, { count }) as Float32Array<
    ArrayBuffer
  >;
}

Deno.test("a matrix whose rows are no whole texels is packed in parts into the same image", async () => {
  using small = await openSmall(64 * 37 * 4);
  using matrix = small.buffer("matrix", "f32", 150 * 37);
  using program = await small.record("pack", (r) => {
    assertEquals(r.image(matrix, 150, 37).texels, imageTexels(150, 37));
    assertEquals(r.calls.length, 3);
    r.image(matrix, 150, 37);
    assertEquals(r.calls.length, 3, "packed once");
  });
  program.submit();
  await small.idle();
});

Deno.test("a long buffer is filled with the numbers of the whole stream, from any start", async () => {
  const gpu = await testGpu();
  using small = await openSmall(1000);
  const kinds: Distribution[] = [
    { kind: "normal", mean: 0, std: 2 },
    { kind: "bounded", bound: 0.5 },
    { kind: "uniform", low: -1, high: 3 },
    { kind: "bits" },
    { kind: "integers", low: -5, high: 1000 },
    { kind: "constant", value: 3 },
  ];
  for (const generator of ["philox", "threefry", "threefry_original"] as const) {
    for (const distribution of kinds) {
      for (const [start, count] of [[0, 1003], [3, 777], [4, 1024]]) {
        const draw = (on: Gpu) => drawn(on, key(7, generator).stream("x"), distribution, start, count);
        assertEquals(
          await draw(small),
          await draw(gpu),
          `${generator} ${distribution.kind} ${start} ${count}`,
        );
      }
    }
  }
});

async function drawn(
  gpu: Gpu,
  from: ReturnType<typeof key>,
  distribution: Distribution,
  start: number,
  count: number,
) {
  const type = distribution.kind === "bits" ? "u32" : distribution.kind === "integers" ? "i32" : "f32";
  using out = gpu.buffer("out", type, 1024);
  using program = await gpu.record(
    "draw",
    (r) => recordDraw(r, from, distribution, out, { start, count, total: 2000 }),
  );
  program.submit();
  const { buffer } = await gpu.read(out);
  return new Uint32Array(buffer);
}

Deno.test("what is read back is read in as many pieces as buffers allow", async () => {
  using gpu = await Gpu.open({ limits: { maxBufferSize: 1024 } });
  using a = gpu.buffer("a", "f32", 200, f32([1])),
    b = gpu.buffer("b", "u32", 200),
    c = gpu.buffer("c", "f32", 56, f32([2]));
  const [x, y, z] = await gpu.readAll([a, b, c]);
  assertEquals([x[0], y.length, z[0], z.length], [1, 200, 2, 56]);
  assertEquals(await gpu.readAll([]), []);
  assertThrows(
    () => gpu.buffer("d", "f32", 257),
    LimitError,
    "buffer d needs 1028 bytes and this device has buffers of at most 1024",
  );
});
