/**
 * Makes the table of `kernels/normal_table.ts` again, in float64: `deno run tests/oracle/inverse_normal_fit.ts` prints it.
 *
 * In every segment the cubic that meets -Φ⁻¹(p) at the four Chebyshev nodes, which is within a few percent of the best one.
 *
 * @module
 */
import { inverseNormalCdf } from "./normal.ts";

const OCTAVES = 32, SEGMENTS = 16, VALUE_UNIT = 2 ** 29, SLOPE_UNIT = 2 ** 35;

/** The tail probability at position x, 0 to 1, of a segment. Octave 0 is [1/4, 1/2), octave 1 [1/8, 1/4), and so on. */
export function tailProbability(octave: number, segment: number, x: number): number {
  return (SEGMENTS + segment + x) / SEGMENTS * 2 ** (-2 - octave);
}

/** All coefficients, shape [32, 16, 4]: |z| = c0 - x(c1 - x(c2 - x·c3)). */
export function fitNormalTable(): Uint32Array {
  const table = new Uint32Array(OCTAVES * SEGMENTS * 4);
  for (let octave = 0; octave < OCTAVES; octave++) {
    for (let segment = 0; segment < SEGMENTS; segment++) {
      const cubic = chebyshevCubic((x) => -inverseNormalCdf(tailProbability(octave, segment, x)));
      table.set(quantize(cubic), (octave * SEGMENTS + segment) * 4);
    }
  }
  return table;
}

/** Monomial coefficients of the cubic through f at the four Chebyshev nodes of [0, 1]. */
function chebyshevCubic(f: (x: number) => number): number[] {
  const nodes = [0, 1, 2, 3].map((i) => (1 - Math.cos((2 * i + 1) * Math.PI / 8)) / 2);
  const divided = nodes.map(f);
  for (let order = 1; order < 4; order++) {
    for (let i = 3; i >= order; i--) {
      divided[i] = (divided[i] - divided[i - 1]) / (nodes[i] - nodes[i - order]);
    }
  }
  // From Newton's form to powers of x.
  let powers = [divided[3], 0, 0, 0];
  for (let i = 2; i >= 0; i--) {
    powers = [0, 1, 2, 3].map((j) => (j > 0 ? powers[j - 1] : divided[i]) - nodes[i] * powers[j]);
  }
  return powers;
}

/** Signs alternate, as the derivatives of -Φ⁻¹ do; a coefficient of the wrong sign would be a defect of the fit. */
function quantize([c0, c1, c2, c3]: number[]): number[] {
  const words = [c0 * VALUE_UNIT, -c1 * SLOPE_UNIT, c2 * SLOPE_UNIT, -c3 * SLOPE_UNIT].map(Math.round);
  if (words.some((w) => !(w >= 0 && w < 2 ** 32))) throw new Error(`coefficients out of range: ${words}`);
  return words;
}

/** The module `kernels/normal_table.ts`. */
function tableModule(): string {
  const bytes = new Uint8Array(fitNormalTable().buffer);
  const base64 = btoa(String.fromCharCode(...bytes));
  const lines = base64.match(/.{1,100}/g)!.map((line) => `  "${line}",`);
  return `/**
 * The coefficients of the inverse normal distribution function, as little-endian 32-bit words in base64. Literal, since two
 * JavaScript engines need not agree in the last bit of \`Math.log\`. Printed by \`tests/oracle/inverse_normal_fit.ts\`.
 *
 * @module
 */

/** 2048 words. */
export const NORMAL_TABLE_BASE64: string = [
${lines.join("\n")}
].join("");

/** Words from base64 text, on a machine of any byte order. */
export function decodeWords(base64: string): Uint32Array {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4, true));
}
`;
}

if (import.meta.main) console.log(tableModule().trimEnd());
