import { assert, assertEquals, assertRejects } from "@std/assert";
import { ArgumentError, ShapeError } from "../../src/gpu/errors.ts";
import { Mlp } from "../../src/nn/mlp.ts";
import { key } from "../../src/random/mod.ts";
import { DeviceData } from "../../src/train/device_data.ts";
import { lsuv } from "../../src/train/lsuv.ts";
import { testGpu } from "../gpu_fixture.ts";
import { uniformInputs } from "../oracle/random.ts";
import { forward } from "../oracle/mlp.ts";

const ROWS = 64, WIDTHS = [20, 32, 16, 16, 5];
const DATASET = {
  name: "noise",
  features: uniformInputs(ROWS * 20, 1).map((x) => 40 * x),
  labels: new Uint32Array(ROWS),
  rows: ROWS,
  columns: 20,
  classes: 5,
};

/** Variance of each layer's z by the float64 oracle. */
async function variances(network: Mlp): Promise<number[]> {
  const parameters = Object.fromEntries(
    [...await network.read()].map(([name, p]) => [name, Float64Array.from(p)]),
  );
  const architecture = { sizes: WIDTHS, activation: network.activation, loss: "cross_entropy" } as const;
  const { preactivations } = forward(architecture, parameters, DATASET.features, ROWS);
  return preactivations.map((z) => {
    const mean = z.reduce((sum, x) => sum + x, 0) / z.length;
    return z.reduce((sum, x) => sum + (x - mean) ** 2, 0) / z.length;
  });
}

for (const activation of ["relu", "tanh"] as const) {
  Deno.test(`lsuv: every layer's output has variance 1 on the data, under ${activation}`, async () => {
    const gpu = await testGpu();
    using data = new DeviceData(gpu, DATASET);
    using network = new Mlp(gpu, WIDTHS, activation);
    const layers = await lsuv(gpu, network, data, key(0));
    assertEquals(layers.map((l) => l.name), ["0", "2", "4", "6"]);
    const measured = await variances(network);
    measured.forEach((variance, i) => {
      assert(Math.abs(variance - 1) <= 0.01 + 1e-4, `layer ${i}: ${variance}`);
      assert(Math.abs(variance - layers[i].variance) < 1e-4, `layer ${i} is told as ${layers[i].variance}`);
    });
  });
}

Deno.test("lsuv: the same key gives the same bits; nothing is left open", async () => {
  const gpu = await testGpu(), before = gpu.memory;
  const run = async () => {
    using data = new DeviceData(gpu, DATASET);
    using network = new Mlp(gpu, WIDTHS);
    await lsuv(gpu, network, data, key(3));
    return await network.read();
  };
  assertEquals(await run(), await run());
  assertEquals(gpu.memory, before);
});

Deno.test("lsuv: data without a signal leaves the weights as they are, wrong options are refused", async () => {
  const gpu = await testGpu();
  using data = new DeviceData(gpu, { ...DATASET, features: new Float32Array(ROWS * 20) });
  using network = new Mlp(gpu, WIDTHS);
  const layers = await lsuv(gpu, network, data, key(0));
  assertEquals(layers.map((l) => [l.variance, l.attempts]), WIDTHS.slice(1).map(() => [0, 0]));
  await assertRejects(
    () => lsuv(gpu, network, data, key(0), { tolerance: 0 }),
    ArgumentError,
    "tolerance = 0",
  );
  await assertRejects(() => lsuv(gpu, network, data, key(0), { rows: 0.5 }), ArgumentError, "rows = 0.5");
  await assertRejects(() => lsuv(gpu, network, data, key(0), { attempts: 0 }), ArgumentError, "attempts = 0");
  using other = new Mlp(gpu, [3, 5]);
  await assertRejects(() => lsuv(gpu, other, data, key(0)), ShapeError, "3 inputs");
});
