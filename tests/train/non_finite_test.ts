import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Gpu, NonFiniteError } from "../../src/gpu/mod.ts";
import { kaimingNormal } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { DeviceData, sgd, Trainer, type TrainOptions } from "../../src/train/mod.ts";
import { f32, testGpu, u32 } from "../gpu_fixture.ts";
import { labelInputs, uniformInputs } from "../oracle/random.ts";

const ROWS = 24, BATCH = 4, STEPS = ROWS / BATCH;

/** A trainer of 4-8-8-3, what it works on, and what its parameters are made by. */
async function open(
  gpu: Gpu,
  stack: DisposableStack,
  options: Partial<TrainOptions>,
  change?: (x: Float32Array) => void,
  widths: readonly number[] = [4, 8, 8, 3],
) {
  const features = f32(uniformInputs(ROWS * 4, 1)), labels = u32(labelInputs(ROWS, 2, 3));
  change?.(features);
  const data = stack.use(
    new DeviceData(gpu, { name: "test", features, labels, rows: ROWS, columns: 4, classes: 3 }),
  );
  const network = stack.use(new Mlp(gpu, widths));
  await network.initialize(kaimingNormal(), key(1));
  const trainer = stack.use(
    await Trainer.make(gpu, network, data, { optimizer: sgd({ lr: 0.1 }), batch: BATCH, ...options }),
  );
  return { network, trainer };
}

Deno.test("a healthy run sees nothing", async () => {
  const gpu = await testGpu();
  using stack = new DisposableStack();
  const { trainer } = await open(gpu, stack, {});
  await trainer.epoch();
  await trainer.assertFinite();
  assertEquals(trainer.nonFinite, undefined);
});

Deno.test("the first step and place are named: an input of row 9 overflows in the third step", async () => {
  const gpu = await testGpu();
  using stack = new DisposableStack();
  const { trainer } = await open(gpu, stack, {}, (x) => x.fill(3e38, 9 * 4, 10 * 4));
  const error = await assertRejects(() => trainer.epoch(), NonFiniteError, "at step 3 the outputs of layer ");
  assert(error.message.endsWith("; lower the learning rate, or the scale of the initialisation"));
  assertEquals([trainer.nonFinite?.step, trainer.nonFinite?.what], [3, "outputs"]);
  assertEquals(trainer.epochs, 1, "the epoch is over");
});

Deno.test("a parameter that overflows in the update is named before the outputs that it spoils", async () => {
  const gpu = await testGpu();
  using stack = new DisposableStack();
  const { trainer } = await open(gpu, stack, { optimizer: sgd({ lr: 1e38, weightDecay: 100 }) });
  await assertRejects(() => trainer.epoch(), NonFiniteError, "at step 1 parameter 0.weight is not finite");
});

Deno.test("gradients that overflow are named by the layer, where outputs and parameters before them are finite", async () => {
  const gpu = await testGpu();
  using stack = new DisposableStack();
  const { network, trainer } = await open(gpu, stack, { optimizer: sgd({ lr: 1e-30 }) });
  // Tiny outputs, and a gradient that weights of 1e30 and 1e30 bring past the largest float32.
  network.write("0.weight", f32(new Float32Array(8 * 4).fill(1e-30)));
  network.write("0.bias", f32(new Float32Array(8).fill(1e-30)));
  network.write("2.weight", f32(new Float32Array(8 * 8).fill(1e30)));
  network.write("2.bias", f32(new Float32Array(8).fill(-7.9)));
  network.write("4.weight", f32(Array.from({ length: 24 }, (_, i) => i < 8 ? 1e30 : i < 16 ? 1e29 : 0)));
  await assertRejects(
    () => trainer.epoch(),
    NonFiniteError,
    "at step 1 the gradients of layer 0 are not finite",
  );
});

Deno.test("a network of more layers than one look has room for: the layer is named, whichever it is", async () => {
  const gpu = await testGpu(), widths = [4, 8, 12, 8, 16, 8, 12, 8, 3];
  for (let layer = 0; layer < widths.length - 1; layer++) {
    using stack = new DisposableStack();
    const { network, trainer } = await open(gpu, stack, {}, undefined, widths),
      bias = f32(new Float32Array(widths[layer + 1]));
    await trainer.epoch();
    bias[1] = Infinity;
    network.write(`${2 * layer}.bias`, bias);
    const place = `at step ${STEPS + 1} the outputs of layer ${2 * layer} are not finite`;
    await assertRejects(() => trainer.epoch(), NonFiniteError, place);
  }
});

Deno.test("told to ignore them, training does not look", async () => {
  const gpu = await testGpu();
  using stack = new DisposableStack();
  const { trainer } = await open(gpu, stack, { nonFinite: "ignore" }, (x) => x.fill(3e38, 9 * 4, 10 * 4));
  assertEquals((await trainer.epoch()).length, STEPS);
  await trainer.assertFinite();
  assertEquals(trainer.nonFinite, undefined);
});

Deno.test("in every epoch the steps are counted from the beginning of training", async () => {
  const gpu = await testGpu();
  using stack = new DisposableStack();
  const { network, trainer } = await open(gpu, stack, {});
  await trainer.epoch();
  network.write("4.bias", f32([0, NaN, 0]));
  await assertRejects(
    () => trainer.epoch(),
    NonFiniteError,
    `at step ${STEPS + 1} the outputs of layer 4 are not finite`,
  );
});

Deno.test("a hook finds it out before the epoch's end, at its last step too", async () => {
  const gpu = await testGpu();
  for (const every of [4, STEPS]) {
    using stack = new DisposableStack();
    let asked = 0;
    const hook = { every, call: async () => (asked++, await trainer.assertFinite()) };
    const { trainer } = await open(gpu, stack, { hook }, (x) => x.fill(3e38, 9 * 4, 10 * 4));
    await assertRejects(() => trainer.epoch(), NonFiniteError, "at step 3 ");
    assertEquals([asked, trainer.step], [1, every]);
  }
});

Deno.test("told to go on, training goes on, and says where it began all the same", async () => {
  const gpu = await testGpu();
  using stack = new DisposableStack();
  const { trainer } = await open(gpu, stack, { nonFinite: "continue" }, (x) => x.fill(3e38, 9 * 4, 10 * 4));
  for (const _ of [1, 2]) assertEquals((await trainer.epoch()).length, STEPS);
  await trainer.assertFinite();
  assertEquals([trainer.nonFinite?.step, trainer.nonFinite?.what], [3, "outputs"]);
});
