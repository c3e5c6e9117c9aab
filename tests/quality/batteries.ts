/**
 * Batteries: the statistics that numbers of one kind are put to. The same ones judge the generators and the planted bad ones.
 *
 * @module
 */
import { normalCdf } from "../../src/random/mod.ts"; // ten times as fast as the oracle, to which the tests hold it
import { normalDensity } from "../oracle/normal.ts";
import {
  birthdaySpacings,
  chiSquare,
  chiSquareOutcome,
  countTest,
  crossCorrelation,
  duplicates,
  kolmogorovSmirnov,
  largestTest,
  meanTest,
  type Outcome,
  runsTest,
  serialCorrelation,
  worst,
} from "./statistics.ts";
import { normalTwoSided } from "./special.ts";

/** Outcomes by the name of the test. */
export type Battery = Record<string, Outcome>;

/**
 * Distances at which numbers are correlated: neighbours; 4, the words of a block; 256 = 64 · 4 and 1024 = 256 · 4, those of a
 * workgroup of 64 and of 256 invocations.
 */
const LAGS = [1, 2, 3, 4, 5, 6, 7, 8, 256, 1024];

/** Mean and standard deviation of U[0, 1). */
const UNIFORM_MEAN = 0.5, UNIFORM_SIGMA = Math.sqrt(1 / 12);

/** A fact that must hold for every number. */
function fact(holds: boolean): Outcome {
  return { statistic: holds ? 0 : 1, p: holds ? 1 : 0 };
}

/** Numbers by a function of the index. */
function numbers(n: number, value: (i: number) => number): Float64Array {
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) out[i] = value(i);
  return out;
}

/** Counts of values from 0 to cells - 1; others are not counted. */
function histogram(n: number, cells: number, cell: (i: number) => number): Float64Array {
  const counts = new Float64Array(cells);
  for (let i = 0; i < n; i++) counts[cell(i)]++;
  return counts;
}

/** How often each byte occurs at each of the four places of the words: 4 · 256 counts. */
function byteCounts(words: Uint32Array): Float64Array {
  const counts = new Float64Array(1024);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    counts[word & 255]++;
    counts[256 + ((word >>> 8) & 255)]++;
    counts[512 + ((word >>> 16) & 255)]++;
    counts[768 + (word >>> 24)]++;
  }
  return counts;
}

/** Chi-square on the bytes at each place of the words: 4 · 255 degrees. */
function bytesTest(words: Uint32Array): Outcome {
  return chiSquare(byteCounts(words), words.length / 256, 4 * 255);
}

/** The balance of each of the 32 bits: z = (ones - n / 2) / (sqrt(n) / 2). */
function bitOutcomes(words: Uint32Array): Outcome[] {
  const counts = byteCounts(words), n = words.length;
  return Array.from({ length: 32 }, (_, bit) => {
    let ones = 0;
    for (let byte = 0; byte < 256; byte++) {
      if ((byte >> (bit & 7)) & 1) ones += counts[((bit >> 3) << 8) | byte];
    }
    const z = (ones - n / 2) / (Math.sqrt(n) / 2);
    return { statistic: z, p: normalTwoSided(z) };
  });
}

function xor(a: Uint32Array, b: Uint32Array): Uint32Array {
  const out = new Uint32Array(Math.min(a.length, b.length));
  for (let i = 0; i < out.length; i++) out[i] = a[i] ^ b[i];
  return out;
}

/** Chi-square on 12-bit words, taken from three words at a time. */
function twelveBits(words: Uint32Array): Outcome {
  const triples = Math.floor(words.length / 3);
  const counts = new Float64Array(4096);
  for (let i = 0; i < 3 * triples; i += 3) {
    const a = words[i], b = words[i + 1], c = words[i + 2];
    counts[a & 4095]++;
    counts[(a >>> 12) & 4095]++;
    counts[(a >>> 24) | ((b & 15) << 8)]++;
    counts[(b >>> 4) & 4095]++;
    counts[(b >>> 16) & 4095]++;
    counts[(b >>> 28) | ((c & 255) << 4)]++;
    counts[(c >>> 8) & 4095]++;
    counts[c >>> 20]++;
  }
  return chiSquare(counts, triples * 8 / 4096);
}

