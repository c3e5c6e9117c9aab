/**
 * jax-js on WebGPU: a library that writes JAX's interface in TypeScript.
 *
 * It is lazy and skips what nobody reads: so every array is waited for as a whole, and its last element is read.
 *
 * @module
 */
import { type Array as JaxArray, blockUntilReady, defaultDevice, init, random } from "@jax-js/jax";
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
    const [, name, log2] = /^(.*) 2\^(\d+)$/.exec(workload) ?? [];
    if (name === undefined || !Object.hasOwn(DRAWS, name)) return undefined;
    await (ready ??= start());
    return drawing(DRAWS[name], 2 ** Number(log2));
  },
};

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
