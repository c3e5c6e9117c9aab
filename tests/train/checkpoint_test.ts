import { assert, assertEquals, assertThrows } from "@std/assert";
import { ArgumentError, FormatError, type Gpu } from "../../src/gpu/mod.ts";
import { torchLinear } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { parseSafetensors, type Safetensors } from "../../src/tensor/mod.ts";
import {
  adam,
  DeviceData,
  encodeCheckpoint,
  type Optimizer,
  restoreCheckpoint,
  sgd,
  Trainer,
  type TrainHook,
} from "../../src/train/mod.ts";
import { f32, testGpu, u32 } from "../gpu_fixture.ts";
import { assertBitsEqual } from "../oracle/compare.ts";
import { labelInputs, uniformInputs } from "../oracle/random.ts";

const ROWS = 23, BATCH = 5, STEPS = 5, EPOCHS = 3;
const DATA = {
  name: "test",
  features: f32(uniformInputs(ROWS * 4, 1)),
  labels: u32(labelInputs(ROWS, 2, 3)),
  rows: ROWS,
  columns: 4,
  classes: 3,
};
const OPTIMIZERS: Record<string, Optimizer> = {
  sgd: sgd({ lr: 0.1 }),
  momentum: sgd({ lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  adam: adam({ lr: 0.01 }),
};

/** A network and its trainer, from the seed or from nothing. */
async function withTrainer<T>(
  gpu: Gpu,
  optimizer: Optimizer,
  seed: number,
  body: (network: Mlp, trainer: Trainer) => Promise<T>,
  hook?: TrainHook,
  widths = [4, 6, 3],
): Promise<T> {
  using data = new DeviceData(gpu, DATA);
  using network = new Mlp(gpu, widths);
  await network.initialize(torchLinear(), key(seed));
  using trainer = await Trainer.make(gpu, network, data, { optimizer, batch: BATCH, shuffle: key(7), hook });
  return await body(network, trainer);
}

function joined(chunks: readonly Uint8Array[]): Safetensors {
  return parseSafetensors(new Uint8Array(chunks.flatMap((chunk) => [...chunk])));
}

class Stop extends Error {}

/** Trains to a step and takes a checkpoint there. */
async function checkpointAt(gpu: Gpu, optimizer: Optimizer, step: number): Promise<Safetensors> {
  const hook = step === 0 ? undefined : {
    every: step,
    call: () => {
      throw new Stop();
    },
  };
  return await withTrainer(gpu, optimizer, 3, async (network, trainer) => {
    try {
      while (trainer.step < step) await trainer.epoch();
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
    }
    assertEquals(trainer.step, step);
    return joined(await encodeCheckpoint(gpu, network, trainer, { note: "test" }));
  }, hook);
}

async function toTheEnd(network: Mlp, trainer: Trainer) {
  let losses = new Float32Array(0);
  while (trainer.epochs < EPOCHS) losses = await trainer.epoch();
  return { losses, parameters: await network.read() };
}

for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
  Deno.test(`checkpoint, ${name}: resumed at any step, training ends with the bits of a run without a pause`, async () => {
    const gpu = await testGpu();
    const whole = await withTrainer(gpu, optimizer, 3, toTheEnd);
    for (let step = 0; step < EPOCHS * STEPS; step++) {
      const file = await checkpointAt(gpu, optimizer, step);
      assertEquals(file.metadata.note, "test");
      const resumed = await withTrainer(gpu, optimizer, 99, async (network, trainer) => {
        restoreCheckpoint(file, step, network, trainer);
        assertEquals([trainer.step, trainer.epochs], [step, Math.floor(step / STEPS)]);
        return await toTheEnd(network, trainer);
      });
      assertBitsEqual(resumed.losses, whole.losses, `losses, resumed at ${step}`);
      for (const [parameter, values] of whole.parameters) {
        assertBitsEqual(resumed.parameters.get(parameter)!, values, `${parameter}, resumed at ${step}`);
      }
    }
  });
}

Deno.test("checkpoint: a file of another network, or without the optimiser's state, is refused and nothing is written", async () => {
  const gpu = await testGpu(), file = await checkpointAt(gpu, OPTIMIZERS.sgd, 2);
  await withTrainer(gpu, OPTIMIZERS.adam, 5, async (network, trainer) => {
    const before = await network.read();
    const error = assertThrows(() => restoreCheckpoint(file, 2, network, trainer), FormatError);
    assert(error.message.startsWith('tensor "optimizer.first.0.weight" of the checkpoint is not there'));
    assertEquals([await network.read(), trainer.step], [before, 0]);
  });
  await withTrainer(
    gpu,
    OPTIMIZERS.sgd,
    5,
    async (network, trainer) => {
      const before = await network.read();
      const error = assertThrows(() => restoreCheckpoint(file, 2, network, trainer), FormatError);
      assert(error.message.includes("is F32 [6,4] and should be F32 [7,4]"), error.message);
      assertEquals([await network.read(), trainer.step], [before, 0]);
    },
    undefined,
    [4, 7, 3],
  );
  await withTrainer(gpu, OPTIMIZERS.sgd, 5, async (network, trainer) => {
    const before = await network.read();
    for (const step of [-1, 0.5, NaN, 2 ** 53]) {
      assertThrows(() => restoreCheckpoint(file, step, network, trainer), ArgumentError);
    }
    assertEquals(await network.read(), before);
  });
});
