/**
 * Workloads of matrix products: squares, odd sizes, and the layers of a network as training multiplies them.
 *
 * @module
 */
import type { MatmulForm } from "../../kernels/matmul_tile.ts";
import { recordMatmul } from "../gpu/matmul.ts";
import { tuneMatmul } from "../gpu/tuning.ts";
import { DisposableStack } from "../gpu/disposable_stack.ts";
import type { Gpu } from "../gpu/gpu.ts";
import { hostNumbers } from "./host_numbers.ts";
import { NETWORK } from "./network.ts";
import type { Runnable } from "./runnable.ts";
import type { Workload, WorkloadGroup } from "./workload.ts";

/** Sides of the squares of the main rows. */
const SQUARES = [512, 1024];

/** A large square, and primes just below the others: their rows are no whole number of vectors. */
const MORE_SQUARES = [2048, 1021, 509];

/** Rows in a mini-batch of the layers' products. */
const BATCHES = [64, 256];

/**
 * Squares, each measured by itself.
 *
 * @param sides Their sides; 512 and 1024 unless given.
 */
export function squareGroups(sides: readonly number[] = SQUARES): WorkloadGroup[] {
  return sides.map((side) => alone(productWorkload("nn", side, side, side)));
}

/** Every other shape: a larger square, odd ones, and each layer's product forward, for its weights and for its inputs. */
export function shapeGroups(): WorkloadGroup[] {
  const layers = NETWORK.slice(1).map((outputs, i) => ({ inputs: NETWORK[i], outputs }));
  const products = BATCHES.flatMap((batch) => [
    ...layers.map(({ inputs, outputs }) => productWorkload("nt", batch, outputs, inputs)),
    ...layers.map(({ inputs, outputs }) => productWorkload("tn", outputs, inputs, batch)),
    ...layers.slice(1).map(({ inputs, outputs }) => productWorkload("nn", batch, inputs, outputs)),
  ]);
  return [...squareGroups(MORE_SQUARES), ...products.map(alone)];
}

const alone = (workload: Workload): WorkloadGroup => ({ workloads: [workload], relative: false });

/** A product by its form and sizes. */
export function productWorkload(form: MatmulForm, m: number, n: number, k: number): Workload {
  return {
    name: `matmul ${form} ${m}x${n}x${k}`,
    unit: "GFLOP/s",
    amount: 2 * m * n * k / 1e9,
    open: (gpu) => multiplying(gpu, form, m, n, k),
  };
}

/** A recorded product, packing included: its repetitions are one submit, and its last element is read. */
async function multiplying(gpu: Gpu, form: MatmulForm, m: number, n: number, k: number): Promise<Runnable> {
  await tuneMatmul(gpu, [{ form, sizes: { m, n, k } }]);
  using stack = new DisposableStack();
  const [a, b] = [m * k, k * n].map((size, i) =>
    stack.use(gpu.buffer("bench", "f32", size, hostNumbers(i, size)))
  );
  const out = stack.use(gpu.buffer("bench", "f32", m * n));
  const program = stack.use(
    await gpu.record("bench", (recorder) => {
      recordMatmul(recorder, form, "none", { a, b, out }, { m, n, k });
    }),
  );
  const resources = stack.move();
  return {
    async run(repetitions) {
      program.submit(repetitions);
      const [last] = await gpu.read(out, out.length - 1, 1);
      return last;
    },
    [Symbol.dispose]: () => resources.dispose(),
  };
}
