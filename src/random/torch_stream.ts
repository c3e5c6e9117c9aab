/**
 * PyTorch's CPU generator on the host: one sequential stream, the same numbers as after `torch.manual_seed(seed)`.
 *
 * Held against PyTorch 2.13 for x86-64 with AVX2: every float32 bit for bit. Without AVX2 PyTorch rounds bounded uniforms twice, so
 * that they differ by up to one float32 step of the bound, and calls its C library for normals, which differ by up to 2.2e-6.
 *
 * Its parts: the generator (`ATen/CPUGeneratorImpl`), the distributions (`ATen/core/DistributionsHelper.h`) and the loops over a
 * tensor (`ATen/native/cpu/DistributionTemplates.h`).
 *
 * @module
 */
import { ArgumentError } from "../gpu/errors.ts";
import { checkedCount, Mt19937 } from "./mt19937.ts";
import { normalCdf } from "./normal.ts";
import { fma32 } from "./torch_fma.ts";
import { NORMAL_GROUP, normalGroup, normalGroup64 } from "./torch_normal.ts";

const UNIT24 = 2 ** -24, UNIT53 = 2 ** -53, LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** From this range on PyTorch draws an integer from 64 bits, so that the remainder stays nearly unbiased. */
const WIDE_RANGE = 2 ** 28;

/** From this length on PyTorch shuffles in another way. */
const LONG_PERMUTATION = Math.floor((2 ** 32 - 1) / 20);

/** A rejection that keeps less than this of each round would take too many of them. */
const LEAST_KEPT = 1 / 16;

/**
 * The stream of one seed. Every draw moves it on, so the order of the calls matters, as it does in PyTorch.
 *
 * Two things are not sequential as one might think, and are kept as PyTorch has them: from 16 elements on a draw of normals takes
 * other words than 16 single ones do, and the second normal of a pair that a shorter draw has left over waits for the next shorter
 * draw, whatever is drawn in between.
 *
 * @example
 * ```ts
 * import { TorchStream } from "./torch_stream.ts";
 *
 * const stream = new TorchStream(0); // torch.manual_seed(0)
 * const weights = stream.uniform(3); // torch.rand(3)
 * if (weights[0] !== 0.49625658988952637) throw new Error("not PyTorch's");
 * ```
 */
export class TorchStream {
  readonly #engine: Mt19937;
  /** The sine of the last pair of single normals, where only its cosine has been given away. */
  #sine: number | undefined;

  /**
   * The stream after `torch.manual_seed(seed)`.
   *
   * @param seed As `torch.manual_seed` takes it: -2^63 to 2^64 - 1 as a bigint, or a safe integer.
   * @throws {ArgumentError} when it is no such number.
   */
  constructor(seed: number | bigint) {
    this.#engine = new Mt19937(seed);
  }

  /**
   * `torch.empty(count).uniform_(from, to)`, and with its defaults `torch.rand(count)`: u (to - from) + from, rounded once, with
   * u = the low 24 bits of a word, times 2^-24. `to` itself can come out, by rounding.
   *
   * @param count How many.
   * @param from Lower bound; taken as float32.
   * @param to Upper bound, not below it; taken as float32.
   * @throws {ArgumentError} when count is no whole number from 0 on, or the bounds are the wrong way round or not finite in float32.
   */
  uniform(count: number, from: number = 0, to: number = 1): Float32Array<ArrayBuffer> {
    const low = Math.fround(from), range = Math.fround(checkedWidth(low, Math.fround(to)));
    const out = this.#unit(count);
    if (low === 0 && range === 1) return out;
    for (let i = 0; i < out.length; i++) out[i] = fma32(out[i], range, low);
    return out;
  }

  /**
   * `torch.rand(count, dtype=torch.float64)`: the low 53 bits of two words, times 2^-53.
   *
   * @param count How many.
   * @throws {ArgumentError} when it is no whole number from 0 on.
   */
  uniform64(count: number): Float64Array<ArrayBuffer> {
    const out = new Float64Array(checkedCount(count));
    for (let i = 0; i < out.length; i++) out[i] = this.#engine.next53() * UNIT53;
    return out;
  }

