import { assertEquals } from "@std/assert";
import { erfInv, inverseNormalCdf, inverseNormalCdfFromHalf, normalCdf, normalDensity } from "./normal.ts";

// All reference values: mpmath 1.3.0 at 60 digits, of the float64 nearest to the argument, rounded to 20
// digits.

// deno-fmt-ignore
const QUANTILES = [
  [5e-324, -38.467405617144346251], [1e-300, -37.047096299361199237], [1e-100, -21.273453560965324294],
  [1e-30, -11.46402468844361572], [1e-16, -8.2220822161304356152], [2 ** -52, -8.1258906647019068585],
  [1e-10, -6.3613409024040561991], [1e-5, -4.2648907939228246102], [0.001, -3.0902323061678135354],
  [0.025, -1.9599639845400542118], [0.07, -1.4757910281791706856], [0.075, -1.4395314709384559349],
  [0.08, -1.4050715603096325447], [0.1, -1.2815515655446004353], [0.25, -0.6744897501960817432],
  [0.4, -0.25334710313579974132], [0.499, -0.0025066308995717662317], [0.49999999, -2.5066282733116223143e-8],
  [0.5, 0], [0.6, 0.25334710313579974132], [0.9, 1.2815515655446005935], [0.925, 1.4395314709384562291],
  [0.975, 1.9599639845400538556], [0.999, 3.0902323061678132778], [0.9999999, 5.1993375822906610937],
  [1 - 2 ** -53, 8.2095361516013868556],
];

// deno-fmt-ignore
const PROBABILITIES = [
  [-30, 4.9067139271481870595e-198], [-20, 2.7536241186062336951e-89], [-10, 7.619853024160526066e-24],
  [-8.3, 5.2055697448902540246e-17], [-5, 2.8665157187919391167e-7], [-3, 0.0013498980316300945267],
  [-2, 0.0227501319481792072], [-1.3, 0.096800484585610325542], [-1.25, 0.10564977366685525769],
  [-1.2, 0.11506967022170827665], [-1, 0.15865525393145705141], [-0.5, 0.30853753872598689636],
  [-0.001, 0.49960105778608893741], [0, 0.5], [1e-10, 0.50000000003989422804], [0.1, 0.53982783727702898367],
  [0.7, 0.75803634777692697138], [1, 0.84134474606854294859], [1.24, 0.89251230292541308085],
  [1.26, 0.89616531887869960344], [2, 0.9772498680518207928], [3, 0.99865010196836990547],
  [5, 0.99999971334842812081], [8, 0.9999999999999993779], [9, 0.99999999999999999989],
];

// deno-fmt-ignore
const INVERSE_ERRORS = [
  [1e-20, 8.8622692545275796504e-21], [1e-7, 8.8622692545276029368e-8], [0.1, 0.088855990494257691974],
  [0.5, 0.47693627620446987338], [0.9, 1.1630871536766741628], [0.99, 1.8213863677184494559],
  [0.9999999, 3.7665625816384708887], [-0.3, -0.27246271472675434502],
];

function assertRelative(table: number[][], compute: (x: number) => number, tolerance: number): void {
  for (const [x, expected] of table) {
    const actual = compute(x);
    const off = Math.abs(actual - expected);
    if (!(off <= tolerance * Math.abs(expected))) {
      throw new Error(`at ${x}: ${actual} instead of ${expected}, ${off / Math.abs(expected)} relative`);
    }
  }
}

Deno.test("the inverse normal CDF to 1e-15, from the smallest number to the last below 1", () => {
  assertRelative(QUANTILES, inverseNormalCdf, 1e-15);
});

Deno.test("the normal CDF to 2e-15, relative, on both sides of the change of method", () => {
  assertRelative(PROBABILITIES, normalCdf, 2e-15);
});

Deno.test("the inverse error function to 1e-15, with the relative precision of small arguments", () => {
  assertRelative(INVERSE_ERRORS, erfInv, 1e-15);
});

Deno.test("the edges of the normal functions", () => {
  assertEquals([0, 1, 0.5, -0.1, 1.1, NaN].map(inverseNormalCdf), [-Infinity, Infinity, 0, NaN, NaN, NaN]);
  assertEquals([-0.5, 0.5, 0, 0.6, NaN].map(inverseNormalCdfFromHalf), [-Infinity, Infinity, 0, NaN, NaN]);
  assertEquals([-Infinity, Infinity, 0, NaN].map(normalCdf), [0, 1, 0.5, NaN]);
  assertEquals([-Infinity, Infinity, NaN].map(normalDensity), [0, 0, NaN]);
});

Deno.test("the inverse rises with every float32 step of a uniform number, and is odd about 1/2", () => {
  let below = -Infinity;
  for (let k = 1; k < 2 ** 24; k += 4099) {
    const x = inverseNormalCdf(k * 2 ** -24);
    if (!(x > below)) throw new Error(`not above ${below} at ${k}`);
    if (x !== -inverseNormalCdf(1 - k * 2 ** -24)) throw new Error(`not odd at ${k}`);
    below = x;
  }
});
