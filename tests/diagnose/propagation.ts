/**
 * The networks of `signal_propagation.json`, drawn by fanin and measured on the device: the same distributions, other numbers.
 *
 * Width 512, 30 layers with the activation after every one of them, inputs from N(0, 1), and a gradient from N(0, 1) with respect to
 * the last activation. The file says none of this; its first layer's moments (σ_w² + σ_b²), its last gradient's (1/2 for ReLU, 1
 * without an activation) and the effective rank of its orthogonal linear network (412, which 512 rows have) do.
 *
 * @module
 */
import { matmul } from "../../kernels/matmul.ts";
import { countNonFinite, measureSignal, secondMoment } from "../../src/diagnose/moments.ts";
import { type Band, predict, type Prediction, ratioBand } from "../../src/diagnose/prediction.ts";
import { effectiveRankOfGram, gramMatrix, meanPairwiseCosine } from "../../src/diagnose/spectrum.ts";
import type { Gpu, GpuBuffer } from "../../src/gpu/mod.ts";
import {
  fillTensors,
  type Initializer,
  kaimingNormal,
  kaimingUniform,
  normal,
  orthogonal,
  torchLinear,
  xavierNormal,
  xavierUniform,
} from "../../src/init/mod.ts";
import { Mlp } from "../../src/nn/mod.ts";
import { drawOnHost, key } from "../../src/random/mod.ts";
import { Tensor } from "../../src/tensor/mod.ts";
import type { SignalRun } from "../golden/load.ts";

/** What the file records of a run, in fanin's own measurement. */
export interface Propagation {
  /** E[z²] by layer. */
  z: number[];
  /** Second moment of the gradient with respect to z by layer. */
  dz: number[];
  /** Mean cosine between two rows of the last activations. */
  cosine: number;
  /** Effective rank of the last activations; 0 where it was not asked for. */
  effectiveRank: number;
}

/** torch_linear without its biases. */
function withoutBias(initializer: Initializer): Initializer {
  return { ...initializer, bias: () => ({ kind: "constant", value: 0 }) };
}

const INITIALIZERS: Readonly<Record<string, Initializer>> = {
  torch_default: withoutBias(torchLinear()),
  "torch_default+bias": torchLinear(),
  xavier_uniform: xavierUniform(),
  xavier_normal: xavierNormal(),
  he_uniform: kaimingUniform(),
  he_normal: kaimingNormal(),
  orthogonal_relu: orthogonal(Math.SQRT2),
  orthogonal: orthogonal(),
  normal_1: normal(1),
  "normal_0.01": normal(0.01),
  tanh53_xavier: xavierUniform({ gain: 5 / 3 }),
};

/** The prediction for a run on some rows, with one layer more on top. */
export function predictRun({ act, init, width, depth }: SignalRun, rows: number): Prediction {
  const widths = Array(depth + 2).fill(width);
  return predict(widths, INITIALIZERS[init], act, { rows, gradientCosineSquare: 1 / width });
}

/** The band of the geometric mean of a ratio over consecutive layers. */
export function meanBand(
  prediction: Prediction,
  direction: "forward" | "backward",
  layers: number,
  level: number,
): Band {
  const { low, expected, high, logError } = ratioBand(prediction, direction, 0, layers, level)!;
  const root = (x: number) => x ** (1 / layers);
  return { low: root(low), expected: root(expected), high: root(high), logError: logError / layers };
}

/** Draws and measures a run. `rows` may be fewer than the file's; the effective rank means something for its own 512 only. */
export async function measureRun(gpu: Gpu, run: SignalRun, rows: number, seed = 0): Promise<Propagation> {
  const root = key(seed), count = rows * run.width, standard = { kind: "normal", mean: 0, std: 1 } as const;
  const x = drawOnHost(root.stream("inputs"), standard, { count }) as Float32Array<ArrayBuffer>;
  const g = drawOnHost(root.stream("gradients"), standard, { count }) as Float32Array<ArrayBuffer>;
  return await (run.act === "linear" ? measureLinear : measureActivated)(gpu, run, rows, seed, x, g);
}

/** A layer of the identity on top gives the 30th its activation, and hands the gradient down as it is. */
async function measureActivated(
  gpu: Gpu,
  { act, init, width, depth }: SignalRun,
  rows: number,
  seed: number,
  x: Float32Array<ArrayBuffer>,
  g: Float32Array<ArrayBuffer>,
): Promise<Propagation> {
  using network = new Mlp(gpu, Array(depth + 2).fill(width), act as "relu" | "tanh");
  await network.initialize(INITIALIZERS[init], key(seed));
  const identity = new Float32Array(width * width);
  for (let i = 0; i < width; i++) identity[i * (width + 1)] = 1;
  network.write(`${2 * depth}.weight`, identity);
  network.write(`${2 * depth}.bias`, new Float32Array(width));
  const { layers } = await measureSignal(gpu, network, { features: x, outputGradient: g }, {
    rows,
    sampleRows: 512,
  });
  const last = layers[depth - 1], measured = layers.slice(0, depth);
  return {
    z: measured.map((layer) => layer.secondMoment!),
    dz: measured.map((layer) => layer.gradientMoment!),
    cosine: last.cosine!,
    effectiveRank: last.effectiveRank!,
  };
}

/** `Mlp` has no network without activations: its products alone, forward and backward. */
async function measureLinear(
  gpu: Gpu,
  { init, width, depth }: SignalRun,
  rows: number,
  seed: number,
  x: Float32Array<ArrayBuffer>,
  g: Float32Array<ArrayBuffer>,
): Promise<Propagation> {
  using stack = new DisposableStack();
  const initializer = INITIALIZERS[init], shape = [width, width], sizes = { m: rows, n: width, k: width };
  const weights = Array.from(
    { length: depth },
    (_, i) => stack.use(Tensor.make(gpu, `${2 * i}`, "f32", shape)),
  );
  await fillTensors(
    gpu,
    weights.map((tensor, i) => ({
      tensor,
      filling: initializer.weight(shape),
      key: key(seed).stream(`${2 * i}.weight`),
    })),
  );
  const make = (name: string, data?: Float32Array<ArrayBuffer>) =>
    stack.use(gpu.buffer(name, "f32", rows * width, data));
  const z: GpuBuffer<"f32">[] = weights.map((_, i) => make(`z ${i}`));
  const dz = weights.map((_, i) => make(`dz ${i}`, i === depth - 1 ? g : undefined)), input = make("x", x);
  using program = await gpu.record("linear", (r) => {
    weights.forEach((w, i) =>
      r.dispatch(matmul("nt", "none"), { a: i === 0 ? input : z[i - 1], b: w.buffer, out: z[i] }, sizes)
    );
    for (let i = depth - 1; i > 0; i--) {
      r.dispatch(matmul("nn", "none"), { a: dz[i], b: weights[i].buffer, out: dz[i - 1] }, sizes);
    }
  });
  program.submit();
  const values = await gpu.readAll([...z, ...dz]), last = values[depth - 1];
  if (countNonFinite(last) > 0) throw new Error("not finite");
  const gram = gramMatrix(last, rows, width), moments = values.map(secondMoment);
  return {
    z: moments.slice(0, depth),
    dz: moments.slice(depth),
    cosine: meanPairwiseCosine(gram)!,
    effectiveRank: effectiveRankOfGram(gram),
  };
}