  /**
   * `torch.empty(count).normal_(mean, std)`, and with its defaults `torch.randn(count)`; also all that `nn.init.orthogonal_` takes
   * from the stream (for a weight of rows · cols elements, of which it then makes a QR decomposition).
   *
   * Below 16 elements it is a Box-Muller of float64; from 16 on one of float32 in groups of 16, where the last 16 elements of a
   * ragged draw are drawn anew.
   *
   * @param count How many.
   * @param mean Mean.
   * @param std Standard deviation, 0 or more.
   * @throws {ArgumentError} when count is no whole number from 0 on, or mean or std is not finite in float32, or std negative.
   */
  normal(count: number, mean: number = 0, std: number = 1): Float32Array<ArrayBuffer> {
    checkMoments(mean, std);
    if (checkedCount(count) < NORMAL_GROUP) {
      return Float32Array.from({ length: count }, () => this.#single(mean, std));
    }
    const out = this.#unit(count), mean32 = Math.fround(mean), std32 = Math.fround(std);
    for (let i = 0; i + NORMAL_GROUP <= count; i += NORMAL_GROUP) normalGroup(out, i, mean32, std32);
    if (count % NORMAL_GROUP !== 0) {
      out.set(this.#unit(NORMAL_GROUP), count - NORMAL_GROUP);
      normalGroup(out, count - NORMAL_GROUP, mean32, std32);
    }
    return out;
  }

  /**
   * `torch.empty(count, dtype=torch.float64).normal_(mean, std)`, within a few units in the last place: `log`, `sin` and `cos` are
   * the engine's own.
   *
   * @param count How many.
   * @param mean Mean.
   * @param std Standard deviation, 0 or more.
   * @throws {ArgumentError} when count is no whole number from 0 on, or mean or std is not finite in float32, or std negative.
   */
  normal64(count: number, mean: number = 0, std: number = 1): Float64Array<ArrayBuffer> {
    checkMoments(mean, std);
    if (checkedCount(count) < NORMAL_GROUP) {
      return Float64Array.from({ length: count }, () => this.#single(mean, std));
    }
    const out = this.uniform64(count);
    for (let i = 0; i + NORMAL_GROUP <= count; i += NORMAL_GROUP) normalGroup64(out, i, mean, std);
    if (count % NORMAL_GROUP !== 0) {
      out.set(this.uniform64(NORMAL_GROUP), count - NORMAL_GROUP);
      normalGroup64(out, count - NORMAL_GROUP, mean, std);
    }
    return out;
  }

  /**
   * `nn.init.trunc_normal_(torch.empty(count), mean, std, a, b)` of PyTorch 2.12 and later: normals, and as long as any lies outside
   * [a, b], a whole tensor of new ones, of which those take the places outside. (PyTorch up to 2.11 used the inverse error function,
   * whose float32 made outliers.)
   *
   * PyTorch's own numbers are known for bounds two or more standard deviations from the mean.
   *
   * @param count How many.
   * @param mean Mean.
   * @param std Standard deviation, above 0.
   * @param a Lower bound; taken as float32.
   * @param b Upper bound; taken as float32.
   * @throws {ArgumentError} when an argument is not finite, std is not above 0, or less than 1/16 of the normals lie in [a, b].
   */
  truncNormal(
    count: number,
    mean: number = 0,
    std: number = 1,
    a: number = -2,
    b: number = 2,
  ): Float32Array<ArrayBuffer> {
    const low = Math.fround(a), high = Math.fround(b);
    checkCut(mean, std, low, high);
    const out = this.normal(count, mean, std);
    let outside = indicesOutside(out, low, high);
    while (outside.length > 0) {
      const fresh = this.normal(count, mean, std);
      for (const i of outside) out[i] = fresh[i];
      outside = outside.filter((i) => out[i] < low || out[i] > high);
    }
    return out;
  }

  /**
   * `torch.randint(low, high, (count,))`: low + the remainder of a word by (high - low); of two words as one number of 64 bits where
   * the range is 2^28 or more (as it is since PyTorch 2.7).
   *
   * @param low Least number: a safe integer.
   * @param high One more than the greatest: a safe integer, above low by at most 2^53.
   * @param count How many.
   * @throws {ArgumentError} when an argument is none of these.
   */
  randint(low: number, high: number, count: number): Float64Array<ArrayBuffer> {
    const range = checkedRange(low, high), out = new Float64Array(checkedCount(count));
    for (let i = 0; i < count; i++) out[i] = low + this.#below(range);
    return out;
  }

  /**
   * `torch.randperm(n)`: the shuffle of Fisher and Yates from the first place on; place i takes the one that is a word's remainder by
   * (n - i) further.
   *
   * @param n 0 to 214748363: a longer one PyTorch shuffles in another way.
   * @throws {ArgumentError} when n is no such number.
   */
  randperm(n: number): Uint32Array<ArrayBuffer> {
    if (checkedCount(n) >= LONG_PERMUTATION) {
      throw new ArgumentError(`a permutation of ${n} numbers`, `give at most ${LONG_PERMUTATION - 1}`);
    }
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = 0; i < n - 1; i++) {
      const j = i + this.#engine.next() % (n - i), kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }

  /** `count` float32 in [0, 1): multiples of 2^-24. */
  #unit(count: number): Float32Array<ArrayBuffer> {
    const words = this.#engine.words(count), out = new Float32Array(words.length);
    for (let i = 0; i < out.length; i++) out[i] = (words[i] & 0xffffff) * UNIT24;
    return out;
  }

  /** One normal in float64: sqrt(-2 ln(1 - u2)) cos 2πu1, and the sine kept for the next time. */
  #single(mean: number, std: number): number {
    let z = this.#sine;
    this.#sine = undefined;
    if (z === undefined) {
      const u1 = this.#engine.next53() * UNIT53, u2 = this.#engine.next53() * UNIT53;
      const radius = Math.sqrt(-2 * Math.log1p(-u2)), angle = 2 * Math.PI * u1;
      this.#sine = radius * Math.sin(angle);
      z = radius * Math.cos(angle);
    }
    return z * std + mean;
  }

  /** A remainder by the range. */
  #below(range: number): number {
    if (range < WIDE_RANGE) return this.#engine.next() % range;
    return Number(this.#engine.next64() % BigInt(range));
  }
}

/** Where elements lie outside of [low, high]. */
function indicesOutside(values: Float32Array, low: number, high: number): number[] {
  const outside: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low || values[i] > high) outside.push(i);
  }
  return outside;
}

