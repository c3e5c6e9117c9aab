import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { studentCdf, studentQuantile } from "../../src/diagnose/student.ts";
import { ArgumentError } from "../../src/gpu/errors.ts";
import { logGamma } from "../quality/special.ts";

Deno.test("Student's t: quantiles of printed tables", () => {
  const table: [p: number, degrees: number, t: number][] = [
    [0.975, 9, 2.262157],
    [0.975, 1, 12.706205],
    [0.975, 2, 4.302653],
    [0.975, 4, 2.776445],
    [0.95, 5, 2.015048],
    [0.995, 9, 3.249836],
    [0.9995, 3, 12.923979],
    [0.975, 30, 2.042272],
    [0.99, 120, 2.357825],
  ];
  for (const [p, degrees, t] of table) {
    assertAlmostEquals(studentQuantile(p, degrees), t, 1e-6, `t(${p}, ${degrees})`);
    assertAlmostEquals(studentQuantile(1 - p, degrees), -t, 1e-6);
  }
  assertAlmostEquals(studentQuantile(0.975, 9999), 1.9602, 1e-4);
  for (const degrees of [1, 2, 3, 10, 999]) assertAlmostEquals(studentQuantile(0.5, degrees), 0, 1e-15);
});

/** The density, from the gamma function: another way to the same distribution. */
function density(t: number, degrees: number): number {
  const c = logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - Math.log(degrees * Math.PI) / 2;
  return Math.exp(c - (degrees + 1) / 2 * Math.log1p(t * t / degrees));
}

Deno.test("Student's t: the probability is the integral of the density", () => {
  for (const degrees of [1, 2, 3, 4, 7, 8, 29, 100]) {
    for (const t of [0.3, 1, 2.5, 7]) {
      const steps = 4000, h = t / steps; // Simpson's rule
      let sum = density(0, degrees) + density(t, degrees);
      for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density(i * h, degrees);
      assertAlmostEquals(studentCdf(t, degrees), 0.5 + sum * h / 3, 1e-12, `${t}, ${degrees}`);
    }
  }
});

Deno.test("Student's t: the quantile undoes the probability, and both are symmetric and monotone", () => {
  fc.assert(fc.property(
    fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
    fc.integer({ min: 1, max: 400 }),
    (p, degrees) => {
      const t = studentQuantile(p, degrees);
      assertAlmostEquals(studentCdf(t, degrees), p, 1e-12);
      assertAlmostEquals(studentCdf(-t, degrees), 1 - p, 1e-12);
      assert(studentCdf(t + 0.1, degrees) > p);
    },
  ));
  assert(studentCdf(Infinity, 3) === 1 && studentCdf(-Infinity, 3) === 0);
});

Deno.test("Student's t: what is no probability or no degrees is refused", () => {
  for (const p of [0, 1, -1, NaN]) assertThrows(() => studentQuantile(p, 3), ArgumentError, `p = ${p}`);
  for (const degrees of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => studentCdf(1, degrees), ArgumentError, `degrees = ${degrees}`);
  }
});