/** Chi-square on the upper 4 bits of three words in a row: the planes of a lattice. */
function triplesTest(words: Uint32Array): Outcome {
  const triples = Math.floor(words.length / 3);
  const counts = histogram(
    triples,
    4096,
    (i) => (words[3 * i] >>> 28) << 8 | (words[3 * i + 1] >>> 28) << 4 | words[3 * i + 2] >>> 28,
  );
  return chiSquare(counts, triples / 4096);
}

/** Every 64 bits in a row that begin with a word. */
function windows(words: Uint32Array): BigUint64Array {
  const out = new Uint32Array(2 * (words.length - 1));
  for (let i = 0; i + 1 < words.length; i++) {
    out[2 * i] = words[i];
    out[2 * i + 1] = words[i + 1];
  }
  return new BigUint64Array(out.buffer);
}

/** Serial correlations at all {@linkcode LAGS}, the worst of them. */
function serialCorrelations(values: ArrayLike<number>, mean: number, sigma: number): Outcome {
  return worst(LAGS.map((lag) => serialCorrelation(values, lag, mean, sigma)));
}

/**
 * Words of a stream.
 *
 * Power at n = 2^20, where the worst of several is taken with their number allowed for: values of a byte that are off by 0.95 %
 * (1.9 % at one place of the word alone); a bit that is 1 with a probability off by 0.0039; 12-bit words off by 1.6 %; triples
 * off by 4.5 %; a correlation of 0.0075 at one of the {@linkcode LAGS}, of 0.0081 between two bits; the others as they say.
 *
 * @param words 2^16 or more.
 */
export function wordBattery(words: Uint32Array): Battery {
  const unit = numbers(words.length, (i) => words[i] * 2 ** -32);
  return {
    "Kolmogorov-Smirnov": kolmogorovSmirnov(unit, (x) => x),
    "bytes": bytesTest(words),
    "bit positions": worst(bitOutcomes(words)),
    "12-bit words": twelveBits(words),
    "triples": triplesTest(words),
    "runs": runsTest(unit, 0.5),
    "serial correlation": serialCorrelations(unit, UNIFORM_MEAN, UNIFORM_SIGMA),
    "bit correlation": worst(LAGS.flatMap((lag) => bitOutcomes(xor(words, words.subarray(lag))))),
    "equal words": duplicates(words),
    "equal blocks": duplicates(windows(words)),
    "birthday spacings": birthdaySpacings(words),
  };
}

/** Words of two streams of the same length. */
export function pairBattery(a: Uint32Array, b: Uint32Array): Battery {
  const both = new Uint32Array(a.length + b.length), different = xor(a, b);
  both.set(a);
  both.set(b, a.length);
  const unit = (words: Uint32Array) => numbers(words.length, (i) => words[i] * 2 ** -32);
  return {
    "cross-correlation": crossCorrelation(unit(a), unit(b), UNIFORM_MEAN, UNIFORM_SIGMA),
    "bytes of the difference": bytesTest(different),
    "bits of the difference": worst(bitOutcomes(different)),
    "equal words": duplicates(both),
    "equal blocks": duplicates(windows(both)),
  };
}

/** The numbers, and their second, third and fourth powers. */
function powers(values: Float64Array): Float64Array[] {
  const squares = values.map((x) => x * x);
  return [values, squares, values.map((x) => x * x * x), squares.map((x) => x * x)];
}

/** Numbers of U[0, 1): what every continuous distribution becomes by its distribution function. */
function unitBattery(unit: Float64Array): Battery {
  const n = unit.length, bins = histogram(n, 256, (i) => Math.min(Math.floor(unit[i] * 256), 255));
  const moments = powers(unit).map((power, i) => {
    const mean = 1 / (i + 2), sigma = Math.sqrt(1 / (2 * i + 3) - mean * mean);
    return meanTest(power, mean, sigma);
  });
  return {
    "Kolmogorov-Smirnov": kolmogorovSmirnov(unit, (x) => x),
    "bins": chiSquare(bins, n / 256),
    "moments of the probability": worst(moments),
    "runs": runsTest(unit, 0.5),
    "serial correlation": serialCorrelations(unit, UNIFORM_MEAN, UNIFORM_SIGMA),
  };
}

