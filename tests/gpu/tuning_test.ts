/**
 * The measured choice of variants: made once, kept, released, turned off, and of no consequence for any bit.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { IMAGE_TILE, type MatmulVariant } from "../../kernels/mod.ts";
import {
  chosenVariant,
  DeviceLostError,
  Gpu,
  type ProductShape,
  recordMatmul,
  tuneMatmul,
} from "../../src/gpu/mod.ts";
import { best } from "../../src/gpu/tuning.ts";
import { normal } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { DeviceData, sgd, Trainer } from "../../src/train/mod.ts";
import { assertBitsEqual } from "../oracle/compare.ts";
import { integerInputs } from "../oracle/random.ts";

const SMALL: ProductShape = { form: "nt", sizes: { m: 16, n: 8, k: 12 } };
const SMALLER: MatmulVariant = {
  operands: "buffers",
  tile: { rows: 2, columns: 2, groupRows: 1, groupColumns: 8 },
};

Deno.test("tuning is off on software, and on when told to", async () => {
  using usual = await Gpu.open();
  await tuneMatmul(usual, [SMALL]);
  assertEquals(usual.tuned.size, usual.adapter.software ? 0 : 1);
  using off = await Gpu.open({ tune: false });
  await tuneMatmul(off, [SMALL]);
  assertEquals([off.tunes, off.tuned.size], [false, 0]);
});

Deno.test("a product is measured once, releases all, and is remembered; one without work is not measured", async () => {
  using gpu = await Gpu.open({ tune: true });
  await tuneMatmul(gpu, [SMALL, { form: "nn", sizes: { m: 3, n: 0, k: 5 } }]);
  assertEquals([...gpu.tuned.keys()], ["nt 16x8x12"]);
  assertEquals(gpu.memory, { buffers: 0, bytes: 0 });
  const chosen = gpu.tuned.get("nt 16x8x12")!;
  gpu.record = () => Promise.reject(new Error("measured twice"));
  await tuneMatmul(gpu, [SMALL]);
  assertEquals(chosenVariant(gpu, "nt", SMALL.sizes), chosen);
});

Deno.test("what was measured is used, but not in place of images that are packed for several products", async () => {
  using gpu = await Gpu.open({ tune: false });
  const sizes = { m: 2000, n: 40, k: 52 };
  gpu.tuned.set("nt 1024x40x52", SMALLER);
  assertEquals(chosenVariant(gpu, "nt", sizes), SMALLER);
  assert(chosenVariant(gpu, "nn", sizes) !== SMALLER);
  const long = { m: 2 ** 24, n: 1, k: 9 }, images: MatmulVariant = { operands: "images", tile: IMAGE_TILE };
  gpu.tuned.set("nn 1024x1x9", images);
  assertEquals(chosenVariant(gpu, "nn", { ...long, m: 2 ** 15 }), images);
  assert(chosenVariant(gpu, "nn", long).operands !== "images", "more than an image holds");
  const shared = chosenVariant(gpu, "nt", sizes, false);
  if (gpu.adapter.name.includes("llvmpipe")) assertEquals(shared, { operands: "images", tile: IMAGE_TILE });
  else assertEquals(shared, SMALLER);
  using a = gpu.buffer("a", "f32", 2000 * 52);
  using b = gpu.buffer("b", "f32", 40 * 52);
  using out = gpu.buffer("out", "f32", 2000 * 40);
  using program = await gpu.record("tuned", (r) => {
    recordMatmul(r, "nt", "none", { a, b, out }, sizes);
    assertEquals(r.calls.map((call) => "kernel" in call && call.kernel.name), ["matmul_nt_none_2x2_1x8"]);
  });
  assertEquals(program.length, 1);
});

Deno.test("best: another takes the usual one's place where it saves 5 percent, one that does not compile never", () => {
  const [usual, one, two] = [2, 3, 4].map((rows) => ({ ...SMALLER, tile: { ...SMALLER.tile, rows } }));
  const of = (...times: (number | undefined)[]) =>
    best([usual, one, two].map((variant, i) => ({ variant, ms: times[i] })));
  assertEquals(of(10, 9.6, 9.7), usual);
  assertEquals(of(10, 9.4, 9.7), one);
  assertEquals(of(10, 9.4, 8), two);
  assertEquals(of(10, undefined, 9), two);
  assertEquals(of(10, undefined, undefined), usual);
});

Deno.test("training is tuned first, and has the same bits as without", async () => {
  const trained = async (tune: boolean) => {
    using gpu = await Gpu.open({ tune });
    const features = Float32Array.from(integerInputs(20 * 12, 1)), labels = Uint32Array.from(features.keys());
    using data = new DeviceData(gpu, {
      name: "tuned",
      features,
      labels: labels.slice(0, 20).map((i) => i % 3),
      rows: 20,
      columns: 12,
      classes: 3,
    });
    using network = new Mlp(gpu, [12, 8, 3]);
    await network.initialize(normal(0, 0.1), key(1));
    using trainer = await Trainer.make(gpu, network, data, { optimizer: sgd({ lr: 0.01 }), batch: 8 });
    await trainer.epoch();
    return { tuned: [...gpu.tuned.keys()], weights: await network.read() };
  };
  const [without, tuned] = [await trained(false), await trained(true)];
  assertEquals(without.tuned, []);
  assertEquals(tuned.tuned, ["nt 8x8x12", "tn 8x12x8", "nt 8x3x8", "nn 8x8x3", "tn 3x8x8"]);
  for (const [name, weights] of without.weights) assertBitsEqual(tuned.weights.get(name)!, weights, name);
});

Deno.test("a device that is lost while it is tuned is a lost device, and nothing is remembered", async () => {
  using gpu = await Gpu.open({ tune: true });
  const tuning = tuneMatmul(gpu, [{ form: "nn", sizes: { m: 512, n: 512, k: 512 } }]);
  setTimeout(() => gpu.device.destroy());
  await assertRejects(() => tuning, DeviceLostError);
  assertEquals(gpu.tuned.size, 0);
});
