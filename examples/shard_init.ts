/**
 * Many workers fill one tensor. Each has a device of its own and a recipe of a few hundred bytes, and draws its own part; none knows of
 * the others. Together the parts are the tensor that one host draws alone, bit for bit.
 *
 *     deno run -A examples/shard_init.ts
 */
import { manifestText, remake, shapeManifest, type TensorPiece } from "@fanin/fanin";

const recipe = shapeManifest("weight", [1000, 1001], "kaiming_normal", "philox", 0);
const size = 1000 * 1001, workers = 4, whole = new Float32Array(size);
console.log(`the recipe: ${manifestText(recipe)}`);

async function fill(index: number): Promise<void> {
  const range = [Math.floor(index * size / workers), Math.floor((index + 1) * size / workers)];
  const worker = new Worker(new URL("workers/shard.ts", import.meta.url), { type: "module" });
  const { offset, values } = await new Promise<TensorPiece>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage({ recipe, range });
  });
  whole.set(values, offset);
  console.log(`worker ${index} drew elements ${range.join(" to ")}`);
}
await Promise.all(Array.from({ length: workers }, (_, index) => fill(index)));

let different = 0;
for await (const { offset, values } of remake(undefined, recipe)) {
  different += values.filter((value, i) => !Object.is(value, whole[offset + i])).length;
}
console.log(`${different} of ${size} elements differ from those that one host draws alone`);

// The workers sleep and go with the process: see `web_worker.ts`.
Deno.exit(different === 0 ? 0 : 1);
