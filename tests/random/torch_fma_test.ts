import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { fma32 } from "../../src/random/torch_fma.ts";

/** Below every bit of a product of two float32: all numbers here are multiples of 2^-SCALE. */
const SCALE = 298;

/** A float32 times 2^SCALE. */
function exact(x: number): bigint {
  const bits = new Uint32Array(Float32Array.of(x).buffer)[0];
  const exponent = (bits >>> 23) & 0xff, mantissa = BigInt(bits & 0x7fffff);
  const whole = exponent === 0 ? mantissa : mantissa + 0x800000n;
  return (bits >>> 31 === 0 ? whole : -whole) << BigInt(SCALE - 149 + Math.max(exponent, 1) - 1);
}

/** The float32 nearest to value · 2^-2·SCALE, ties to even: the definition, in integers. */
function nearest(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  const drop = BigInt(Math.max(magnitude.toString(2).length - 24, 2 * SCALE - 149));
  const kept = magnitude >> drop, rest = magnitude - (kept << drop), half = 1n << (drop - 1n);
  const rounded = kept + (rest > half || (rest === half && (kept & 1n) === 1n) ? 1n : 0n);
  // In two steps: 2^drop alone could be beyond float64's range.
  const result = Math.fround(Number(rounded) * 2 ** (Number(drop) - 2 * SCALE));
  return value < 0n ? -result : result;
}

Deno.test("fma32: the exact sum decides where float64 has rounded it to a tie", () => {
  assertEquals(4097 * 4097, 2 ** 24 + 8193); // halfway between two float32
  assertEquals(fma32(4097, 4097, 2 ** -40), 2 ** 24 + 8194);
  assertEquals(fma32(4097, 4097, -(2 ** -40)), 2 ** 24 + 8192);
  assertEquals(fma32(4097, -4097, 2 ** -40), -(2 ** 24) - 8192);
  assertEquals(fma32(4097, 4097, 0), 2 ** 24 + 8192);
  assertEquals(Math.fround(4097 * 4097 + 2 ** -40), 2 ** 24 + 8192, "two roundings would be wrong");
});

Deno.test("fma32: is a · b + c rounded once, for float32 of all sizes", () => {
  const float = fc.float({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(float, float, float, (a, b, c) => {
      const expected = nearest(exact(a) * exact(b) + (exact(c) << BigInt(SCALE)));
      assertEquals(fma32(a, b, c) + 0, expected + 0);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("fma32: is rounded once near ties too", () => {
  const odd = fc.integer({ min: 2 ** 11, max: 2 ** 12 - 1 }).map((k) => 2 * k + 1);
  const tiny = fc.integer({ min: -3, max: 3 }), shift = fc.integer({ min: -60, max: 4 });
  fc.assert(
    fc.property(odd, odd, tiny, shift, (a, b, k, s) => {
      const c = k * 2 ** s;
      const expected = nearest(exact(a) * exact(b) + (exact(c) << BigInt(SCALE)));
      assertEquals(fma32(a, b, c), expected);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("fma32: overflows to infinity on its own side, and passes NaN on", () => {
  const large = 2 ** 127;
  assertEquals(fma32(large, 2, 1), Infinity);
  assertEquals(fma32(large, -2, 1), -Infinity);
  assertEquals(fma32(large, 2, 2 ** 60), Infinity);
  assertEquals(fma32(NaN, 1, 1), NaN);
});
