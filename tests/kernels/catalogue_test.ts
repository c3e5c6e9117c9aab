import { assert, assertEquals } from "@std/assert";
import * as exported from "../../kernels/mod.ts";
import { type Kernel, linearGrid, matmul, MAX_WORKGROUPS, wgsl } from "../../kernels/mod.ts";
import { runKernel, testGpu } from "../gpu_fixture.ts";
import { DEFAULT_TILE, FORMS, TILES } from "./matmul_cases.ts";
import { RANDOM_CUTS, RANDOM_KINDS } from "./random_kinds.ts";

const ACTIVATIONS = exported.ACTIVATION_NAMES;
const EPILOGUES = [
  "none",
  "bias",
  ...ACTIVATIONS.flatMap((name) => [`bias_${name}`, `${name}_grad`] as const),
] as const;

const RULES = [
  exported.sgdRule,
  exported.sgdMomentumRule(false),
  exported.sgdMomentumRule(true),
  exported.adamRule,
] as exported.UpdateRule[];

/** Every kernel that the package exports, and one of each kind that it makes. */
const kernels: Kernel[] = [
  ...Object.values(exported).filter((value) => typeof value === "object" && "bindings" in value),
  ...RULES.flatMap((rule) =>
    [false, true].flatMap((looking) => [
      ...([1, 4] as const).map((lanes) => exported.update(rule, lanes, looking)),
      ...[false, true].map((fromImage) => exported.biasUpdate(rule, fromImage, looking)),
      ...[false, true].map((k4) => exported.matmulUpdate(rule, looking, undefined, k4)),
    ])
  ),
  ...([1, 4] as const).flatMap((lanes) => [
    exported.gatherFeatures(lanes),
    exported.gatherFeaturesPart(lanes),
    exported.copy(lanes),
    exported.changeSums(lanes),
  ]),
  ...ACTIVATIONS.flatMap((name) => [
    exported.activation(name),
    exported.biasActivation(name),
    exported.activationBackward(name),
  ]),
  ...(Object.keys(exported.GENERATORS) as exported.GeneratorName[]).flatMap((generator) =>
    RANDOM_KINDS.flatMap((kind) => RANDOM_CUTS.map((cut) => exported.random(generator, kind, cut)))
  ),
  ...RANDOM_CUTS.map((cut) => exported.random("philox", "normal", cut, "image")),
  ...FORMS.flatMap((form) => EPILOGUES.map((epilogue) => matmul(form, epilogue))),
  ...FORMS.flatMap((form) =>
    [matmul, exported.matmulWorkgroup].map((variant) => variant(form, "bias", undefined, { goesOn: true }))
  ),
  ...FORMS.flatMap((form) =>
    (["none", "bias_relu", "relu_grad"] as const).flatMap((epilogue) => [
      matmul(form, epilogue, undefined, { looking: true }),
      ...[false, true].flatMap((n) =>
        [false, true].map((k) => exported.matmulImage(form, epilogue, { n, k }, undefined, { looking: true }))
      ),
      exported.matmulWorkgroup(form, epilogue, undefined, { looking: true }),
      ...[4, 5].map((size) =>
        exported.matmulUniform(form, epilogue, { m: 4, n: size, k: 8 }, undefined, { looking: true })
      ),
    ])
  ),
].map((kernel) => kernel as unknown as Kernel);

const zeroParams = (kernel: Kernel): Record<string, number> =>
  Object.fromEntries(Object.keys(kernel.params).map((name) => [name, 0]));

Deno.test("the catalogue finds the kernels", () => {
  assert(kernels.length >= 27 + 12 + 18, `${kernels.length} kernels`);
});

Deno.test("every kernel has a name and a text of its own", () => {
  const tiled = TILES.flatMap((tile) =>
    FORMS.flatMap((form) => EPILOGUES.map((e) => matmul(form, e, tile) as unknown as Kernel))
  );
  const fresh = tiled.filter((kernel) => !kernels.some((known) => known.name === kernel.name));
  assertEquals(fresh.length, (TILES.length - 1) * FORMS.length * EPILOGUES.length);
  const all = [...kernels, ...fresh];
  assertEquals(new Set(all.map((kernel) => kernel.name)).size, all.length);
  assertEquals(new Set(all.map(wgsl)).size, all.length);
});

Deno.test("every kernel compiles", async () => {
  const gpu = await testGpu();
  for (const kernel of kernels) await gpu.pipelines.get(kernel); // one by one: an error names its kernel
});

Deno.test("a kernel with nothing to do dispatches nothing; the mean of no losses is 0", async () => {
  const gpu = await testGpu();
  for (const kernel of kernels) {
    if (kernel.name === exported.endStep.name) continue;
    const grid = kernel.workgroups(zeroParams(kernel));
    assert(grid.includes(0), `${kernel.name}: ${grid}`);
    const fives = { f32: Float32Array, u32: Uint32Array, i32: Int32Array };
    const inputs = Object.fromEntries(
      kernel.bindings.map((b) => [b.name, new fives[b.type](4 * (b.uniform ?? 1)).fill(5)]),
    );
    const outputs = await runKernel(gpu, kernel, inputs, zeroParams(kernel));
    for (const [name, values] of Object.entries(outputs)) {
      assertEquals([...values], [5, 5, 5, 5], `${kernel.name} ${name}`);
    }
  }
  const inputs = { loss: 0, cursor: Uint32Array.of(0, 3), losses: Float32Array.of(5) };
  const { losses, cursor } = await runKernel(gpu, exported.endStep, inputs, { rows: 0 });
  assertEquals([...losses, ...cursor], [0, 1, 3]);
});

Deno.test("linearGrid covers any count within the limit of each dimension", () => {
  // 2^27 workgroups of 32 have an invocation for every u32 index.
  for (const count of [0, 1, 65534, 65535, 65536, 131070, 131071, 2 ** 24 + 1, 2 ** 27]) {
    const [x, y, z] = linearGrid(count);
    assert(Math.max(x, y, z) <= MAX_WORKGROUPS, `${count}: ${[x, y, z]}`);
    assert(x * y * z >= count && x * y * z < count + MAX_WORKGROUPS, `${count}: ${[x, y, z]}`);
  }
});

Deno.test("a matmul's grid covers tall and wide results within the limit of each dimension", () => {
  const { workgroups } = matmul("nn", "none", DEFAULT_TILE);
  const across = DEFAULT_TILE.columns * DEFAULT_TILE.groupColumns, down = DEFAULT_TILE.rows;
  for (const [m, n] of [[1, 1], [2 ** 24 + 1, 1], [1, 2 ** 24 + 1], [2 ** 20, 2 ** 9], [0, 5], [5, 0]]) {
    const [x, y, z] = workgroups({ m, n, k: 1 });
    assert(Math.max(x, y, z) <= MAX_WORKGROUPS, `${m}x${n}: ${[x, y, z]}`);
    assert(x * y * z >= Math.ceil(m / down) * Math.ceil(n / across), `${m}x${n}: ${[x, y, z]}`);
  }
});
