/**
 * Threefry2x32: JAX's counter-based generator.
 *
 * J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 3.2: twenty
 * rounds of add, rotate and xor, with a key injected after every four.
 *
 * The numbers below are shared with the host twin in `src/random/threefry.ts`.
 *
 * @module
 */

/** Rotation distances of eight rounds; then they begin again. */
export const THREEFRY_ROTATIONS: readonly number[] = [13, 15, 26, 6, 17, 29, 16, 24];

/** Xored with the two key words to give a third one. */
export const THREEFRY_PARITY = 0x1bd11bda;

/** Rounds: twenty, as in JAX and TensorFlow. */
export const THREEFRY_ROUNDS = 20;

/** One round on four blocks, and every four rounds the injection of two of the three key words. */
function round(i: number): string {
  const distance = THREEFRY_ROTATIONS[i % THREEFRY_ROTATIONS.length];
  const lines = ["  x += y;", `  y = ((y << vec4(${distance}u)) | (y >> vec4(${32 - distance}u))) ^ x;`];
  if (i % 4 === 3) {
    const group = (i + 1) / 4;
    lines.push(`  x += vec4(k[${group % 3}]);`, `  y += vec4(k[${(group + 1) % 3}] + ${group}u);`);
  }
  return lines.join("\n");
}

/** WGSL: `threefry2x32(x, y, key)` for four counters (x, y) at once, one in each lane; twenty rounds, unrolled. */
export const THREEFRY_WGSL: string = `
struct FourPairs { x: vec4<u32>, y: vec4<u32> }

fn threefry2x32(counter_x: vec4<u32>, counter_y: vec4<u32>, key: vec2<u32>) -> FourPairs {
  let k = array<u32, 3>(key.x, key.y, key.x ^ key.y ^ ${THREEFRY_PARITY}u);
  var x = counter_x + vec4(key.x);
  var y = counter_y + vec4(key.y);
${Array.from({ length: THREEFRY_ROUNDS }, (_, i) => round(i)).join("\n")}
  return FourPairs(x, y);
}
`;