/**
 * Numbers of U[low, high).
 *
 * @param values The numbers.
 * @param low Lower bound.
 * @param high Upper bound, which none may reach.
 * @param bits Where low and high are such that nothing is rounded: the numbers are multiples of 2^-bits (high - low).
 */
export function uniformBattery(
  values: ArrayLike<number>,
  low: number,
  high: number,
  bits?: number,
): Battery {
  const n = values.length, unit = numbers(n, (i) => (values[i] - low) / (high - low));
  const battery = { ...unitBattery(unit), "support": fact(unit.every((u) => u >= 0 && u < 1)) };
  if (bits === undefined) return battery;
  const steps = unit.map((u) => u * 2 ** bits);
  return {
    ...battery,
    "low bits": chiSquare(histogram(n, 256, (i) => steps[i] & 255), n / 256),
    "lattice": fact(steps.every(Number.isInteger)),
  };
}

/** Moments of the standard normal distribution: mean and standard deviation of z^k. */
const NORMAL_MOMENTS = [
  { mean: 0, sigma: 1 },
  { mean: 1, sigma: Math.sqrt(2) },
  { mean: 0, sigma: Math.sqrt(15) },
  { mean: 3, sigma: Math.sqrt(96) },
];

/** Numbers of N(mean, std²). */
export function normalBattery(values: ArrayLike<number>, mean: number, std: number): Battery {
  const z = numbers(values.length, (i) => (values[i] - mean) / std);
  const moments = powers(z).map((power, i) =>
    meanTest(power, NORMAL_MOMENTS[i].mean, NORMAL_MOMENTS[i].sigma)
  );
  return { ...unitBattery(z.map(normalCdf)), "moments": worst(moments) };
}

/** The tails of N(0, 1), in parts. */
export class TailCounts {
  /** Numbers beyond 3, 4 and 5 on the left and on the right. */
  readonly beyond = [0, 0, 0, 0, 0, 0];
  /** The largest absolute value. */
  largest = 0;
  /** Of how many numbers. */
  n = 0;

  /** Counts further numbers. */
  add(values: ArrayLike<number>): void {
    this.n += values.length;
    for (let i = 0; i < values.length; i++) {
      const z = values[i], distance = Math.abs(z);
      if (distance > this.largest) this.largest = distance;
      for (let k = 3; k <= 5 && distance > k; k++) this.beyond[2 * (k - 3) + (z > 0 ? 1 : 0)]++;
    }
  }

  /**
   * Counts against the expectation, which at n = 2^25 is 45295 beyond 3 on each side, 1063 beyond 4 and 19.2 beyond 5 on both
   * sides together. Detected are 3.5 % more or fewer beyond 3, 23 % beyond 4, and at 5 a tail that is missing or 3.3 times as
   * heavy.
   */
  battery(): Battery {
    const expected = (k: number) => this.n * normalTwoSided(k) / 2, [l3, r3, l4, r4, l5, r5] = this.beyond;
    return {
      "beyond 3": worst([countTest(l3, expected(3)), countTest(r3, expected(3))]),
      "beyond 4": worst([countTest(l4, expected(4)), countTest(r4, expected(4))]),
      "beyond 5": countTest(l5 + r5, 2 * expected(5)),
      "largest": largestTest(this.largest, this.n),
    };
  }
}

/** Numbers of N(mean, std²) given that they lie between low and high. */
export function truncatedBattery(
  values: ArrayLike<number>,
  { mean, std, low, high }: { mean: number; std: number; low: number; high: number },
): Battery {
  const a = (low - mean) / std, b = (high - mean) / std, first = normalCdf(a), mass = normalCdf(b) - first;
  const shift = (normalDensity(a) - normalDensity(b)) / mass;
  const spread = 1 + (a * normalDensity(a) - b * normalDensity(b)) / mass - shift * shift;
  const n = values.length, z = numbers(n, (i) => (values[i] - mean) / std);
  return {
    ...unitBattery(z.map((x) => (normalCdf(x) - first) / mass)),
    "mean": meanTest(z, shift, Math.sqrt(spread)),
    "support": fact(Array.from(values).every((x) => x >= low && x <= high)),
  };
}

