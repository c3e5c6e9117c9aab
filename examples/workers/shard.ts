/**
 * A worker of `shard_init.ts`: gets a recipe and a range, posts that part of the tensor.
 *
 * @module
 */
import { Gpu, type Manifest, remake } from "@fanin/fanin";

/** What the worker is asked. */
interface Request {
  recipe: Manifest;
  range: [start: number, end: number];
}

const scope = globalThis as unknown as { onmessage: unknown; postMessage(message: unknown): void };

scope.onmessage = async ({ data: { recipe, range } }: MessageEvent<Request>) => {
  using gpu = await Gpu.open();
  for await (const piece of remake(gpu, recipe, { range })) scope.postMessage(piece); // small enough for one piece
};
