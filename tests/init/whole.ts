/**
 * Whole tensors from the pieces of `remake`.
 *
 * @module
 */
import type { Gpu } from "../../src/gpu/mod.ts";
import { type Manifest, remake, type RemakeOptions } from "../../src/init/mod.ts";

/**
 * Makes the tensors of a manifest, and asserts that the pieces follow one another without gaps.
 *
 * @param gpu Where; on the host without one.
 * @param manifest What.
 * @param options Which part, in which pieces.
 * @returns Name to elements, in order; of a range, those in it.
 */
export async function makeWhole(
  gpu: Gpu | undefined,
  manifest: Manifest,
  options: RemakeOptions = {},
): Promise<Map<string, Float32Array<ArrayBuffer>>> {
  const start = (options.range ?? manifest.range)?.[0] ?? 0;
  const pieces = new Map<string, Float32Array[]>(), ends = new Map<string, number>();
  for await (const { name, offset, values } of remake(gpu, manifest, options)) {
    const expected = ends.get(name) ?? start;
    if (offset !== expected) throw new Error(`${name}: a piece at ${offset}, not at ${expected}`);
    if (values.length === 0) throw new Error(`${name}: an empty piece at ${offset}`);
    ends.set(name, offset + values.length);
    pieces.set(name, [...pieces.get(name) ?? [], values]);
  }
  return new Map([...pieces].map(([name, parts]) => [name, joined(parts)]));
}

/** The only tensor of a manifest. */
export async function makeOne(
  gpu: Gpu | undefined,
  manifest: Manifest,
  options: RemakeOptions = {},
): Promise<Float32Array<ArrayBuffer>> {
  const [values, ...others] = (await makeWhole(gpu, manifest, options)).values();
  if (others.length > 0) throw new Error(`${others.length + 1} tensors`);
  return values;
}

function joined(parts: readonly ArrayLike<number>[]): Float32Array<ArrayBuffer> {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
