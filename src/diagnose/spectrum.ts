/**
 * Geometry of a set of vectors: the angles between them and the directions that they take. Float64 on the host.
 *
 * @module
 */
import { effectiveRankOf } from "./theory.ts";

/**
 * The Gram matrix X Xᵀ of rows.
 *
 * @param x [rows, columns], row-major.
 * @param rows How many.
 * @param columns Elements of each.
 * @returns [rows, rows].
 */
export function gramMatrix(x: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const gram = new Float64Array(rows * rows);
  // Scaled to a largest element of 1: signals of 1e-170 or 1e170 must not leave the range when squared.
  const values = Float64Array.from({ length: rows * columns }, (_, i) => x[i]), scale = largest(values) || 1;
  for (let i = 0; i < values.length; i++) values[i] /= scale;
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let i = a * columns, j = b * columns, end = i + columns; i < end; i++, j++) {
        sum += values[i] * values[j];
      }
      gram[a * rows + b] = gram[b * rows + a] = sum;
    }
  }
  return gram.map((value) => value * scale * scale);
}

function largest(x: Float64Array): number {
  let most = 0;
  for (const value of x) most = Math.max(most, Math.abs(value));
  return most;
}

/**
 * The mean cosine over all pairs of different rows, from their Gram matrix. A row of zeros has no direction: its pairs do not count.
 *
 * @param gram [rows, rows].
 * @returns -1 to 1, or `null` where no pair has directions.
 */
export function meanPairwiseCosine(gram: Float64Array): number | null {
  return pairwiseCosine(gram)?.mean ?? null;
}

/**
 * Mean and variance of the cosine over all pairs of different rows that have directions.
 *
 * @param gram [rows, rows].
 */
export function pairwiseCosine(gram: Float64Array): { mean: number; variance: number } | null {
  const rows = Math.sqrt(gram.length), length = (i: number) => Math.sqrt(gram[i * (rows + 1)]);
  let sum = 0, squares = 0, pairs = 0;
  for (let a = 0; a < rows; a++) {
    if (!(length(a) > 0)) continue;
    for (let b = 0; b < a; b++) {
      if (!(length(b) > 0)) continue;
      const cosine = gram[a * rows + b] / length(a) / length(b);
      sum += cosine;
      squares += cosine * cosine;
      pairs++;
    }
  }
  if (pairs === 0) return null;
  const mean = sum / pairs;
  return { mean, variance: Math.max(0, squares / pairs - mean * mean) };
}

/**
 * The effective rank of rows: exp(H(σ / Σ σ)) over the singular values, the roots of the Gram matrix's eigenvalues (Roy and Vetterli,
 * 2007). In float64 a singular value below 1e-8 of the largest is noise, and is counted as such.
 *
 * @param gram [rows, rows].
 */
export function effectiveRankOfGram(gram: Float64Array): number {
  return effectiveRankOf(eigenvalues(gram).map((value) => Math.sqrt(Math.max(0, value))));
}

/**
 * Eigenvalues of a symmetric matrix, in no order: Householder's reduction to a tridiagonal matrix, then implicit QL steps.
 *
 * G. Golub, C. Van Loan, "Matrix computations", 4th edition, 2013, algorithms 8.3.1 and 8.3.3. Absolute error about 1e-16 of the
 * largest; about 4/3 n³ operations.
 *
 * @param symmetric [n, n]; left as it is.
 */
export function eigenvalues(symmetric: Float64Array): Float64Array {
  const scale = largest(symmetric) || 1; // elements are squared on the way
  const { diagonal, beside } = tridiagonal(symmetric.map((x) => x / scale), Math.sqrt(symmetric.length));
  return diagonalise(diagonal, beside).map((x) => x * scale);
}

/** Overwrites `a`, of which only the lower triangle is read. `beside[i]` joins i and i + 1. */
function tridiagonal(a: Float64Array, n: number): { diagonal: Float64Array; beside: Float64Array } {
  const diagonal = new Float64Array(n), beside = new Float64Array(n);
  const v = new Float64Array(n), p = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    diagonal[k] = a[k * n + k];
    const m = k + 1;
    if (m >= n) break;
    let square = 0;
    for (let i = m; i < n; i++) square += (v[i] = a[i * n + k]) ** 2;
    const alpha = v[m] > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    beside[k] = alpha;
    if (square === 0) continue;
    v[m] -= alpha;
    reflect(a, n, m, v, p, 1 / (square + Math.abs(alpha * (v[m] + alpha))));
  }
  return { diagonal, beside };
}

/** A ← (I - β v vᵀ) A (I - β v vᵀ) in the lower triangle from m on. */
function reflect(
  a: Float64Array,
  n: number,
  m: number,
  v: Float64Array,
  p: Float64Array,
  beta: number,
): void {
  p.fill(0, m);
  for (let i = m; i < n; i++) {
    const row = i * n;
    let sum = a[row + i] * v[i];
    for (let j = m; j < i; j++) {
      sum += a[row + j] * v[j];
      p[j] += a[row + j] * v[i];
    }
    p[i] += sum;
  }
  let along = 0;
  for (let i = m; i < n; i++) along += (p[i] *= beta) * v[i];
  for (let i = m; i < n; i++) p[i] -= beta * along / 2 * v[i];
  for (let i = m; i < n; i++) {
    for (let j = m, at = i * n + m; j <= i; j++, at++) a[at] -= v[i] * p[j] + p[i] * v[j];
  }
}

/** QL with Wilkinson's shift; both arrays are overwritten. */
function diagonalise(d: Float64Array, e: Float64Array): Float64Array {
  const n = d.length;
  let scale = 0;
  for (let i = 0; i < n; i++) scale = Math.max(scale, Math.abs(d[i]) + Math.abs(e[i]));
  const tiny = scale * 2 ** -53;
  for (let l = 0; l < n; l++) {
    for (let round = 0; round < 60; round++) {
      let m = l;
      while (m + 1 < n && Math.abs(e[m]) > tiny) m++;
      if (m === l) break;
      chase(d, e, l, m);
    }
  }
  return d;
}

/** One QL step on the block from l to m. */
function chase(d: Float64Array, e: Float64Array, l: number, m: number): void {
  let g = (d[l + 1] - d[l]) / (2 * e[l]), r = Math.hypot(g, 1);
  g = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r));
  let s = 1, c = 1, p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i], b = c * e[i];
    r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    r = (d[i] - g) * s + 2 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}