/** Numbers that are 1 with the given probability, else 0. */
export function bernoulliBattery(values: ArrayLike<number>, probability: number): Battery {
  const sigma = Math.sqrt(probability * (1 - probability)), all = numbers(values.length, (i) => values[i]);
  return {
    "mean": meanTest(all, probability, sigma),
    "runs": runsTest(all, 0.5),
    "serial correlation": serialCorrelations(all, probability, sigma),
    "support": fact(all.every((x) => x === 0 || x === 1)),
  };
}

/** Whole numbers from low to low + range - 1. */
export function integerBattery(values: ArrayLike<number>, low: number, range: number): Battery {
  const n = values.length, cells = Math.min(range, 4096);
  const from0 = numbers(n, (i) => values[i] - low);
  const unit = from0.map((v) => (v + 0.5) / range);
  const cell = (i: number) => Math.floor(from0[i] * cells / range);
  // Whole numbers in cell c: from c · range / cells on, rounded up.
  const sizes = Array.from(
    { length: cells },
    (_, c) => Math.ceil((c + 1) * range / cells) - Math.ceil(c * range / cells),
  );
  const sigma = Math.sqrt((range * range - 1) / 12) / range;
  return {
    "bins": chiSquare(histogram(n, cells, cell), sizes.map((size) => n * size / range)),
    ...(range > 4096 ? { "residues": worst([3, 5, 16].map((m) => residues(from0, range, m))) } : {}),
    "moments": meanTest(unit, 0.5, sigma),
    "serial correlation": serialCorrelations(unit, 0.5, sigma),
    "support": fact(from0.every((v) => Number.isInteger(v) && v >= 0 && v < range)),
  };
}

/** Chi-square on the remainders modulo m: a product without rejection favours some of them. */
function residues(values: Float64Array, range: number, m: number): Outcome {
  const n = values.length;
  const sizes = Array.from({ length: m }, (_, r) => Math.ceil((range - r) / m));
  return chiSquare(histogram(n, m, (i) => values[i] % m), sizes.map((size) => n * size / range));
}

/**
 * Permutations of 0 to n - 1.
 *
 * `positions`: chi-square on how often each number stands at each place. Each row and each column of the n² counts sums to the
 * number of permutations, so that the sum has to be taken (n - 1) / n times to be chi-square with (n - 1)² degrees. `orders`:
 * chi-square on the n! orders. Power: at 2^16 permutations of 5, orders that are off by 5 %.
 *
 * @param permutations Of 5 numbers each.
 */
export function permutationBattery(permutations: readonly ArrayLike<number>[]): Battery {
  const n = 5,
    times = permutations.length,
    places = new Float64Array(n * n),
    orders = new Map<string, number>();
  for (const permutation of permutations) {
    for (let place = 0; place < n; place++) places[n * place + permutation[place]]++;
    const order = Array.from(permutation).join();
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  const counts = Array.from({ length: 120 }, (_, i) => [...orders.values()][i] ?? 0);
  const { statistic } = chiSquare(places, times / n);
  return {
    "positions": chiSquareOutcome(statistic * (n - 1) / n, (n - 1) ** 2),
    "orders": chiSquare(counts, times / 120),
  };
}

/**
 * One long permutation: Spearman's rank correlation with the order from which it began. Null distribution: normal with mean 0
 * and variance 1 / (n - 1). Power: 7.22 / sqrt(n).
 */
export function spearman(permutation: ArrayLike<number>): Outcome {
  const n = permutation.length, mean = (n - 1) / 2, sigma = Math.sqrt((n * n - 1) / 12);
  return crossCorrelation(permutation, numbers(n, (i) => i), mean, sigma);
}
