import { assert, assertEquals } from "@std/assert";
import { ADAM_SCHEDULE, columnSum } from "../../kernels/mod.ts";
import {
  type BiasUpdate,
  type Gpu,
  type GpuBuffer,
  type HostArray,
  type MatmulSizes,
  recordBiasUpdate,
  type Recorder,
  recordUpdate,
  recordWeightUpdate,
} from "../../src/gpu/mod.ts";
import { adam, adamw, type Optimizer, sgd } from "../../src/train/mod.ts";
import { f32, testGpu, u32 } from "../gpu_fixture.ts";
import { assertBitsEqual } from "../oracle/compare.ts";
import { uniformInputs } from "../oracle/random.ts";

const OPTIMIZERS: readonly Optimizer[] = [
  sgd({ lr: 0.1, weightDecay: 0.01 }),
  sgd({ lr: 0.1, momentum: 0.9 }),
  sgd({ lr: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true }),
  adam({ lr: 0.01, weightDecay: 0.1 }),
  adamw({ lr: 0.01, weightDecay: 0.1 }),
];

/** Outputs, inputs and batch: one, none, primes, on an edge of a tile and past it, inputs that are no whole fours. */
const SIZES = [[1, 1, 1], [1, 4, 1], [0, 4, 3], [8, 8, 8], [17, 12, 5], [33, 132, 31], [10, 256, 64], [
  5,
  7,
  3,
], [
  64,
  1028,
  2,
]].map(([m, n, k]) => ({ m, n, k }));

/** Two steps: the second finds the state and the weights as the first left them. */
const STEPS = 2;

interface Inputs {
  /** Elements of the parameter, and what its gradient is made from. */
  readonly weight: Float32Array<ArrayBuffer>;
  readonly a: Float32Array<ArrayBuffer>;
  readonly b: Float32Array<ArrayBuffer>;
}

type Operands = Readonly<Record<"a" | "b", GpuBuffer<"f32">>>;

/** Every buffer that a step changes, after {@linkcode STEPS} of them. */
async function after(
  gpu: Gpu,
  optimizer: Optimizer,
  inputs: Inputs,
  record: (
    r: Recorder,
    operands: Operands,
    update: BiasUpdate,
  ) => void,
): Promise<Record<string, HostArray>> {
  using stack = new DisposableStack();
  const make = (name: string, data: Float32Array<ArrayBuffer>) =>
    stack.use(gpu.buffer(name, "f32", data.length, data));
  const { rule, params } = optimizer, n = inputs.weight.length;
  const weight = make("weight", inputs.weight), gradient = make("gradient", f32(uniformInputs(n, 9)));
  const state = Object.fromEntries(rule.state.map((name) => [name, make(name, new Float32Array(n))]));
  const schedule = make("schedule", f32(optimizer.scheduled(7).concat(Array(ADAM_SCHEDULE).fill(0))));
  const cursor = stack.use(gpu.buffer("cursor", "u32", 1, u32([0])));
  const seen = stack.use(gpu.buffer("seen", "u32", 3));
  const look = { seen, slot: 1, gradientSlot: 2, cursor };
  const update = { rule, params, weight, gradient, buffers: { cursor, schedule, ...state }, look };
  const operands = { a: make("a", inputs.a), b: make("b", inputs.b) };
  const program = stack.use(
    await gpu.record("update", (r) => {
      for (let step = 0; step < STEPS; step++) record(r, operands, update);
    }),
  );
  program.submit();
  const changed = { weight, gradient, seen, ...state };
  const read = await gpu.readAll(Object.values(changed));
  return Object.fromEntries(Object.keys(changed).map((name, i) => [name, read[i]]));
}

/** A bias's step by one kernel, or by the two whose bits it must give. */
function recordBias(
  r: Recorder,
  x: GpuBuffer<"f32">,
  rows: number,
  update: BiasUpdate,
  together: boolean,
): void {
  if (together) return recordBiasUpdate(r, x, rows, update);
  r.dispatch(columnSum, { x, out: update.gradient }, { n: update.weight.length, rows });
  recordUpdate(r, update);
}

