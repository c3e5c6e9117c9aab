/**
 * ONNX Runtime for the web on WebGPU. It infers and does not train; its random numbers are made on the host.
 *
 * @module
 */
import { env, InferenceSession, Tensor } from "onnxruntime-web/webgpu";
import { hostNumbers } from "../../../src/bench/host_numbers.ts";
import type { Runnable } from "../../../src/bench/runnable.ts";
import { type Node, onnxModel, type Shapes } from "./onnx_model.ts";
import type { Draw, Initialization, Product, Task } from "../task.ts";

// Of GPUBufferUsage and GPUMapMode.
const MAP_READ = 0x1, COPY_SRC = 0x4, COPY_DST = 0x8, STORAGE = 0x80, MAP_MODE_READ = 0x1;

/** Its way of drawing, by the name of the distribution. */
const SAMPLERS: Readonly<Record<string, Pick<Node, "op" | "attributes">>> = {
  "uniform [0,1)": uniform(0, 1),
  "bounded [-0.1,0.1)": uniform(-0.1, 0.1),
  "uniform [-0.3,0.7)": uniform(-0.3, 0.7),
  "normal": { op: "RandomNormal", attributes: { mean: { float: 0 }, scale: { float: 1 } } },
};

function uniform(low: number, high: number): Pick<Node, "op" | "attributes"> {
  return { op: "RandomUniform", attributes: { low: { float: low }, high: { float: high } } };
}

/**
 * Its way of doing a task.
 *
 * @param task What; undefined is returned for training, and for a distribution that it lacks.
 */
export async function open(task: Task): Promise<Runnable | undefined> {
  if (task.kind === "train") return undefined;
  if (task.kind === "matmul") return await multiplying(task);
  if (task.kind === "init") return await initializing(task);
  return Object.hasOwn(SAMPLERS, task.distribution) ? await drawing(task) : undefined;
}

function drawing({ distribution, count }: Draw): Promise<Runnable> {
  const node = { ...SAMPLERS[distribution], inputs: [], output: "numbers" };
  node.attributes = { ...node.attributes, shape: [count] };
  return running([node], { numbers: [count] }, {}, false);
}

function initializing({ widths }: Initialization): Promise<Runnable> {
  const nodes = widths.slice(1).flatMap((outputs, i) => {
    const bound = 1 / Math.sqrt(widths[i]), { op, attributes } = uniform(-bound, bound);
    return [[outputs, widths[i]], [outputs]].map((shape, j) => {
      return { op, attributes: { ...attributes, shape }, inputs: [], output: `p${2 * i + j}`, shape };
    });
  });
  const shapes = Object.fromEntries(nodes.map(({ output, shape }) => [output, shape]));
  return running(nodes, shapes, {}, false);
}

/** Gemm, as fast as MatMul here, and the only one of the two that takes operands stored transposed. */
function multiplying({ form, m, n, k }: Product): Promise<Runnable> {
  const attributes = { transA: form === "tn" ? 1 : 0, transB: form === "nt" ? 1 : 0 };
  const node = { op: "Gemm", inputs: ["a", "b"], output: "c", attributes };
  const shapes = { a: form === "tn" ? [k, m] : [m, k], b: form === "nt" ? [n, k] : [k, n] };
  return running([node], { c: [m, n] }, shapes, true);
}

/** Released when another session has been opened: with the last of them goes the device. */
let last: InferenceSession | undefined;

/** A model whose inputs and outputs stay on the device; the last element of every output is read. */
async function running(
  nodes: readonly Node[],
  outputs: Shapes,
  inputs: Shapes,
  comparable: boolean,
): Promise<Runnable> {
  const session = await InferenceSession.create(onnxModel(nodes, inputs, outputs), {
    executionProviders: ["webgpu"],
    preferredOutputLocation: "gpu-buffer",
  });
  const device = await env.webgpu.device as GPUDevice;
  const operands = Object.entries(inputs).map(([name, dims], i) => [name, operand(device, dims, i)] as const);
  const feeds = Object.fromEntries(operands.map(([name, { tensor }]) => [name, tensor]));
  return {
    async run(repetitions) {
      let made: InferenceSession.OnnxValueMapType = {};
      for (let i = 0; i < repetitions; i++) {
        for (const output of Object.values(made)) output.dispose();
        made = await session.run(feeds);
      }
      const tensors = Object.values(made) as Tensor[];
      const [value] = await readLast(device, tensors);
      for (const tensor of tensors) tensor.dispose();
      return comparable ? value : undefined;
    },
    [Symbol.dispose]() {
      for (const [, { buffer }] of operands) buffer.destroy();
      last?.release();
      last = session;
    },
  };
}

function operand(device: GPUDevice, shape: readonly number[], seed: number): {
  buffer: GPUBuffer;
  tensor: Tensor;
} {
  const data = hostNumbers(seed, shape[0] * shape[1]);
  const buffer = device.createBuffer({ size: data.byteLength, usage: STORAGE | COPY_SRC | COPY_DST });
  device.queue.writeBuffer(buffer, 0, data);
  return { buffer, tensor: Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims: shape }) };
}

/** The last elements of tensors on the device, with one wait. */
async function readLast(device: GPUDevice, tensors: readonly Tensor[]): Promise<Float32Array> {
  const size = 4 * tensors.length;
  const staging = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  const encoder = device.createCommandEncoder();
  tensors.forEach(({ gpuBuffer, size: elements }, i) =>
    encoder.copyBufferToBuffer(gpuBuffer as GPUBuffer, 4 * (elements - 1), staging, 4 * i, 4)
  );
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(MAP_MODE_READ);
  const read = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return read;
}
