/**
 * Numbers drawn on the device, for the tests of this folder.
 *
 * @module
 */
import type { HostArray } from "../../src/gpu/mod.ts";
import { type Distribution, type Key, recordDraw, sampler } from "../../src/random/mod.ts";
import { testGpu } from "../gpu_fixture.ts";

/** Numbers of a test, unless it says otherwise. */
export const N = 2 ** 20;

/**
 * Elements `start` to `start + count` of a stream, by the device.
 *
 * @param key Which stream.
 * @param distribution Of what.
 * @param count How many.
 * @param start The first one.
 */
export async function drawn(
  key: Key,
  distribution: Distribution,
  count = N,
  start = 0,
): Promise<HostArray> {
  const gpu = await testGpu();
  using out = gpu.buffer("numbers", sampler(distribution, key.generator).type, count);
  using program = await gpu.record("draw", (r) => recordDraw(r, key, distribution, out, { start, count }));
  program.submit();
  return await gpu.read(out);
}

/** Words of a stream, by the device. */
export async function drawnWords(key: Key, count = N, start = 0): Promise<Uint32Array> {
  return await drawn(key, { kind: "bits" }, count, start) as Uint32Array;
}

/** The first `each` words of many streams, by the device, one stream after the other; `each` is a multiple of 64. */
export async function drawnStreams(keys: readonly Key[], each: number): Promise<Uint32Array> {
  const gpu = await testGpu();
  using out = gpu.buffer("words", "u32", keys.length * each);
  using program = await gpu.record("draw", (r) => {
    keys.forEach((key, i) => recordDraw(r, key, { kind: "bits" }, out.view(i * each, each)));
  });
  program.submit();
  return await gpu.read(out);
}
