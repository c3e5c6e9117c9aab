/**
 * jax-js: a library that writes JAX's interface in TypeScript, on WebGPU and on WebAssembly.
 *
 * It is lazy and skips what nobody reads: so every array is waited for as a whole, and its last element is read.
 *
 * @module
 */
import {
  type Array as JaxArray,
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  nn,
  numpy,
  random,
  valueAndGrad,
} from "@jax-js/jax";
import { hostBatch, hostNetwork, hostNumbers } from "../../../src/bench/host_numbers.ts";
import { LEARNING_RATE } from "../../../src/bench/training_settings.ts";
import type { Runnable } from "../../../src/bench/runnable.ts";
import type { Draw, Initialization, Product, Task, Training } from "../task.ts";

/** Its devices. */
type Device = "webgpu" | "wasm";

type Sampler = (key: JaxArray, shape: number[]) => JaxArray;

const uniform: Sampler = (key, shape) => random.uniform(key, shape);
const normal: Sampler = (key, shape) => random.normal(key, shape);

/** Its way of drawing, by the name of the distribution. */
const SAMPLERS: Readonly<Record<string, Sampler>> = {
  "uniform [0,1)": uniform,
  "bounded [-0.1,0.1)": (key, shape) => random.uniform(key, shape, { minval: -0.1, maxval: 0.1 }),
  "uniform [-0.3,0.7)": (key, shape) => random.uniform(key, shape, { minval: -0.3, maxval: 0.7 }),
  "normal": normal,
  "bits": (key, shape) => random.bits(key, shape),
  "threefry uniform [0,1)": uniform,
  "threefry normal": normal,
};

/** A process has one device: started once. */
let ready: ReturnType<typeof init> | undefined;

/**
 * Its way of doing a task on one of its devices.
 *
 * @param device Which.
 * @param task What; undefined is returned for a distribution that it lacks.
 */
export async function open(device: Device, task: Task): Promise<Runnable | undefined> {
  if (task.kind === "draw" && !Object.hasOwn(SAMPLERS, task.distribution)) return undefined;
  if (!(await (ready ??= init(device))).includes(device)) throw new Error(`jax-js finds no ${device} device`);
  defaultDevice(device);
  if (task.kind === "draw") return drawing(task);
  if (task.kind === "matmul") return multiplying(task);
  return task.kind === "init" ? initializing(device, task) : training(task);
}

const fromHost = (data: Float32Array<ArrayBuffer>, shape: number[]): JaxArray =>
  numpy.array(data).reshape(shape);

/** The last element, as an array of its own: reading it later waits for all of the array. */
const lastOf = (array: JaxArray): JaxArray =>
  array.slice(...array.shape.map((n): [number, number] => [n - 1, n]));

function drawing({ distribution, count }: Draw): Runnable {
  return {
    async run(repetitions) {
      const last: JaxArray[] = [];
      for (let i = 0; i < repetitions; i++) {
        last.push(lastOf(await blockUntilReady(SAMPLERS[distribution](random.key(i), [count]))));
      }
      await Promise.all(last.map((element) => element.data()));
      return undefined;
    },
    [Symbol.dispose]() {},
  };
}

function multiplying({ form, m, n, k }: Product): Runnable {
  const a = fromHost(hostNumbers(0, m * k), form === "tn" ? [k, m] : [m, k]),
    b = fromHost(hostNumbers(1, k * n), form === "nt" ? [n, k] : [k, n]);
  const product = jit((x: JaxArray, y: JaxArray) =>
    numpy.matmul(form === "tn" ? numpy.transpose(x) : x, form === "nt" ? numpy.transpose(y) : y)
  );
  return {
    async run(repetitions) {
      const last: JaxArray[] = [];
      // A compiled function's result is an array of its own, which no slice shortens: so none has to be waited for by itself.
      for (let i = 0; i < repetitions; i++) last.push(lastOf(product(a.ref, b.ref) as JaxArray));
      return (await Promise.all(last.map((element) => element.data())))[0][0];
    },
    [Symbol.dispose]() {
      a.dispose();
      b.dispose();
    },
  };
}

/** Networks that are waited for together: as many as are fastest. More of them alive at once take ever longer. */
const TOGETHER = { webgpu: 16, wasm: 1 };

/** The whole network's draws compiled as one. */
function initializing(device: Device, { widths }: Initialization): Runnable {
  const layers = widths.length - 1;
  const network = jit((key: JaxArray) => {
    const keys = random.split(key, 2 * layers);
    return widths.slice(1).flatMap((outputs, i) => {
      const bound = 1 / Math.sqrt(widths[i]), range = { minval: -bound, maxval: bound };
      return [[outputs, widths[i]], [outputs]].map((shape, j) =>
        random.uniform(keys.ref.slice(2 * i + j), shape, range)
      );
    });
  });
  return {
    async run(repetitions) {
      for (let i = 0; i < repetitions; i += TOGETHER[device]) {
        const some = Array.from({ length: Math.min(TOGETHER[device], repetitions - i) }, (_, j) => i + j);
        const last = some.flatMap((seed) => (network(random.key(seed)) as JaxArray[]).map(lastOf));
        await Promise.all(last.map((element) => element.data()));
      }
      return undefined;
    },
    [Symbol.dispose]() {},
  };
}

/** The whole step compiled as one: forward, backward, update. Its batch lies ready, which fanin gathers. */
function training({ widths, batch, steps }: Training): Runnable {
  const layers = widths.length - 1, classes = widths[layers];
  const { features, labels } = hostBatch(batch, widths[0], classes);
  // Stored as fanin stores them, [outputs, inputs], and turned once, before the clock runs.
  let params = hostNetwork(widths).map(({ data, shape }) =>
    shape.length === 1 ? numpy.array(data) : numpy.transpose(fromHost(data, [...shape]))
  );
  const x = fromHost(features, [batch, widths[0]]);
  const y = nn.oneHot(numpy.array([...labels], { dtype: numpy.int32 }), classes);
  const loss = (p: JaxArray[], x: JaxArray, y: JaxArray): JaxArray => {
    let h = x;
    for (let i = 0; i < layers; i++) {
      h = numpy.matmul(h, p[2 * i]).add(p[2 * i + 1]);
      if (i < layers - 1) h = nn.relu(h);
    }
    return nn.logSoftmax(h).mul(y).sum(1).mean().neg();
  };
  const step = jit((p: JaxArray[], x: JaxArray, y: JaxArray) => {
    const [value, gradients] = valueAndGrad(loss)(p.map((array) => array.ref), x, y);
    return [
      value,
      p.map((array, i) => array.sub((gradients as JaxArray[])[i].mul(LEARNING_RATE))),
    ] as const;
  });
  return {
    async run(repetitions) {
      let last: number | undefined;
      for (let i = repetitions * steps; i > 0; i--) {
        const [value, next] = step(params, x.ref, y.ref) as [JaxArray, JaxArray[]];
        params = next;
        if (i > 1) value.dispose();
        else last = (await value.data())[0];
      }
      await blockUntilReady(params.map((array) => array.ref));
      return last;
    },
    [Symbol.dispose]() {
      for (const array of [...params, x, y]) array.dispose();
    },
  };
}
