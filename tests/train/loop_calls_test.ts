/**
 * What a training loop asks of WebGPU: counted at the device itself, so that nothing in between can hide a call.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Gpu } from "../../src/gpu/mod.ts";
import { torchLinear } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { adam, DeviceData, sgd, Trainer } from "../../src/train/mod.ts";
import { labelInputs, uniformInputs } from "../oracle/random.ts";
import { f32, u32 } from "../gpu_fixture.ts";

/** What makes something, or waits for the device. */
const MAKING = [
  "createBuffer",
  "createTexture",
  "createBindGroup",
  "createBindGroupLayout",
  "createPipelineLayout",
  "createShaderModule",
  "createComputePipeline",
  "createComputePipelineAsync",
  "createSampler",
  "createQuerySet",
  "mapAsync",
  "onSubmittedWorkDone",
] as const;

type Counts = Record<string, number>;

/** Something whose methods are replaced. */
type Methods = Record<string, (...args: unknown[]) => unknown>;

/** Counts the calls of a device's methods, of its queue's, and of `mapAsync` of the buffers that it makes from now on. */
function counting(device: GPUDevice): Counts {
  const counts: Counts = { submit: 0 };
  for (const name of MAKING) counts[name] = 0;
  const wrap = (object: object, name: string) => {
    const methods = object as Methods, method = methods[name];
    methods[name] = (...args) => {
      counts[name]++;
      const made = method.apply(object, args);
      if (name === "createBuffer") wrap(made as object, "mapAsync");
      return made;
    };
  };
  for (const name of MAKING) if (name in device) wrap(device, name);
  for (const name of ["submit", "onSubmittedWorkDone"]) wrap(device.queue, name);
  return counts;
}

const OPTIMIZERS = {
  sgd: sgd({ lr: 0.1 }),
  momentum: sgd({ lr: 0.1, momentum: 0.9 }),
  adam: adam({ lr: 0.01 }),
};
const BATCH = 8, COLUMNS = 12, CLASSES = 4;

/** A trainer for so many steps an epoch, on a device of its own whose calls are counted once the trainer is there. */
async function counted(
  steps: number,
  optimizer: keyof typeof OPTIMIZERS,
  train: (trainer: Trainer, counts: Counts) => Promise<void>,
  every?: number,
): Promise<void> {
  using gpu = await Gpu.open();
  const rows = steps * BATCH;
  using data = new DeviceData(gpu, {
    name: "test",
    features: f32(uniformInputs(rows * COLUMNS, 1)),
    labels: u32(labelInputs(rows, 2, CLASSES)),
    rows,
    columns: COLUMNS,
    classes: CLASSES,
  });
  using network = new Mlp(gpu, [COLUMNS, 16, 8, CLASSES]);
  await network.initialize(torchLinear(), key(0));
  let call = () => {};
  const hook = every === undefined ? undefined : { every, call: () => call() };
  const options = { optimizer: OPTIMIZERS[optimizer], batch: BATCH, shuffle: key(1), hook };
  using trainer = await Trainer.make(gpu, network, data, options);
  const counts = counting(gpu.device);
  call = () => seen.push({ ...counts });
  const seen: Counts[] = [];
  await train(trainer, counts);
  for (const one of seen) assertEquals(made(one), {}, "between two steps");
}

/** The calls that make something or wait, without those that were not made. */
function made({ submit: _, ...counts }: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

for (const optimizer of ["sgd", "momentum", "adam"] as const) {
  Deno.test(`${optimizer}: an epoch makes one buffer and waits once, for its losses, however many steps it has`, async () => {
    for (const steps of [1, 7, 200]) {
      await counted(steps, optimizer, async (trainer, counts) => {
        for (let epoch = 1; epoch <= 2; epoch++) {
          await trainer.epoch();
          assertEquals(
            made(counts),
            { createBuffer: epoch, mapAsync: epoch },
            `${steps} steps, epoch ${epoch}`,
          );
          // 16 steps a submit, and one that copies the losses.
          assertEquals(counts.submit, epoch * (Math.ceil(steps / 16) + 1), `${steps} steps`);
        }
      });
    }
  });

  Deno.test(`${optimizer}: no step makes a buffer, texture or bind group, nor waits: looked at between any two`, async () => {
    await counted(20, optimizer, async (trainer, counts) => {
      await trainer.epoch();
      assertEquals(counts.submit, 20 + 1); // the hook was called after every step
    }, 1);
  });
}

Deno.test("the count sees what it is there to see", async () => {
  await counted(2, "sgd", async (trainer, counts) => {
    await trainer.assertFinite();
    assertEquals(made(counts), { createBuffer: 1, mapAsync: 1 });
  });
  using gpu = await Gpu.open();
  const counts = counting(gpu.device);
  using network = new Mlp(gpu, [2, 3]);
  using image = gpu.image("image", 1);
  await network.initialize(torchLinear(), key(0));
  const { createBuffer, createTexture, createBindGroup } = counts;
  assertEquals([image.texels, createBuffer >= 2, createTexture >= 1, createBindGroup >= 1], [
    1,
    true,
    true,
    true,
  ]);
});
