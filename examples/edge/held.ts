/**
 * The bytes that the server holds for its clients: bodies that arrive, answers that are not fetched yet.
 *
 * @module
 */

/** Counts bytes against a bound. */
export class Held {
  /** Bytes held now. */
  bytes = 0;
  readonly #most: number;

  /** A count of bytes, of which there should be so many at most. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether nothing more should be begun. */
  get full(): boolean {
    return this.bytes > this.#most;
  }

  /** A share of the count, given back at the end of its scope. */
  share(): Share {
    let mine = 0;
    return {
      add: (bytes) => {
        mine += bytes;
        this.bytes += bytes;
      },
      [Symbol.dispose]: () => {
        this.bytes -= mine;
        mine = 0;
      },
    };
  }
}

/** What one request holds. */
export interface Share extends Disposable {
  /** More bytes; fewer where the number is below 0. */
  add(bytes: number): void;
}
