/**
 * `POST /train`: a small training job, with an event for every epoch.
 *
 * @module
 */
import { DeviceData, Evaluator, type Gpu, Mlp, Trainer } from "@fanin/fanin";
import { serverSentEvent } from "./protocol.ts";
import { type Job, turn } from "./serve_jobs.ts";
import { parseTrainRequest, type TrainRequest } from "./train_request.ts";

/** Steps after which a job looks whether it is to stop. */
const STEPS = 16;

/** Trains a network: the events `begin`, `epoch` for each, and `end` with what `fanin train --json` prints. */
export const trainJob: Job = (gpu, body, limits, stop) => ({
  chunks: events(gpu, parseTrainRequest(body, limits), stop),
});

async function* events(
  gpu: Gpu,
  { data, widths, activation, init, seed, optimizer, batch, epochs }: TrainRequest,
  stop: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const began = performance.now(), done: unknown[] = [];
  using network = new Mlp(gpu, widths, activation);
  await network.initialize(init, seed);
  using onDevice = new DeviceData(gpu, data);
  using evaluator = await Evaluator.make(gpu, network, onDevice);
  const hook = { every: STEPS, call: () => turn().then(() => stop.throwIfAborted()) };
  using trainer = await Trainer.make(gpu, network, onDevice, { optimizer, batch, shuffle: seed, hook });
  const about = { adapter: gpu.adapter.name, parameters: network.size };
  yield serverSentEvent("begin", { ...about, steps: epochs * trainer.stepsPerEpoch });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    await trainer.epoch();
    const { loss, accuracy } = await evaluator.score();
    // JSON has no NaN: null is a loss that is no number.
    done.push({ epoch, loss: Number.isFinite(loss) ? loss : null, accuracy });
    yield serverSentEvent("epoch", done[done.length - 1]);
  }
  yield serverSentEvent("end", { ...about, epochs: done, seconds: (performance.now() - began) / 1000 });
}
