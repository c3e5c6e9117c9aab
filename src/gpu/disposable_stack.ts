/**
 * The language's `DisposableStack`, for runtimes that have `using` compiled away but not this: Node before 24, and browsers.
 *
 * @module
 */

/**
 * Holds what is released together, in the order opposite to that in which it came. As ECMAScript's (proposal Explicit Resource
 * Management), without `adopt` and `defer`; where several releases fail the first error is thrown, after all were tried.
 */
export class DisposableStack implements Disposable {
  #held: Disposable[] = [];

  /**
   * Takes something over.
   *
   * @param value What is to be released.
   * @returns The same.
   */
  use<T extends Disposable>(value: T): T {
    this.#held.push(value);
    return value;
  }

  /** Hands all it holds to a new stack, and holds nothing any more. */
  move(): DisposableStack {
    const moved = new DisposableStack();
    moved.#held = this.#held;
    this.#held = [];
    return moved;
  }

  /** Releases all it holds, the latest first. */
  dispose(): void {
    const errors: unknown[] = [];
    while (this.#held.length > 0) {
      try {
        this.#held.pop()![Symbol.dispose]();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  /** The same as {@linkcode DisposableStack.dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
