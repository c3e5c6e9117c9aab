/**
 * TensorFlow.js: its core with one backend or another.
 *
 * Random numbers are made on the host, whatever the backend, and uploaded when they are first used.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hostBatch, hostNetwork, hostNumbers } from "../../../src/bench/host_numbers.ts";
import { LEARNING_RATE } from "../../../src/bench/training_settings.ts";
import type { Runnable } from "../../../src/bench/runnable.ts";
import type { Draw, Initialization, Product, Task, Training } from "../task.ts";

/** Its backends. */
type Backend = "webgpu" | "wasm";

/** Its way of drawing, by the name of the distribution. */
const SAMPLERS: Readonly<Record<string, (shape: number[]) => tf.Tensor>> = {
  "uniform [0,1)": (shape) => tf.randomUniform(shape),
  "bounded [-0.1,0.1)": (shape) => tf.randomUniform(shape, -0.1, 0.1),
  "uniform [-0.3,0.7)": (shape) => tf.randomUniform(shape, -0.3, 0.7),
  "normal": (shape) => tf.randomNormal(shape),
  "truncated normal": (shape) => tf.truncatedNormal(shape),
};

/**
 * Its way of doing a task on one of its backends, which has been imported.
 *
 * @param backend Which.
 * @param task What; undefined is returned for a distribution that it lacks.
 */
export async function open(backend: Backend, task: Task): Promise<Runnable | undefined> {
  if (task.kind === "draw" && !Object.hasOwn(SAMPLERS, task.distribution)) return undefined;
  if (task.kind === "train") await import("@tensorflow/tfjs"); // the gradients are there, not in the core
  if (!await tf.setBackend(backend)) throw new Error(`TensorFlow.js cannot start its backend ${backend}`);
  if (task.kind === "draw") return drawing(task);
  if (task.kind === "matmul") return multiplying(task);
  return task.kind === "init" ? initializing(task) : training(task);
}

/** Reads the last elements of some tensors, sliced off on the backend, with one wait. */
async function readLast(tensors: readonly tf.Tensor[]): Promise<number[]> {
  const last = tensors.map((t) =>
    t.rank === 0 ? t.clone() : tf.slice(t, t.shape.map((n) => n - 1), t.shape.map(() => 1))
  );
  const read = await Promise.all(last.map((element) => element.data()));
  tf.dispose(last);
  return read.map(([value]) => value);
}

function drawing({ distribution, count }: Draw): Runnable {
  return {
    async run(repetitions) {
      for (let i = 0; i < repetitions; i++) {
        const numbers = SAMPLERS[distribution]([count]);
        await readLast([numbers]); // without this they would never leave the host
        numbers.dispose();
      }
      return undefined;
    },
    [Symbol.dispose]() {},
  };
}

function multiplying({ form, m, n, k }: Product): Runnable {
  const a = tf.tensor(hostNumbers(0, m * k), form === "tn" ? [k, m] : [m, k]),
    b = tf.tensor(hostNumbers(1, k * n), form === "nt" ? [n, k] : [k, n]);
  return {
    async run(repetitions) {
      let c: tf.Tensor | undefined;
      // Not lazy: what is disposed of has been encoded, and is computed.
      for (let i = 0; i < repetitions; i++) {
        c?.dispose();
        c = tf.matMul(a, b, form === "tn", form === "nt");
      }
      const [last] = await readLast([c!]);
      c!.dispose();
      return last;
    },
    [Symbol.dispose]: () => tf.dispose([a, b]),
  };
}

function initializing({ widths }: Initialization): Runnable {
  const draw = () =>
    widths.slice(1).flatMap((outputs, i) => {
      const bound = 1 / Math.sqrt(widths[i]);
      return [[widths[i], outputs], [outputs]].map((shape) => tf.randomUniform(shape, -bound, bound));
    });
  return {
    async run(repetitions) {
      for (let i = 0; i < repetitions; i++) {
        const parameters = draw();
        await readLast(parameters);
        tf.dispose(parameters);
      }
      return undefined;
    },
    [Symbol.dispose]() {},
  };
}

/** Its own optimiser; bias and ReLU fused into the products as its layers do. Its batch lies ready, which fanin gathers. */
function training({ widths, batch, steps }: Training): Runnable {
  const layers = widths.length - 1, classes = widths[layers];
  const host = hostBatch(batch, widths[0], classes);
  const x = tf.tensor2d(host.features, [batch, widths[0]]);
  const y = tf.oneHot(tf.tensor1d([...host.labels], "int32"), classes);
  // Stored as fanin stores them, [outputs, inputs], and turned once, before the clock runs.
  const parameters = hostNetwork(widths).map(({ data, shape }) => {
    const stored = tf.tensor(data, [...shape]);
    return tf.variable(shape.length === 1 ? stored : tf.transpose(stored));
  });
  const loss = (): tf.Scalar => {
    let h: tf.Tensor2D = x;
    for (let i = 0; i < layers; i++) {
      const b = parameters[2 * i] as unknown as tf.Tensor2D, bias = parameters[2 * i + 1];
      h = tf.fused.matMul({ a: h, b, bias, activation: i < layers - 1 ? "relu" : "linear" }) as tf.Tensor2D;
    }
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(h), y), 1)));
  };
  const optimizer = tf.train.sgd(LEARNING_RATE);
  return {
    async run(repetitions) {
      let value: tf.Scalar | null = null;
      for (let i = 0; i < repetitions * steps; i++) {
        value?.dispose();
        value = optimizer.minimize(loss, true, parameters);
      }
      const [last] = await readLast([value!, ...parameters]);
      value!.dispose();
      return last;
    },
    [Symbol.dispose]: () => tf.dispose([x, y, ...parameters]),
  };
}
