/**
 * An orthonormal basis from random columns: Householder's QR decomposition in float64, on the host.
 *
 * Only + - * / and square roots, in one fixed order, which IEEE 754 rounds alike everywhere: the same columns give the same basis,
 * bit for bit, on any machine.
 *
 * @module
 */

/**
 * The Q of A = QR, its columns signed so that R's diagonal is positive. With that sign, standard normal columns give a Q that is
 * uniform over the matrices with orthonormal columns: F. Mezzadri, "How to generate random matrices from the classical compact
 * groups", 2007, section 5.
 *
 * @param columns A's columns, [n][m] with m >= n; overwritten.
 * @returns Q's columns, [n][m]. Takes about 4mn² operations.
 */
export function orthonormalBasis(columns: Float64Array[]): Float64Array[] {
  const n = columns.length, m = columns[0]?.length ?? 0;
  const reflectors: { v: Float64Array; tau: number }[] = [], signs: number[] = [];
  for (let k = 0; k < n; k++) {
    const { v, tau, diagonal } = reflector(columns[k].subarray(k));
    reflectors.push({ v, tau });
    signs.push(diagonal < 0 ? -1 : 1);
    for (let j = k + 1; j < n; j++) reflect(v, tau, columns[j].subarray(k));
  }
  // Q's columns are the unit vectors, reflected in reverse; vector j is untouched by the reflectors after it.
  return signs.map((sign, j) => {
    const q = new Float64Array(m);
    q[j] = sign;
    for (let k = j; k >= 0; k--) reflect(reflectors[k].v, reflectors[k].tau, q.subarray(k));
    return q;
  });
}

/** The reflection I - tau v vᵀ that takes x to a multiple of the first unit vector, and that multiple. */
function reflector(x: Float64Array): { v: Float64Array; tau: number; diagonal: number } {
  const v = x.slice(), norm = Math.sqrt(dot(x, x));
  if (norm === 0) return { v, tau: 0, diagonal: 0 };
  const diagonal = x[0] > 0 ? -norm : norm; // away from x, so that nothing cancels
  v[0] -= diagonal;
  return { v, tau: 2 / dot(v, v), diagonal };
}

function reflect(v: Float64Array, tau: number, x: Float64Array): void {
  const factor = tau * dot(v, x);
  for (let i = 0; i < v.length; i++) x[i] -= factor * v[i];
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
