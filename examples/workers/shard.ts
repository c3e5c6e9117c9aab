/**
 * A worker of `shard_init.ts`: gets a recipe and a range, posts that part of the tensor.
 *
 * @module
 */
import { Gpu, type Manifest, remake, type TensorPiece } from "@fanin/fanin";

/** What the worker is asked. */
interface Request {
  recipe: Manifest;
  range: [start: number, end: number];
}

const scope = globalThis as unknown as { onmessage: unknown; postMessage(message: unknown): void };

async function draw({ recipe, range }: Request): Promise<TensorPiece> {
  using gpu = await Gpu.open();
  const [piece] = await Array.fromAsync(remake(gpu, recipe, { range })); // small enough for one piece
  return piece;
}

// Posted when the GPU is released: whoever gets it may end the process, and a driver may not survive that in the midst of its work.
scope.onmessage = async ({ data }: MessageEvent<Request>) => scope.postMessage(await draw(data));
