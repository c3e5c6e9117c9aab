/**
 * Measures which variant of the matrix product a device is best served by.
 *
 * @module
 */
import { matmulCandidates, type MatmulVariant } from "../../kernels/matmul_choice.ts";
import { adapterKind } from "./adapter_kind.ts";
import type { GpuBuffer } from "./buffer.ts";
import { DisposableStack } from "./disposable_stack.ts";
import { KernelError } from "./errors.ts";
import type { Gpu } from "./gpu.ts";
import { recordMatmul } from "./matmul.ts";
import type { Program } from "./program.ts";
import { keyOf, measuredSizes, type ProductShape } from "./variant.ts";

/** Least duration of a run, in milliseconds: waiting for its end takes up to 10. */
const LEAST_MS = 30;

/** Runs of each variant, in turns; the shortest counts. */
const ROUNDS = 3;

/** What another variant must save before it takes the place of the usual one: less is noise. */
const WORTH = 0.05;

/** A variant and how long it took. */
export interface TimedVariant {
  /** The variant. */
  readonly variant: MatmulVariant;
  /** Milliseconds for one product, the shortest run; undefined where its kernel does not compile on the device. */
  readonly ms: number | undefined;
}

/**
 * Measures the variants of products that have not been measured on this device, and keeps the best for its life. No bit of any result
 * depends on it. Nothing happens on a device that was opened with `tune: false`, or on software, unless with `tune: true`.
 *
 * @param gpu The device.
 * @param products Those that are to come.
 * @throws {OutOfMemoryError} {@linkcode DeviceLostError}, as {@linkcode Gpu.read}.
 */
export async function tuneMatmul(gpu: Gpu, products: Iterable<ProductShape>): Promise<void> {
  if (!gpu.tunes) return;
  for (const product of products) {
    const key = keyOf(product);
    if (gpu.tuned.has(key) || Object.values(product.sizes).includes(0)) continue;
    gpu.tuned.set(key, best(await timeVariants(gpu, product)));
  }
}

/** The first, unless another saves enough. */
export function best([usual, ...others]: readonly TimedVariant[]): MatmulVariant {
  const time = ({ ms }: TimedVariant) => ms ?? Infinity;
  const quickest = others.reduce((a, b) => time(b) < time(a) ? b : a, usual);
  return time(quickest) <= time(usual) * (1 - WORTH) ? quickest.variant : usual.variant;
}

/**
 * Times the variants of a product, in turns, on zeros.
 *
 * @param gpu The device.
 * @param product Its dimensions are measured as 1024 where they are larger.
 * @returns The variants, the usual one first.
 * @throws {OutOfMemoryError} {@linkcode DeviceLostError}, as {@linkcode Gpu.read}. {@linkcode KernelError} when the usual one does not compile.
 */
export async function timeVariants(gpu: Gpu, product: ProductShape): Promise<TimedVariant[]> {
  const { form } = product, sizes = measuredSizes(product.sizes), { m, n, k } = sizes;
  using stack = new DisposableStack();
  const [a, b, out] = gpu.allOrNone(() =>
    [m * k, k * n, m * n].map((length) => gpu.buffer(`tuning ${form}`, "f32", length))
  );
  for (const buffer of [a, b, out]) stack.use(buffer);
  const variants = matmulCandidates(adapterKind(gpu.adapter), form, sizes);
  const runs: (Run | undefined)[] = [];
  for (const [i, variant] of variants.entries()) {
    const made = gpu.record(
      `tuning ${form}`,
      (r) => recordMatmul(r, form, "none", { a, b, out }, sizes, { variant }),
    );
    const program = await (i === 0 ? made : made.catch(refused));
    runs.push(program && timed(gpu, stack.use(program), out));
  }
  const times = await shortest(runs, await enough(runs[0]!));
  return variants.map((variant, i) => ({ variant, ms: times[i] }));
}

/** Runs a variant so many times in a row, and says how many milliseconds it took. */
type Run = (repetitions: number) => Promise<number>;

function timed(gpu: Gpu, program: Program, out: GpuBuffer): Run {
  return async (repetitions) => {
    const start = performance.now();
    program.submit(repetitions);
    await gpu.read(out, 0, 1);
    return performance.now() - start;
  };
}

/** Milliseconds of one product by each, in the shortest of some runs. */
async function shortest(
  runs: readonly (Run | undefined)[],
  repetitions: number,
): Promise<(number | undefined)[]> {
  const least = runs.map((run) => run && Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, run] of runs.entries()) {
      if (run !== undefined) least[i] = Math.min(least[i]!, await run(repetitions) / repetitions);
    }
  }
  return least;
}

/** A variant that does not compile on this device is none; whatever else is wrong is thrown. */
function refused(error: unknown): undefined {
  if (!(error instanceof KernelError)) throw error;
}

/** Repetitions that take long enough to be timed. The first run is not counted: drivers compile late. */
async function enough(run: Run): Promise<number> {
  await run(1);
  for (let count = 1;; count *= 2) if (await run(count) >= LEAST_MS) return count;
}
