/**
 * The job "training": PyTorch's traces, and one network from drawn weights to trained ones.
 *
 * @module
 */
import type { Gpu } from "../../src/gpu/mod.ts";
import { kaimingNormal, torchLinear } from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { key } from "../../src/random/mod.ts";
import { adam, DeviceData, Evaluator, type Optimizer, Trainer } from "../../src/train/mod.ts";
import { sha256 } from "../conformance/run.ts";
import type { MlpTrace } from "../golden/load.ts";
import traceFile from "../golden/torch_mlp_trace.json" with { type: "json" };
import { optimizerOf, PARAMETERS, traceData, traceRuns } from "../train/trace.ts";

/** A network that was trained. */
export interface Trained {
  /** Which. */
  name: string;
  /** SHA-256 of its first weights, all parameters one after the other. */
  initial: string;
  /** The mean loss of every mini-batch, then that of the trained network on all rows. */
  losses: number[];
}

/** Epochs of the networks that are drawn here. */
const EPOCHS = 20;

/** Trains PyTorch's ten networks, and two whose weights are drawn here, in shuffled mini-batches. */
export async function trainAll(gpu: Gpu): Promise<Trained[]> {
  const trace = traceFile as unknown as MlpTrace, trained: Trained[] = [];
  using data = new DeviceData(gpu, traceData(trace));
  for (const [i, run] of traceRuns(trace).entries()) {
    using network = new Mlp(gpu, [4, 8, 3]);
    network.parameters.forEach(({ name }, p) =>
      network.write(name, Float32Array.from(run.weights[0][PARAMETERS[p]]))
    );
    trained.push(await train(gpu, `trace ${i} ${run.init}`, network, data, optimizerOf(run), data.rows));
  }
  for (const init of [torchLinear(), kaimingNormal()]) {
    using network = new Mlp(gpu, [4, 33, 17, 3]);
    await network.initialize(init, key(7));
    trained.push(await train(gpu, `${init}`, network, data, adam({ lr: 0.01 }), 5));
  }
  return trained;
}

async function train(
  gpu: Gpu,
  name: string,
  network: Mlp,
  data: DeviceData,
  optimizer: Optimizer,
  batch: number,
): Promise<Trained> {
  const initial = await sha256(joined([...(await network.read()).values()])), losses: number[] = [];
  const shuffle = batch === data.rows ? undefined : key(7);
  using trainer = await Trainer.make(gpu, network, data, { optimizer, batch, shuffle });
  using evaluator = await Evaluator.make(gpu, network, data);
  for (let epoch = 0; epoch < EPOCHS; epoch++) losses.push(...await trainer.epoch());
  return { name, initial, losses: [...losses, (await evaluator.score()).loss] };
}

function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}