function assertSame(
  actual: Record<string, HostArray>,
  expected: Record<string, HostArray>,
  what: string,
): void {
  for (const [name, values] of Object.entries(expected)) {
    if (values instanceof Float32Array) assertBitsEqual(f32(actual[name]), values, `${what} ${name}`);
    else assertEquals(actual[name], values, `${what} ${name}`);
  }
}

/** A weight's gradient and its step by one kernel, and by two. */
async function assertWeightSame(optimizer: Optimizer, sizes: MatmulSizes): Promise<void> {
  const gpu = await testGpu(), { m, n, k } = sizes, what = `${m}x${n} batch ${k}`;
  const inputs = {
    weight: f32(uniformInputs(m * n, 1)),
    a: f32(uniformInputs(k * m, 2)),
    b: f32(uniformInputs(k * n, 3)),
  };
  const both = (together: boolean) =>
    after(
      gpu,
      optimizer,
      inputs,
      (r, operands, update) => recordWeightUpdate(r, operands, update, sizes, together),
    );
  const fused = await both(true);
  assertSame(fused, await both(false), what);
  assertEquals([...fused.seen], [0, 0, 0], what);
  if (m * n > 0) assert(f32(fused.weight).some((w, i) => w !== inputs.weight[i]), what);
}

Deno.test("a huge weight's gradient and its step by one kernel or by two, the same bits", async () => {
  await assertWeightSame(OPTIMIZERS[1], { m: 1001, n: 1000, k: 1000 });
});

for (const optimizer of OPTIMIZERS) {
  Deno.test(`${optimizer}: a weight's gradient and its step by one kernel or by two, the same bits`, async () => {
    for (const sizes of SIZES) await assertWeightSame(optimizer, sizes);
  });

  Deno.test(`${optimizer}: a bias's gradient and its step by one kernel or by two, the same bits`, async () => {
    const gpu = await testGpu();
    for (const { m, k } of SIZES) {
      const inputs = { weight: f32(uniformInputs(m, 1)), a: f32(uniformInputs(k * m, 2)), b: f32([0]) };
      const both = (together: boolean) =>
        after(
          gpu,
          optimizer,
          inputs,
          (r, { a }, update) => recordBias(r, a, k, update, together),
        );
      const fused = await both(true);
      assertSame(fused, await both(false), `${m} batch ${k}`);
      assertEquals([...fused.seen], [0, 0, 0], `${m} batch ${k}`);
    }
  });
}

Deno.test("a step that makes a parameter infinite is noted in its slot, by whichever kernel", async () => {
  const gpu = await testGpu(), sizes = { m: 9, n: 20, k: 3 };
  const weight = new Float32Array(sizes.m * sizes.n), a = f32(uniformInputs(sizes.k * sizes.m, 2));
  a[sizes.m * 3 - 1] = Infinity; // reaches the last row alone
  const b = f32(uniformInputs(sizes.k * sizes.n, 3));
  for (const together of [true, false]) {
    const ofWeight = await after(gpu, OPTIMIZERS[0], { weight, a, b }, (r, operands, update) => {
      recordWeightUpdate(r, operands, update, sizes, together);
    });
    assertEquals([...ofWeight.seen], [0, 0xffffffff, 0], `weight, together ${together}`);
    const bias = new Float32Array(sizes.m);
    const ofBias = await after(gpu, OPTIMIZERS[0], { weight: bias, a, b }, (r, operands, update) => {
      recordBias(r, operands.a, sizes.k, update, together);
    });
    // One kernel sees that the gradient was infinite before; the update alone sees what becomes of the bias.
    const expected = together ? [0, 0, 0xffffffff] : [0, 0xffffffff, 0];
    assertEquals([...ofBias.seen], expected, `bias, together ${together}`);
  }
});
