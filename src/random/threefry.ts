/**
 * The host twin of the Threefry kernel: the same blocks, bit for bit, from the same constants.
 *
 * @module
 */
import { THREEFRY_PARITY, THREEFRY_ROTATIONS, THREEFRY_ROUNDS } from "../../kernels/threefry.ts";

/**
 * One block of Threefry2x32 (Salmon et al., SC'11, section 3.2).
 *
 * @param counter Two words.
 * @param key Two words.
 * @param rounds Twenty, unless another variant is tested.
 * @returns Two random words.
 */
export function threefry2x32(
  counter: readonly [number, number],
  key: readonly [number, number],
  rounds: number = THREEFRY_ROUNDS,
): [number, number] {
  const k = [key[0], key[1], key[0] ^ key[1] ^ THREEFRY_PARITY];
  let x = (counter[0] + key[0]) | 0, y = (counter[1] + key[1]) | 0;
  for (let i = 0; i < rounds; i++) {
    const distance = THREEFRY_ROTATIONS[i % THREEFRY_ROTATIONS.length];
    x = (x + y) | 0;
    y = ((y << distance) | (y >>> (32 - distance))) ^ x;
    if (i % 4 === 3) {
      const group = (i + 1) / 4;
      x = (x + k[group % 3]) | 0;
      y = (y + k[(group + 1) % 3] + group) | 0;
    }
  }
  return [x >>> 0, y >>> 0];
}
