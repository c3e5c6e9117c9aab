/**
 * Matrices packed into images: what Mesa's software driver reads fastest.
 *
 * It turns a load from a storage buffer into a loop over the eight lanes, with a test and a jump for each; a load from a storage
 * image, four numbers at once, has neither. A matrix [rows, columns] becomes rows of ceil(columns / 4) texels of four numbers,
 * the last filled up with zeros, one row after the other; texel t lies at (t % 4096, t / 4096), so that no matrix is too long.
 *
 * @module
 */
import { type Binding, type Kernel, linearGrid, reads } from "./kernel.ts";

/** Texels in a row of an image; a power of two within every implementation's limit. */
export const IMAGE_WIDTH = 4096;

/** WGSL: where texel t of an image lies. */
export const IMAGE_AT = `
fn image_at(t: u32) -> vec2<u32> { return vec2(t % ${IMAGE_WIDTH}u, t / ${IMAGE_WIDTH}u); }`;

/**
 * Texels that a packed matrix takes.
 *
 * @param rows Its rows, 0 or more.
 * @param columns Its columns, 0 or more.
 */
export function imageTexels(rows: number, columns: number): number {
  return rows * Math.ceil(columns / 4);
}

/** A packed matrix as an operand, or as a result that is only written. */
export function image<N extends string>(name: N, access: "read" | "read_write"): Binding<N> {
  return { name, type: "f32", access, image: true };
}

/** Invocations of a packing kernel's workgroup. */
const LANES = 64;

/**
 * Copies a matrix into an image. Parameters: `rows`, `columns` of x, each 0 or more.
 *
 * @param fours Whether the number of columns is a multiple of four: four numbers are then one load.
 * @returns The kernel.
 */
export function packImage(fours: boolean): Kernel<"x" | "packed", "rows" | "columns"> {
  const one = (q: number) =>
    q === 0 ? "x[first]" : `select(x[min(first + ${q}u, last)], 0.0, column + ${q}u >= p.columns)`;
  const load = fours ? "  let four = x[t];" : `
  let column = t % across * 4u;
  let first = t / across * p.columns + column;
  let last = p.rows * p.columns - 1u;
  let four = vec4(${[0, 1, 2, 3].map(one).join(", ")});`;
  return {
    name: fours ? "pack_image_fours" : "pack_image",
    bindings: [fours ? { ...reads("x"), lanes: 4 } : reads("x"), image("packed", "read_write")],
    params: { rows: "u32", columns: "u32" },
    body: `
${IMAGE_AT}
@compute @workgroup_size(${LANES})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let across = (p.columns + 3u) / 4u;
  // Surplus invocations repeat the last texel: cheaper on a software driver than a mask.
  let t = min((group.y * groups.x + group.x) * ${LANES}u + lane, p.rows * across - 1u);
${load}
  textureStore(packed, image_at(t), four);
}`,
    workgroups: ({ rows, columns }) => linearGrid(Math.ceil(imageTexels(rows, columns) / LANES)),
  };
}
