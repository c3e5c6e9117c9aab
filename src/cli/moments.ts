/**
 * Mean, spread and bounds of numbers that come in pieces.
 *
 * @module
 */

/**
 * Moments of all pieces so far, in float64: each piece's own by two passes, merged by T. F. Chan, G. H. Golub, R. J. LeVeque,
 * "Updating formulae and a pairwise algorithm for computing sample variances", 1979, which loses no digits however many there are.
 */
export class Moments {
  /** The mean. */
  mean = 0;
  /** The smallest; Infinity before there is any. */
  min = Infinity;
  /** The largest; -Infinity before there is any. */
  max = -Infinity;
  #count = 0;
  /** Sum of the squared distances from the mean. */
  #squares = 0;

  /** The standard deviation, of all elements and not of a sample. */
  get std(): number {
    return this.#count === 0 ? 0 : Math.sqrt(this.#squares / this.#count);
  }

  /**
   * Takes a piece in.
   *
   * @param values One number or more.
   */
  add(values: Float32Array): void {
    let sum = 0, squares = 0;
    for (const value of values) {
      sum += value;
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
    }
    const mean = sum / values.length;
    for (const value of values) squares += (value - mean) ** 2;
    const count = this.#count + values.length, apart = mean - this.mean;
    this.#squares += squares + apart ** 2 * this.#count * values.length / count;
    this.mean += apart * values.length / count;
    this.#count = count;
  }
}
