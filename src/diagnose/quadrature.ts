/**
 * Expectations over one or two normal numbers, in float64 on the host.
 *
 * Gauss-Legendre on panels that shrink towards 0, where ReLU has its kink and a saturated tanh all of its slope. Gauss-Hermite's
 * rule converges only as a power of the number of nodes there.
 *
 * @module
 */

/** Nodes of a rule with their weights. */
export interface Rule {
  /** Where. */
  readonly at: Float64Array;
  /** How much each counts. */
  readonly weight: Float64Array;
}

/**
 * Gauss-Legendre's rule on [-1, 1], by Newton's method on P_n from Tricomi's first guess.
 *
 * @param n Nodes, 1 or more; exact for polynomials of degree 2n - 1.
 */
export function gaussLegendre(n: number): Rule {
  const at = new Float64Array(n), weight = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let x = Math.cos(Math.PI * (i + 0.75) / (n + 0.5)), slope = 0;
    for (let step = 0; step < 8; step++) {
      let p = 1, before = 0;
      for (let k = 1; k <= n; k++) [p, before] = [((2 * k - 1) * x * p - (k - 1) * before) / k, p];
      slope = n * (x * p - before) / (x * x - 1);
      x -= p / slope;
    }
    at[i] = x;
    weight[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return { at, weight };
}

/** A rule on each of consecutive panels, as one rule. */
function composite(edges: readonly number[], order: number): Rule {
  const { at, weight } = gaussLegendre(order), x: number[] = [], w: number[] = [];
  for (let panel = 0; panel + 1 < edges.length; panel++) {
    const half = (edges[panel + 1] - edges[panel]) / 2, middle = (edges[panel + 1] + edges[panel]) / 2;
    for (let i = 0; i < order; i++) {
      x.push(middle + half * at[i]);
      w.push(half * weight[i]);
    }
  }
  return { at: Float64Array.from(x), weight: Float64Array.from(w) };
}

/** 0, then powers of two up to 1, then whole numbers. */
function edgesFromZero(smallestPower: number, end: number): number[] {
  const powers = Array.from({ length: -smallestPower + 1 }, (_, i) => 2 ** (smallestPower + i));
  return [0, ...powers, ...Array.from({ length: end - 1 }, (_, i) => i + 2)];
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}

/** Nodes for E[g(x)], x ~ N(0, 1): both sides of 0, out to 13, where 1e-37 of the density is left. */
export const normalRule: () => Rule = once(() => {
  const { at, weight } = composite(edgesFromZero(-30, 13), 10);
  const density = weight.map((w, i) => w * Math.exp(-at[i] * at[i] / 2) / Math.sqrt(2 * Math.PI));
  return {
    at: Float64Array.from([...at, ...at.map((x) => -x)]),
    weight: Float64Array.from([...density, ...density]),
  };
});

/**
 * E[g(x)] for x ~ N(0, 1); to rounding for functions that are smooth but for a kink at 0.
 *
 * @param g Any function.
 */
export function expectation(g: (x: number) => number): number {
  const { at, weight } = normalRule();
  let sum = 0;
  for (let i = 0; i < at.length; i++) sum += weight[i] * g(at[i]);
  return sum;
}

/** Radii, weighted by r exp(-r²/2) / 2π: what the density is in polar coordinates. */
const radii: () => Rule = once(() => {
  const { at, weight } = composite([...edgesFromZero(-5, 6), 8, 10], 7);
  return { at, weight: weight.map((w, i) => w * at[i] * Math.exp(-at[i] * at[i] / 2) / (2 * Math.PI)) };
});

/** Angles of a sector of width 1, finer towards both of its ends. */
const sector: () => Rule = once(() => {
  const rising = [0, ...Array.from({ length: 6 }, (_, i) => 2 ** (i - 6))];
  return composite([...rising, ...rising.slice(0, -1).reverse().map((x) => 1 - x)], 6);
});

/**
 * Visits nodes (u, v) with weights, for expectations over standard normals with a correlation. In polar coordinates u = r cos φ and
 * v = r cos(φ - θ), so that a kink at u = 0 or v = 0 lies on the edge of a sector.
 *
 * @param correlation -1 to 1.
 * @param visit Gets each node and its weight.
 */
export function visitPairs(
  correlation: number,
  visit: (u: number, v: number, weight: number) => void,
): void {
  const theta = Math.acos(Math.min(1, Math.max(-1, correlation))), quarter = Math.PI / 2;
  const edges = [-quarter, theta - quarter, quarter, theta + quarter, 3 * quarter];
  const r = radii(), s = sector();
  for (let i = 0; i < 4; i++) {
    const width = edges[i + 1] - edges[i];
    if (width === 0) continue;
    for (let a = 0; a < s.at.length; a++) {
      const phi = edges[i] + width * s.at[a], cu = Math.cos(phi), cv = Math.cos(phi - theta);
      for (let b = 0; b < r.at.length; b++) {
        visit(r.at[b] * cu, r.at[b] * cv, width * s.weight[a] * r.weight[b]);
      }
    }
  }
}
