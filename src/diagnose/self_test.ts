/**
 * A self-test of a device: does it compute what it must? Known answers of the generator, a product and a gradient against
 * float64 on the host.
 *
 * @module
 */
import { softmaxCrossEntropyGrad } from "../../kernels/softmax_cross_entropy.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { recordMatmul } from "../gpu/matmul.ts";
import { torchLinear } from "../init/scaled.ts";
import { Activations, Gradients, Mlp } from "../nn/mlp.ts";
import type { Distribution } from "../random/distribution.ts";
import { drawOnHost, recordDraw } from "../random/draw.ts";
import { key } from "../random/key.ts";

/** The outcome of one check. */
export interface Check {
  /** What was checked. */
  name: string;
  /** Whether it is right. */
  ok: boolean;
  /** What was seen, in words. */
  detail: string;
}

/**
 * Runs every check.
 *
 * @param gpu The device to be tested.
 * @throws {FaninError} when a kernel does not even run.
 */
export async function selfTest(gpu: Gpu): Promise<Check[]> {
  return [
    await checkKnownAnswer(gpu),
    await checkDraw(gpu, "uniform draw", { kind: "bounded", bound: 0.1 }),
    await checkDraw(gpu, "normal draw", { kind: "normal", mean: 0, std: 1 }),
    await checkMatmul(gpu),
    await checkGradient(gpu),
  ];
}

/** Random123's known answer for Philox4x32-10 with counter and key zero. */
const PHILOX_ZERO = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];

async function checkKnownAnswer(gpu: Gpu): Promise<Check> {
  using out = gpu.buffer("self-test bits", "u32", PHILOX_ZERO.length);
  using program = await gpu.record("self-test", (r) => recordDraw(r, key(0), { kind: "bits" }, out));
  program.submit();
  const words = await gpu.read(out);
  const detail = [...words].map((w) => w.toString(16).padStart(8, "0")).join(" ");
  return { name: "philox known answer", ok: PHILOX_ZERO.every((w, i) => w === words[i]), detail };
}

async function checkDraw(gpu: Gpu, name: string, distribution: Distribution): Promise<Check> {
  const count = 4099, stream = key(1n << 40n).stream("self-test"), start = (1n << 34n) - 1001n;
  using out = gpu.buffer("self-test draw", "f32", count);
  using program = await gpu.record("self-test", (r) => recordDraw(r, stream, distribution, out, { start }));
  program.submit();
  const device = new Uint32Array((await gpu.read(out)).buffer);
  const host = new Uint32Array(drawOnHost(stream, distribution, { start, count }).buffer);
  const different = device.reduce((sum, word, i) => sum + (word === host[i] ? 0 : 1), 0);
  return {
    name,
    ok: different === 0,
    detail: `${count - different} of ${count} equal to the host's, bit for bit`,
  };
}

async function checkMatmul(gpu: Gpu): Promise<Check> {
  const m = 33, n = 17, k = 65;
  const a = values("a", m * k), b = values("b", k * n);
  using aBuffer = gpu.buffer("self-test a", "f32", a.length, a);
  using bBuffer = gpu.buffer("self-test b", "f32", b.length, b);
  using out = gpu.buffer("self-test product", "f32", m * n);
  using program = await gpu.record("self-test", (r) => {
    recordMatmul(r, "nn", "none", { a: aBuffer, b: bBuffer, out }, { m, n, k });
  });
  program.submit();
  const got = await gpu.read(out);
  let error = 0;
  for (let i = 0; i < m * n; i++) {
    let sum = 0;
    for (let j = 0; j < k; j++) sum += a[Math.floor(i / n) * k + j] * b[j * n + i % n];
    error = largest(error, got[i] - sum);
  }
  // k roundings of at most 2^-24 each, of sums of at most k terms below 1.
  return verdict(`matmul ${m}x${n}x${k}`, error, k * k * 2 ** -24);
}

/** The gradient of a small network's loss, against central differences of the loss in float64. */
async function checkGradient(gpu: Gpu): Promise<Check> {
  const widths = [5, 7, 3],
    rows = 4,
    labels = new Uint32Array([0, 1, 2, 1]),
    x = values("x", rows * widths[0]);
  using network = new Mlp(gpu, widths);
  await network.initialize(torchLinear(), key(0));
  using xBuffer = gpu.buffer("self-test x", "f32", x.length, x);
  using labelBuffer = gpu.buffer("self-test labels", "u32", rows, labels);
  using loss = gpu.buffer("self-test loss", "f32", rows);
  using correct = gpu.buffer("self-test correct", "u32", rows);
  using forward = new Activations(gpu, network, rows);
  using gradients = new Gradients(gpu, network, rows);
  using program = await gpu.record("self-test", (r) => {
    network.recordForward(r, xBuffer, rows, forward);
    r.dispatch(
      softmaxCrossEntropyGrad,
      { logits: forward.logits, labels: labelBuffer, loss, correct, gradient: gradients.outputs[1] },
      { n: rows, classes: widths[2] },
    );
    network.recordBackward(r, xBuffer, rows, forward, gradients);
  });
  program.submit();
  const got = await gpu.readAll(gradients.parameters.map((p) => p.tensor.buffer));
  const parameters = [...(await network.read()).values()].map((p) => Float64Array.from(p));
  let error = 0;
  parameters.forEach((parameter, p) => {
    for (let i = 0; i < parameter.length; i++) {
      error = largest(
        error,
        got[p][i] - centralDifference(parameter, i, () => hostLoss(parameters, x, labels, widths)),
      );
    }
  });
  return verdict("gradient", error, 1e-5);
}

function centralDifference(parameter: Float64Array, i: number, loss: () => number): number {
  const h = 2 ** -18, value = parameter[i];
  parameter[i] = value + h;
  const above = loss();
  parameter[i] = value - h;
  const below = loss();
  parameter[i] = value;
  return (above - below) / (2 * h);
}

/** Mean cross-entropy of a network of two layers, in float64. */
function hostLoss(
  [w1, b1, w2, b2]: Float64Array[],
  x: Float32Array,
  labels: Uint32Array,
  [inputs, hidden, classes]: number[],
): number {
  const affine = (w: Float64Array, b: Float64Array, from: number[], out: number) =>
    Array.from(
      { length: out },
      (_, o) => from.reduce((sum, value, i) => sum + value * w[o * from.length + i], b[o]),
    );
  let total = 0;
  labels.forEach((label, row) => {
    const h = affine(w1, b1, [...x.subarray(row * inputs, (row + 1) * inputs)], hidden).map((z) =>
      Math.max(z, 0)
    );
    const logits = affine(w2, b2, h, classes);
    total += Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) - logits[label];
  });
  return total / labels.length;
}

function values(name: string, count: number): Float32Array<ArrayBuffer> {
  const distribution: Distribution = { kind: "bounded", bound: 1 };
  return drawOnHost(key(7).stream(name), distribution, { count }) as Float32Array<ArrayBuffer>;
}

/** The larger of an error so far and another; NaN, once seen, stays. */
function largest(error: number, difference: number): number {
  return Number.isNaN(difference) ? NaN : Math.max(error, Math.abs(difference));
}

function verdict(name: string, error: number, bound: number): Check {
  const detail = `off by at most ${error.toExponential(1)}, ${bound.toExponential(1)} is allowed`;
  return { name, ok: error <= bound, detail };
}
