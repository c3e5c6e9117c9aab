/**
 * jax-js on WebGPU: a library that writes JAX's interface in TypeScript.
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
import { STEPS } from "../../src/bench/training.ts";
import type { Peer, Runnable } from "../../src/bench/workload.ts";

type Draw = (key: JaxArray, shape: number[]) => JaxArray;

const uniform: Draw = (key, shape) => random.uniform(key, shape);
const normal: Draw = (key, shape) => random.normal(key, shape);

/** Its way of drawing, by the name of the workload without its size. */
const DRAWS: Readonly<Record<string, Draw>> = {
  "uniform [0,1)": uniform,
  "bounded [-0.1,0.1)": (key, shape) => random.uniform(key, shape, { minval: -0.1, maxval: 0.1 }),
  "uniform [-0.3,0.7)": (key, shape) => random.uniform(key, shape, { minval: -0.3, maxval: 0.7 }),
  "normal": normal,
  "bits": (key, shape) => random.bits(key, shape),
  "threefry uniform [0,1)": uniform,
  "threefry normal": normal,
};

let ready: Promise<void> | undefined;

/** Chooses its WebGPU device, once. */
async function start(): Promise<void> {
  if (!(await init("webgpu")).includes("webgpu")) throw new Error("jax-js finds no WebGPU device");
  defaultDevice("webgpu");
}

/** jax-js as a peer. */
export const jaxJs: Peer = {
  name: "jax-js",
  webgpu: true,
  async open(workload) {
    const make = runnable(workload);
    if (make === undefined) return undefined;
    await (ready ??= start());
    return make();
  },
};

/** Its way of doing a workload, by the name. */
function runnable(workload: string): (() => Runnable) | undefined {
  const [, name, log2] = /^(.*) 2\^(\d+)$/.exec(workload) ?? [];
  if (Object.hasOwn(DRAWS, name ?? "")) return () => drawing(DRAWS[name], 2 ** Number(log2));
  const [, form, m, n, k] = /^matmul (nn|tn|nt) (\d+)x(\d+)x(\d+)$/.exec(workload) ?? [];
  if (form !== undefined) return () => multiplying(form, Number(m), Number(n), Number(k));
  const [, widths, batch] = /^train ([\d-]+) batch (\d+)$/.exec(workload) ?? [];
  if (widths !== undefined) return () => training(widths.split("-").map(Number), Number(batch));
  return undefined;
}

const between = (seed: number, bound: number, shape: number[]): JaxArray =>
  random.uniform(random.key(seed), shape, { minval: -bound, maxval: bound });

function multiplying(form: string, m: number, n: number, k: number): Runnable {
  const a = between(0, 1, form === "tn" ? [k, m] : [m, k]),
    b = between(1, 1, form === "nt" ? [n, k] : [k, n]);
  const product = jit((x: JaxArray, y: JaxArray) =>
    numpy.matmul(form === "tn" ? numpy.transpose(x) : x, form === "nt" ? numpy.transpose(y) : y)
  );
  return {
    async run(repetitions) {
      const last: JaxArray[] = [];
      // A compiled function's result is an array of its own, which no slice shortens: so none has to be waited for by itself.
      for (let i = 0; i < repetitions; i++) {
        last.push((product(a.ref, b.ref) as JaxArray).slice([m - 1, m], [n - 1, n]));
      }
      await Promise.all(last.map((element) => element.data()));
    },
    [Symbol.dispose]() {
      a.dispose();
      b.dispose();
    },
  };
}

/** The whole step compiled as one: forward, backward, update. Its batch lies ready, which fanin gathers. */
function training(widths: readonly number[], batch: number): Runnable {
  const layers = widths.length - 1, classes = widths[layers];
  let params = widths.slice(1).flatMap((outputs, i) => [
    between(i, 1 / Math.sqrt(widths[i]), [widths[i], outputs]),
    numpy.zeros([outputs]),
  ]);
  const x = between(9, 1, [batch, widths[0]]);
  const labels = numpy.array(Array.from({ length: batch }, (_, i) => i % classes), { dtype: numpy.int32 });
  const y = nn.oneHot(labels, classes);
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
    return [value, p.map((array, i) => array.sub((gradients as JaxArray[])[i].mul(0.01)))] as const;
  });
  return {
    async run(repetitions) {
      for (let i = 0; i < repetitions * STEPS; i++) {
        const [value, next] = step(params, x.ref, y.ref) as [JaxArray, JaxArray[]];
        params = next;
        if (i < repetitions * STEPS - 1) value.dispose();
        else await value.data();
      }
      await blockUntilReady(params.map((array) => array.ref));
    },
    [Symbol.dispose]() {
      for (const array of [...params, x, y]) array.dispose();
    },
  };
}

function drawing(draw: Draw, count: number): Runnable {
  return {
    async run(repetitions) {
      const last: JaxArray[] = [];
      for (let i = 0; i < repetitions; i++) {
        const numbers = await blockUntilReady(draw(random.key(i), [count]));
        last.push(numbers.slice([count - 1, count]));
      }
      await Promise.all(last.map((element) => element.data()));
    },
    [Symbol.dispose]() {},
  };
}