/** The distance of two float32 bounds. */
function checkedWidth(low: number, high: number): number {
  const width = high - low;
  if (!(width >= 0 && width <= LARGEST_FLOAT32)) {
    throw new ArgumentError(
      `uniform from ${low} to ${high}`,
      "give finite bounds in float32, the lower one first",
    );
  }
  return width;
}

function checkMoments(mean: number, std: number): void {
  if (!Number.isFinite(Math.fround(mean)) || !(std >= 0) || !Number.isFinite(Math.fround(std))) {
    throw new ArgumentError(
      `a normal with mean ${mean} and std ${std}`,
      "give finite numbers, std 0 or more",
    );
  }
}

function checkCut(mean: number, std: number, low: number, high: number): void {
  checkMoments(mean, std);
  const kept = normalCdf((high - mean) / std) - normalCdf((low - mean) / std);
  if (!(std > 0 && low < high && kept >= LEAST_KEPT)) {
    throw new ArgumentError(
      `a normal with mean ${mean} and std ${std} cut to ${low} to ${high}`,
      `give a std above 0 and bounds that leave ${LEAST_KEPT} of it or more`,
    );
  }
}

function checkedRange(low: number, high: number): number {
  const range = high - low;
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || range < 1 || range > 2 ** 53) {
    throw new ArgumentError(
      `integers from ${low} to below ${high}`,
      "give whole numbers of 53 bits, the lower one first",
    );
  }
  return range;
}
